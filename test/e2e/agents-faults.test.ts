/** An agent when something is missing or goes away: no network, no program, no helper any more; and a person who is asked first. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { AgentName } from '../../helper/protocol/agent.ts';
import { LassoError } from '../../helper/protocol/errors.ts';
import { contendersAt, profileFor } from '../kit/agents/contenders.ts';
import { agentPrograms } from '../kit/agents/store.ts';
import { gone, TestLasso } from '../kit/lasso.ts';
import { shell, type Step } from '../kit/model/script.ts';
import { networkProgram } from '../kit/network.ts';
import { scriptedModel } from '../kit/scripted-model.ts';
import { openOutside, type Outside } from '../kit/servers/outside.ts';
import { chainVerifies, recordsOf, startsOf } from '../kit/starts.ts';

const limit = { timeout: 120_000 };
const modelHost = 'model.example';
const contenders = contendersAt(`https://${modelHost}`);
const model = scriptedModel();
let folder: string;
let outside: Outside;
let lasso: TestLasso;

before(async () => {
  await agentPrograms(['claude', 'codex']);
  folder = mkdtempSync(join(tmpdir(), 'lasso-agents-'));
  outside = await openOutside(folder, { names: {}, sites: { [modelHost]: model.site } });
  lasso = new TestLasso({ environment: { ...outside.environment, MODEL_VALUE: 'sk-a-key' }, program: networkProgram });
}, limit);

after(async () => {
  await lasso.dispose();
  await outside.close();
  rmSync(folder, { recursive: true });
});

const contender = (name: AgentName): (typeof contenders)[number] => contenders.find((each) => each.name === name) ?? assert.fail();

interface Begun {
  readonly workspace: string;
  /** how the agent is started, so that it plays its script */
  readonly command: readonly string[];
}

/** A sandbox with an agent in a folder of its own, and with more, or something else, in its profile. */
async function begin(sandbox: string, agent: AgentName, steps: readonly Step[], inProfile: (text: string) => string): Promise<Begun> {
  const workspace = join(lasso.root, 'work', sandbox);
  mkdirSync(workspace, { recursive: true });
  execFileSync('git', ['init', '-q', workspace]);
  const { environment, words } = contender(agent);
  lasso.profile(sandbox, inProfile(profileFor(contender(agent), modelHost)).replace(/name = ".*"/, `name = "${sandbox}"`));
  await lasso.create({ profile: sandbox, dir: workspace, backend: 'bubblewrap', name: sandbox, agent, env: [...environment] });
  const asked = { sandbox, agent, words: [...words(model.script(sandbox, steps))] };
  return { workspace, command: (await (await lasso.connect()).call('agentLaunch', asked)).command };
}

const asItIs = (text: string): string => text;

async function appears(file: string): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    if (existsSync(file)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail(`${file} does not appear`);
}

test('an agent whose profile allows no network asks nobody, says so and ends', limit, async () => {
  const closed = (text: string): string => text.replace(/allowed_domains = .*/, 'mode = "none"');
  const { command } = await begin('closed', 'claude', [shell('touch done')], closed);
  const { exit, stdout } = await lasso.exec('closed', command, { env: ['CLAUDE_CODE_MAX_RETRIES=0'], timeoutSeconds: 60 });
  assert.notEqual(exit.code, 0);
  assert.match(stdout, /"is_error":true/);
  assert.deepEqual([model.told('closed'), model.prompted.length, outside.questions().names], [[], 0, []]);
});

test('an agent that is not on this machine and cannot be fetched leaves nothing begun', limit, async () => {
  const cache = join(folder, 'cache');
  mkdirSync(cache);
  const bare = new TestLasso({ environment: { ...outside.environment, LASSO_CACHE_DIR: cache }, program: networkProgram });
  try {
    const workspace = join(bare.root, 'work');
    mkdirSync(workspace);
    const asked = { profile: 'standard', dir: workspace, backend: 'bubblewrap', name: 'without', agent: 'codex' } as const;
    await assert.rejects(bare.create(asked), (error) => {
      assert.ok(error instanceof LassoError);
      assert.equal(error.code, 'IMAGE_BUILD_FAILED');
      assert.match(error.message, /codex/i);
      assert.notEqual(error.hint, '');
      return true;
    });
    assert.deepEqual(
      (await (await bare.connect()).call('status', {})).sandboxes.filter(({ state }) => state === 'running'),
      [],
    );
    assert.deepEqual(readdirSync(join(cache, 'agents')), []);
  } finally {
    await bare.dispose();
  }
});

test('an agent is started only in a sandbox that was made for it', limit, async () => {
  await begin('for-codex', 'codex', [], asItIs);
  const connection = await lasso.connect();
  await assert.rejects(connection.call('agentLaunch', { sandbox: 'for-codex', agent: 'claude', words: [] }), {
    code: 'BAD_REQUEST',
    message: /Claude Code is not installed in for-codex/,
  });
  await assert.rejects(connection.call('agentLaunch', { sandbox: 'for-codex', agent: 'aider', words: [] }), { code: 'UNSUPPORTED' });
});

test('a person who is asked decides what the agent may do', limit, async () => {
  const asks = (text: string): string => `${text}\n[commands.ask_args]\ngit = ["tag"]\n`;
  const steps = [shell('git commit -qm first --allow-empty'), shell('git tag agreed'), shell('git tag refused')];
  const { workspace, command } = await begin('asked', 'codex', steps, asks);
  const connection = await lasso.connect();
  void connection.call('attend', {}).catch(() => undefined);
  const environment = [
    'GIT_AUTHOR_NAME=a',
    'GIT_AUTHOR_EMAIL=a@work.example',
    'GIT_COMMITTER_NAME=a',
    'GIT_COMMITTER_EMAIL=a@work.example',
  ];
  const running = lasso.exec('asked', command, { env: environment, timeoutSeconds: 90 });
  const over = running.then(() => true);
  const soon = (): Promise<boolean> => new Promise((resolve) => setTimeout(() => resolve(false), 50));
  const questions: string[] = [];
  while (!(await Promise.race([over, soon()])))
    for (const { id, what } of (await connection.call('approvals', {})).approvals) {
      questions.push(what);
      if (what.includes('agreed')) await connection.call('approve', { id, for: 'session' });
      else await connection.call('deny', { id });
    }
  const { exit, stdout, stderr } = await running;
  assert.equal(exit.code, 0, `${stdout}\n${stderr}`);
  assert.equal(questions.filter((what) => what.includes('agreed')).length, 1, JSON.stringify([questions, model.told('asked')]));
  assert.equal(execFileSync('git', ['tag'], { cwd: workspace, encoding: 'utf8' }), 'agreed\n', questions.join('\n'));
  assert.match(model.told('asked')[2] ?? '', /a person said no/);
});

test('when the helper is killed, the agent does nothing more that nobody judged', limit, async () => {
  const steps = [shell('touch begun; sleep 2'), ...Array.from({ length: 40 }, (_, index) => shell(`touch later-${index}; sleep 0.1`))];
  const { workspace, command } = await begin('killed', 'codex', steps, asItIs);
  const running = lasso.exec('killed', command, { timeoutSeconds: 90 }).catch(() => undefined);
  await appears(join(workspace, 'begun'));
  const pid = await lasso.helperPid();
  process.kill(pid, 'SIGKILL');
  await gone(pid);
  await running;
  lasso.disconnect();
  await lasso.connect();
  const made = readdirSync(workspace);
  const prompted = model.prompted.length;
  await new Promise((resolve) => setTimeout(resolve, 1500));
  assert.deepEqual([readdirSync(workspace), model.prompted.length], [made, prompted], 'something still runs');
  const judged = new Set((await startsOf(lasso, 'killed')).map(({ argv }) => argv.at(-1)));
  assert.deepEqual(
    made.filter((name) => name.startsWith('later') && !judged.has(name)),
    [],
  );
  assert.ok((await recordsOf(lasso, 'killed')).length > 0);
  await chainVerifies(lasso, 'killed');
});
