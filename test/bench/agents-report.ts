/**
 * `npm run agents-report`: plays the known ways to run a forbidden command to each real agent three times (with its own rules alone,
 * with LASSO's hook beside them, in a whole sandbox) and writes what came through as helper/agents/BYPASSES.md.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agents } from '../../helper/agents/index.ts';
import { evilHost } from '../kit/agents/acts.ts';
import { playBare } from '../kit/agents/bare.ts';
import { barePorts } from '../kit/agents/bare-ports.ts';
import { bypassesTo, type Bypass, cameThrough, layOutVictims } from '../kit/agents/bypasses.ts';
import { bypassPage, type Outcome } from '../kit/agents/bypass-page.ts';
import { type Contender, contendersAt, profileFor } from '../kit/agents/contenders.ts';
import { type AgentProgram, agentPrograms } from '../kit/agents/store.ts';
import { nodeMounts } from '../kit/engine-image.ts';
import { TestLasso } from '../kit/lasso.ts';
import { shell, type Step } from '../kit/model/script.ts';
import { networkProgram } from '../kit/network.ts';
import { scriptedModel } from '../kit/scripted-model.ts';
import { openOutside } from '../kit/servers/outside.ts';
import { root } from '../kit/sources.ts';

const modelHost = 'model.example';
const node = '/opt/node/node';
const chosen = process.argv.slice(2);
const model = scriptedModel();
const folder = mkdtempSync(join(tmpdir(), 'lasso-ways-'));
const outside = await openOutside(folder, { names: { [evilHost]: undefined }, sites: { [modelHost]: model.site } });
const lasso = new TestLasso({
  environment: { ...outside.environment, MODEL_VALUE: 'sk-a-key-that-stays-outside' },
  program: networkProgram,
});

/** What is forbidden, and nothing else that would stop it. */
const forbids = (agent: Contender): string =>
  profileFor(agent, modelHost).replace('[network]', '[commands]\nblacklist = ["curl", "wget", "rm"]\n\n[network]');
/** The same, with the gate off and the way to the pages open: what stops something here is the agent, or the hook that asks LASSO. */
const asksOnly = (agent: Contender): string =>
  forbids(agent).replace('[commands]', 'exec_gate = "off"\n\n[commands]').replace(`["${modelHost}"]`, `["${modelHost}", "${evilHost}"]`);

try {
  const all = contendersAt(`https://${modelHost}`).filter(({ name }) => chosen.length === 0 || chosen.includes(name));
  const programs = await agentPrograms(all.map(({ name }) => name));
  const outcomes: Outcome[] = [];
  for (const agent of all) {
    const program = programs.get(agent.name);
    if (program === undefined) continue;
    const own = await withOwnRules(agent, program);
    const hook = await inSandbox(agent, 'hook', asksOnly(agent));
    const sandbox = await inSandbox(agent, 'sandbox', forbids(agent));
    // What is forbidden by a program's name can be done by another; what must stay is said to be read-only.
    const kept = await inSandbox(agent, 'kept', `${forbids(agent)}\n[workspace]\nreadonly = ["victim-*/"]\n`, sandbox);
    outcomes.push({ title: agents[agent.name].title, version: program.version, own, hook, sandbox, kept });
    console.log(`${agent.name}: ${[own, hook, sandbox, kept].map(({ size }) => size).join(', ')}`);
  }
  const ways = bypassesTo({ host: evilHost, port: 80 }, node).map(({ label }) => label);
  const page = join(root, 'helper', 'agents', 'BYPASSES.md');
  if (chosen.length === 0) writeFileSync(page, bypassPage(ways, outcomes, new Date()));
} finally {
  await lasso.dispose();
  await outside.close();
  rmSync(folder, { recursive: true });
}

async function withOwnRules(agent: Contender, { folder: source }: AgentProgram): Promise<ReadonlySet<string>> {
  const bare = contendersAt(`http://127.0.0.1:${barePorts.model}`).find(({ name }) => name === agent.name) ?? agent;
  const { run } = agents[agent.name];
  if (run === undefined) return new Set();
  lasso.profile('forbids', forbids(agent).replace(/name = ".*"/, 'name = "forbids"'));
  const workspace = join(folder, `${agent.name}-own`);
  const ways = bypassesTo({ host: evilHost, port: barePorts.pages }, node);
  layOut(workspace, ways);
  const told = await (await lasso.connect()).call('agentConfig', { agent: agent.name, profile: 'forbids', dir: workspace });
  const variables = bare.environment.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const);
  const { code, reached, said } = await playBare({
    program: { source, target: `/opt/lasso/${agent.name}` },
    managed: told.managed,
    seeds: run.seeds,
    environment: { ...run.environment, ...Object.fromEntries(variables), [agent.key.variable]: 'sk-any' },
    command: (prompt) => [...told.command, ...bare.words(prompt)],
    steps: stepsOf(ways),
    workspace,
  });
  return through(agent, 'own', ways, workspace, reached, `${code ?? 'killed'}: ${said}`);
}

/** @param only labels of the ways to play (default: all) */
async function inSandbox(
  agent: Contender,
  how: 'hook' | 'sandbox' | 'kept',
  profile: string,
  only?: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  const name = `${agent.name}-${how}`;
  const workspace = join(folder, name);
  const ways = bypassesTo({ host: evilHost, port: 80 }, node).filter(({ label }) => only?.has(label) ?? true);
  layOut(workspace, ways);
  lasso.profile(name, profile.replace(/name = ".*"/, `name = "${name}"`));
  const env = [...agent.environment];
  await lasso.create({
    ...{ profile: name, dir: workspace, backend: 'bubblewrap', name, agent: agent.name },
    mount: [...nodeMounts()],
    env,
  });
  const words = [...agent.words(model.script(name, stepsOf(ways)))];
  const { command } = await (await lasso.connect()).call('agentLaunch', { sandbox: name, agent: agent.name, words });
  const before = outside.seen.length;
  const { exit, stdout, stderr } = await lasso.exec(name, command, { timeoutSeconds: 300 });
  const reached = outside.seen.slice(before).flatMap(({ host, url }) => (host.startsWith(evilHost) ? [url] : []));
  await (await lasso.connect()).call('remove', { sandbox: name });
  return through(agent, how, ways, workspace, reached, `${exit.code ?? 'killed'}: ${stdout.slice(-3000)}\n${stderr.slice(-3000)}`);
}

/** Labels of the ways that came to something. @throws where what is allowed did not happen either: then the rest says nothing */
function through(
  agent: Contender,
  how: string,
  ways: readonly Bypass[],
  workspace: string,
  reached: readonly string[],
  said: string,
): ReadonlySet<string> {
  const played = ['first', 'last'].map((file) => existsSync(join(workspace, file)));
  if (played.includes(false)) throw new Error(`${agent.name} did not play ${how} to its end: ${said}`);
  return new Set(cameThrough(ways, workspace, reached).map(({ label }) => label));
}

/** The ways, between two commands that everybody may run. */
function stepsOf(ways: readonly Bypass[]): readonly Step[] {
  return [shell('echo fine > first'), ...ways.map(({ step }) => step), shell('echo fine > last')];
}

function layOut(workspace: string, ways: readonly Bypass[]): void {
  mkdirSync(workspace, { recursive: true });
  execFileSync('git', ['init', '--quiet', workspace]);
  layOutVictims(workspace, ways);
  // Gemini CLI takes a long script for one that goes round in circles.
  mkdirSync(join(workspace, '.gemini'));
  writeFileSync(join(workspace, '.gemini', 'settings.json'), JSON.stringify({ model: { disableLoopDetection: true } }));
}
