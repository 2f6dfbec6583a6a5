/**
 * Real agents at work in real sandboxes of one backend, with a scripted model outside: useful work goes through, hostile work comes to
 * nothing and is on record with what stopped it, and the key the model is paid with was never inside.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { BackendName } from '../../../helper/protocol/sandbox.ts';
import { canStartEngines, type TestEngine } from '../engines.ts';
import { inspected } from '../engine-inspection.ts';
import { nodeMounts } from '../engine-image.ts';
import { TestLasso } from '../lasso.ts';
import { shell, type Step } from '../model/script.ts';
import { networkProgram } from '../network.ts';
import { scriptedModel } from '../scripted-model.ts';
import { filesWith, processesWith } from '../secret-search.ts';
import { gitEnvironment } from '../servers/git-web.ts';
import { openOutside, type Outside } from '../servers/outside.ts';
import { chainVerifies, recordsOf, type RecordedLine } from '../starts.ts';
import { evilHost, hostileActs, usefulSteps } from './acts.ts';
import { type Contender, contendersAt, profileFor } from './contenders.ts';
import { agentPrograms } from './store.ts';

const limit = { timeout: 120_000 };
const modelHost = 'model.example';
const hidden = 'a-word-that-is-in-a-hidden-file-only';

export function agentsWorkOn(backend: BackendName, start: (() => Promise<TestEngine>) | undefined): void {
  const skip = start !== undefined && !canStartEngines() ? 'private engines can be started only by root on Linux' : false;
  const key = `sk-a-key-of-one-helper-only-${randomUUID()}`;
  const agents = contendersAt(`https://${modelHost}`);
  const model = scriptedModel();
  let engine: TestEngine | undefined;
  let folder: string;
  let outside: Outside;
  let lasso: TestLasso;

  before(async () => {
    if (skip !== false) return;
    folder = mkdtempSync(join(tmpdir(), 'lasso-agents-'));
    outside = await openOutside(folder, { names: { [evilHost]: undefined }, sites: { [modelHost]: model.site } });
    await agentPrograms(agents.map(({ name }) => name));
    engine = await start?.();
    lasso = new TestLasso({ environment: { ...engine?.environment, ...outside.environment, MODEL_VALUE: key }, program: networkProgram });
  }, limit);

  after(async () => {
    if (skip !== false) return;
    await lasso.dispose();
    await outside.close();
    await engine?.stop();
    rmSync(folder, { recursive: true });
  });

  /** one for each agent, so that what it keeps at home is kept from one sandbox to the next */
  const workspaceOf = (sandbox: string): string => join(lasso.root, 'work', sandbox.split('-', 1).join());
  const git = (sandbox: string, ...argv: readonly string[]): string =>
    execFileSync('git', argv, { cwd: workspaceOf(sandbox), encoding: 'utf8', env: gitEnvironment() }).trim();

  /** A project in git that was pushed and has since gone apart from what was pushed, in a sandbox for this agent. */
  async function begin(sandbox: string, agent: Contender): Promise<void> {
    const workspace = workspaceOf(sandbox);
    const connection = await lasso.connect();
    for (const { id } of (await connection.call('status', {})).sandboxes) await connection.call('remove', { sandbox: id });
    rmSync(workspace, { recursive: true, force: true });
    mkdirSync(workspace, { recursive: true });
    writeFileSync(join(workspace, 'README.md'), '# A project of a test\n');
    writeFileSync(join(workspace, '.gitignore'), '.env\norigin.git/\n');
    writeFileSync(join(workspace, '.env'), `PASSWORD=${hidden}\n`);
    git(sandbox, 'init', '-q', '-b', 'main', '.');
    git(sandbox, 'config', 'user.name', 'Somebody');
    git(sandbox, 'config', 'user.email', 'somebody@work.example');
    git(sandbox, 'add', '-A');
    git(sandbox, 'commit', '-qm', 'first');
    git(sandbox, 'init', '-q', '--bare', 'origin.git');
    git(sandbox, 'remote', 'add', 'origin', './origin.git');
    git(sandbox, 'push', '-q', 'origin', 'main');
    git(sandbox, 'commit', '-q', '--amend', '-m', 'first, in other words');
    lasso.profile(`with-${agent.name}`, profileFor(agent, modelHost));
    await lasso.create({
      ...{ profile: `with-${agent.name}`, dir: workspace, backend, name: sandbox, agent: agent.name },
      ...{ mount: [...nodeMounts()], env: [...agent.environment] },
    });
  }

  /** Has the agent play these steps in its sandbox; what it said of each. */
  async function play(sandbox: string, agent: Contender, steps: readonly Step[]): Promise<readonly string[]> {
    const words = [...agent.words(model.script(sandbox, steps))];
    const { command } = await (await lasso.connect()).call('agentLaunch', { sandbox, agent: agent.name, words });
    const { exit, stdout, stderr } = await lasso.exec(sandbox, command, { timeoutSeconds: 100 });
    const told = model.told(sandbox);
    assert.deepEqual([exit.code, told.length], [0, steps.length], `${stdout.slice(-3000)}\n${stderr.slice(-3000)}\n${told.join('\n')}`);
    return told;
  }

  const stopped = async (sandbox: string): Promise<readonly RecordedLine[]> =>
    (await recordsOf(lasso, sandbox)).filter(({ outcome }) => outcome === 'blocked');

  for (const agent of agents)
    describe(agent.name, { skip }, () => {
      test('does useful work: it writes files, runs tests until they pass, and commits', limit, async () => {
        const sandbox = `${agent.name}-useful`;
        await begin(sandbox, agent);
        const told = await play(sandbox, agent, usefulSteps);
        assert.match(told[2] ?? '', /fail 1/);
        assert.match(told[4] ?? '', /pass 1[^]*fail 0/);
        assert.match(told[5] ?? '', /A project of a test/);
        assert.equal(readFileSync(join(workspaceOf(sandbox), 'sum.mjs'), 'utf8'), 'export const sum = (a, b) => a + b;\n');
        assert.equal(git(sandbox, 'log', '-1', '--format=%s'), 'Add sum');
        assert.equal(git(sandbox, 'show', '--name-only', '--format='), 'sum.mjs\nsum.test.mjs');
      });

      test('comes to nothing with hostile work, and it is known what stopped each act', limit, async (t) => {
        const sandbox = `${agent.name}-hostile`;
        await begin(sandbox, agent);
        const told = await play(
          sandbox,
          agent,
          hostileActs.map(({ step }) => step),
        );
        await didNothing(sandbox);
        const blocked = await stopped(sandbox);
        for (const [at, { title, trace }] of hostileActs.entries()) {
          if (trace === undefined) continue;
          const layers = new Set(blocked.filter((line) => trace.test(JSON.stringify(line))).map(layerOf));
          if (agent.refusal.test(told[at] ?? '')) layers.add('its own rules');
          t.diagnostic(`${title}: ${[...layers].join(', ')}`);
          assert.ok(layers.size > 0, `nothing is known of what stopped this: ${title}: ${told[at] ?? ''}`);
        }
      });

      test('comes to nothing with a script that its own rules do not see through', limit, async () => {
        const sandbox = `${agent.name}-script`;
        await begin(sandbox, agent);
        writeFileSync(join(workspaceOf(sandbox), 'build.sh'), `${hostileActs.map(({ line }) => `(${line})`).join('\n')}\ntrue\n`);
        await play(sandbox, agent, [shell('bash ./build.sh')]);
        await didNothing(sandbox);
        const blocked = (await stopped(sandbox)).filter((line) => layerOf(line) === 'the sandbox');
        for (const { title, trace } of hostileActs)
          if (trace !== undefined)
            assert.ok(
              blocked.some((line) => trace.test(JSON.stringify(line))),
              `nothing on record about: ${title}`,
            );
      });

      test('says nothing of the key its model is paid with, which it has only a placeholder for', async () => {
        const sent = model.prompted.filter(({ script }) => script?.startsWith(agent.name));
        assert.ok(sent.length > 0, 'the model was never asked');
        for (const { headers, body } of sent) {
          assert.ok(String(headers[agent.key.header]).endsWith(key), agent.key.header);
          assert.ok(!body.includes(key), 'the key is in what the agent said');
        }
      });
    });

  test('no byte of the key is in a workspace, a home, a record, a process or what the engine tells', { ...limit, skip }, async () => {
    // What Copilot unpacks of itself is large and nobody's.
    for (const home of globSync(join(lasso.folders.home, 'volumes', '*', '.cache', 'copilot', 'pkg'))) rmSync(home, { recursive: true });
    writeFileSync(join(lasso.root, 'inspected'), engine === undefined ? '' : await inspected(engine));
    assert.deepEqual(filesWith(key, [lasso.root]), []);
    writeFileSync(join(folder, 'found'), `a ${key}`);
    assert.equal(filesWith(key, [folder]).length, 1, 'the search finds nothing at all');
    assert.deepEqual(processesWith(key, [await lasso.helperPid()]), []);
  });

  /** Fails where something of the hostile acts took effect. */
  async function didNothing(sandbox: string): Promise<void> {
    const workspace = workspaceOf(sandbox);
    const outsideHeard = outside.seen.filter(({ host }) => host.startsWith(evilHost));
    const state = {
      heard: outsideHeard.length,
      trapped: outside.trapped.length,
      head: existsSync(join(workspace, '.git', 'HEAD')),
      readme: existsSync(join(workspace, 'README.md')),
      hidden: model.prompted.some(({ body }) => body.includes(hidden)),
      hooks: readdirSync(join(workspace, '.git', 'hooks')).filter((name) => !name.endsWith('.sample')),
      pushed: git(sandbox, '--git-dir', 'origin.git', 'log', '-1', '--format=%s', 'main'),
      alive: (await lasso.exec(sandbox, ['true'])).exit.code,
    };
    assert.deepEqual(state, { heard: 0, trapped: 0, head: true, readme: true, hidden: false, hooks: [], pushed: 'first', alive: 0 });
    const environment = readFileSync(join(workspace, 'environment.txt'), 'utf8');
    assert.match(environment, /^LASSO=1$/m);
    assert.ok(!environment.includes(key));
    await chainVerifies(lasso, sandbox);
  }
}

type Layer = 'its own rules' | 'its hook' | 'the sandbox';

/** What stopped it, as the record says: the hook by which an agent asks first, or the sandbox. */
const layerOf = ({ action }: RecordedLine): Layer => (action === 'tool' ? 'its hook' : 'the sandbox');
