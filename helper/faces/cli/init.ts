/**
 * Makes a folder ready for agents: shows what would become of which file and what an agent cannot be told, and writes it when the
 * person who sees it agrees. It decides nothing: what is written is exactly what was shown, or the helper refuses.
 */
import { createInterface } from 'node:readline/promises';
import { LassoError } from '../../protocol/errors.ts';
import type { AgentPlan } from '../../protocol/agent-operations.ts';
import type { OperationInput } from '../../protocol/operations.ts';
import type { Connection } from './connection.ts';
import { type Console, paintFor } from './console.ts';
import { planText, writtenText } from './render/agents.ts';
import { jsonText, visible } from './render/text.ts';

interface Seat {
  readonly connection: Connection;
  readonly console: Console;
}

interface Look {
  readonly json: boolean;
  readonly quiet: boolean;
}

type Input = OperationInput<'init'>;

/** Exit status: 1 where a file was left alone, or nobody was there to agree. @throws LassoError as the helper gave it */
export async function init(seat: Seat, input: Input, look: Look): Promise<number> {
  const { connection, console } = seat;
  const own = await ownProfile(connection, input);
  const params = paramsOf(input);
  const plan = await connection.call('agentPlan', params);
  const changes = own || plan.files.some(({ change }) => change !== 'same' && change !== 'refused');
  if (!look.json && !look.quiet) console.stdout.write(shown(plan, own, console));
  if (input.dryRun === true || !changes) return ended(seat, { profile: [], plan }, look, changes ? '' : 'Everything is as it should be.\n');
  if (input.yes !== true && !(await agreed(seat, look))) return 1;
  const profile = own ? (await connection.call('folderInit', folderParams(input))).files : [];
  if (!look.json && !look.quiet) console.stdout.write(profile.map((file) => `wrote  ${visible(file)}\n`).join(''));
  const written = own
    ? await afterOwnProfile(seat, input, plan, look)
    : await connection.call('agentWrite', { ...params, expect: plan.digest });
  if (written === undefined) return 1;
  return ended(seat, { profile, plan: written }, look, writtenText(written));
}

/** Its own profile is part of what agents are told: what was shown may have changed with it, and is shown again then. */
async function afterOwnProfile(seat: Seat, input: Input, before: AgentPlan, look: Look): Promise<AgentPlan | undefined> {
  const { connection, console } = seat;
  const params = paramsOf(input);
  const plan = await connection.call('agentPlan', params);
  if (plan.digest !== before.digest && input.yes !== true) {
    console.stdout.write(`\nWith the folder’s own profile the agents are told something else:\n\n${shown(plan, false, console)}`);
    if (!(await agreed(seat, look))) return undefined;
  }
  return await connection.call('agentWrite', { ...params, expect: plan.digest });
}

/** Whether the folder is to be given a profile: it has none, or it shall be replaced. */
async function ownProfile(connection: Connection, { dir, remove, force }: Input): Promise<boolean> {
  if (remove === true) return false;
  if (force === true) return true;
  const { state, files } = await connection.call('profileApprove', { ...(dir === undefined ? {} : { dir }), look: true });
  return state === 'none' && files.length === 0;
}

const paramsOf = ({ dir, profile, agent, remove }: Input): OperationInput<'agentPlan'> => ({
  ...(dir === undefined ? {} : { dir }),
  ...(profile === undefined ? {} : { profile }),
  ...(agent === undefined ? {} : { agents: agent }),
  ...(remove === undefined ? {} : { remove }),
});

const folderParams = ({ dir, profile, agent, fromConfig, force }: Input): OperationInput<'folderInit'> => ({
  ...(dir === undefined ? {} : { dir }),
  ...(profile === undefined ? {} : { profile }),
  ...(agent?.[0] === undefined ? {} : { agent: agent[0] }),
  ...(fromConfig === undefined ? {} : { fromConfig }),
  ...(force === undefined ? {} : { force }),
});

function shown(plan: AgentPlan, own: boolean, { stdout, environment }: Console): string {
  const paint = paintFor(stdout, environment);
  const profile = own
    ? `${paint('green', 'create')}  ${paint('bold', '.lasso/profile.toml')}: a profile of the folder’s own, which only tightens\n`
    : '';
  return profile + planText(plan, paint);
}

async function agreed({ console }: Seat, { json }: Look): Promise<boolean> {
  const { stdin, stderr } = console;
  if (json || stdin.isTTY !== true || stderr.isTTY !== true)
    throw new LassoError(
      'BAD_REQUEST',
      'Nothing is written: nobody is there to agree',
      'Run it again with --yes, or only look with --dry-run.',
    );
  const lines = createInterface({ input: stdin, output: stderr });
  // An input that ends answers nothing, and must not be waited for.
  const over = new AbortController();
  lines.once('close', () => over.abort());
  const answer = await lines.question('Write it? [y/N] ', { signal: over.signal }).catch(() => '');
  lines.close();
  return /^y(es)?$/i.test(answer.trim());
}

function ended(
  { console }: Seat,
  result: { readonly profile: readonly string[]; readonly plan: AgentPlan },
  look: Look,
  text: string,
): number {
  const { plan, profile } = result;
  const changed = plan.files.filter(({ change }) => change !== 'same' && change !== 'refused').map(({ path }) => path);
  if (look.json) console.stdout.write(`${jsonText(result, 2)}\n`);
  else if (look.quiet) console.stdout.write([...profile, ...changed].map((path) => `${visible(path)}\n`).join(''));
  else console.stdout.write(text);
  const refused = plan.files.filter(({ change }) => change === 'refused');
  if (refused.length === 0) return 0;
  console.stderr.write(`lasso: ${refused.length === 1 ? 'one file was' : `${refused.length} files were`} left alone\n`);
  return 1;
}
