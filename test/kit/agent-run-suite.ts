/** What holds for an agent in a sandbox of LASSO's, whatever the backend: where its program is, what it is told, and what is kept for it. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { BackendName } from '../../helper/protocol/sandbox.ts';
import type { ChildResult } from '../../helper/base/child.ts';
import type { TestEngine } from './engines.ts';
import { TestLasso } from './lasso.ts';
import { madeUpAgent, type MadeUpAgent } from './made-up-agent.ts';

const limit = { timeout: 240_000 };
const key = 'sk-ant-a-value-that-never-goes-inside';

/** says what it was given, counts its starts, and does what it is told */
const script = `#!/bin/sh
[ "$1" = doctor ] && exit 0
echo "args:$*"
echo start >> ~/starts
case "$1" in
  exit) exit "$2" ;;
  cat) cat ;;
  run) shift; exec "$@" ;;
esac
`;

export function agentRunsOn(backend: BackendName, start: (() => Promise<TestEngine>) | undefined, skip: string | false): void {
  let engine: TestEngine | undefined;
  let agent: MadeUpAgent;
  let lasso: TestLasso;
  let workspace: string;

  const run = (words: readonly string[], more: { input?: string; options?: readonly string[] } = {}): Promise<ChildResult> =>
    lasso.cli(['run', 'claude', '--backend', backend, ...(more.options ?? []), '--', ...words], {
      cwd: workspace,
      timeoutMs: limit.timeout,
      ...(more.input === undefined ? {} : { input: more.input }),
    });

  describe(`an agent on ${backend}`, { skip }, () => {
    before(async () => {
      engine = await start?.();
      agent = await madeUpAgent(script);
      const environment = { ...engine?.environment, ...agent.environment, ANTHROPIC_API_KEY: key };
      lasso = new TestLasso({ environment, program: agent.program });
      await lasso.connect();
      workspace = join(realpathSync(lasso.root), 'work');
      mkdirSync(workspace);
    }, limit);

    after(async () => {
      if (skip !== false) return;
      await lasso.dispose();
      await agent.close();
      await engine?.stop();
    });

    test('is fetched, runs with its words and its stdin, and its exit status is ours', limit, async () => {
      const said = await run(['cat', 'two words'], { input: 'fed to it' });
      assert.deepEqual([said.code, said.stdout], [0, 'args:cat two words\nfed to it'], said.stderr);
      assert.equal((await run(['exit', '7'])).code, 7);
      assert.equal(agent.registry.asked.length, 1, 'fetched once');
      assert.deepEqual((await (await lasso.connect()).call('status', {})).sandboxes, [], 'the sandboxes went');
    });

    test('finds its home as it left it, and what it needs at its first start', limit, async () => {
      const { stdout } = await run(['run', 'sh', '-c', 'cat ~/starts | wc -l; stat -c "%a %U" ~ ~/.claude.json; echo x > ~/.claude.json']);
      assert.match(stdout, /^args:.*\n3\n700 agent\n600 agent\n$/);
      assert.match((await run(['run', 'cat', '/home/agent/.claude.json'])).stdout, /\nx\n$/);
      assert.equal(readdirSync(join(lasso.folders.home, 'volumes')).length, 1);
    });

    test('is on the path, its folder and all managed settings cannot be changed', limit, async () => {
      const places = '/opt/lasso/claude /etc/claude-code /etc/codex /etc/opencode /etc/gemini-cli /etc/github-copilot';
      const probe = `for place in ${places}; do\n[ -d $place ] || echo missing $place\n(: > $place/x) 2> /dev/null && echo written $place\ndone\ncommand -v claude\nls /etc/claude-code\n`;
      writeFileSync(join(workspace, 'probe.sh'), probe);
      const { stdout } = await run(['run', 'sh', 'probe.sh'], { options: ['--profile', 'development'] });
      assert.match(stdout, /^args:.*\n\/opt\/lasso\/claude\/bin\/claude\nmanaged-settings\.json\n$/);
    });

    test('gets its key as a placeholder', limit, async () => {
      const { stdout, stderr } = await run(['run', 'printenv', 'ANTHROPIC_API_KEY', 'DISABLE_AUTOUPDATER']);
      assert.match(stdout, /\nsk-ant-[^\n]{8,}\n1\n$/);
      assert.ok(!stdout.includes(key));
      assert.doesNotMatch(stderr, /gets no/);
    });

    test('starts under a profile that lists other programs only, and what it starts is judged', limit, async () => {
      lasso.profile('few', 'name = "few"\nmode = "autonomous"\n[commands]\nmode = "whitelist"\nwhitelist = ["true", "sh"]\n');
      const options = ['--profile', 'few'];
      const allowed = await run(['run', 'true'], { options });
      assert.equal(allowed.code, 0, allowed.stderr);
      const refused = await run(['run', 'id'], { options });
      assert.notEqual(refused.code, 0);
      assert.doesNotMatch(refused.stdout, /uid=/);
    });

    test('is told the mode it is in, also when that changes while it runs', limit, async () => {
      const up = await lasso.cli(['up', '--agent', 'claude', '--backend', backend, '-n', 'told', '-q'], { cwd: workspace });
      assert.equal(up.code, 0, up.stderr);
      const told = async (): Promise<string> => (await lasso.exec('told', ['cat', '/etc/claude-code/managed-settings.json'])).stdout;
      const before = await told();
      assert.ok(before.startsWith('{'), before);
      assert.equal((await lasso.cli(['mode', 'told', 'observe'])).code, 0);
      assert.notEqual(await told(), before);
      await lasso.cli(['mode', 'told', 'autonomous']);
      assert.equal(await told(), before);
      const again = await lasso.cli(['up', '--agent', 'claude', '--backend', backend, '-q'], { cwd: workspace });
      assert.equal(again.stdout, up.stdout, 'the same sandbox');
    });

    test('is not forgotten while a sandbox uses what it keeps', limit, async () => {
      const refused = await lasso.cli(['agent', 'forget', 'claude'], { cwd: workspace });
      assert.notEqual(refused.code, 0);
      assert.match(refused.stderr, /told uses what claude keeps/);
      await lasso.cli(['rm', 'told']);
      assert.equal((await lasso.cli(['agent', 'forget', 'claude'], { cwd: workspace })).code, 0);
      assert.deepEqual(readdirSync(join(lasso.folders.home, 'volumes')), []);
    });

    test('is not in a sandbox that was made without it, and any other name is only a name', limit, async () => {
      for (const [name, words] of [
        ['plain', []],
        ['other', ['--agent', 'some-other']],
      ] as const) {
        const made = await lasso.cli(['create', '-n', name, '--backend', backend, ...words, '-q'], { cwd: workspace });
        assert.equal(made.code, 0, made.stderr);
        const { stdout } = await lasso.exec(name, ['ls', '/etc/claude-code', '/opt']);
        assert.match(stdout, /managed-settings\.json/);
        assert.doesNotMatch(stdout, /lasso/);
        const launched = (await lasso.connect()).call('agentLaunch', { sandbox: name, agent: 'claude' });
        await assert.rejects(launched, { code: 'BAD_REQUEST', message: /is not installed in/ });
        await lasso.cli(['rm', name]);
      }
      assert.ok(!existsSync(join(lasso.folders.home, 'volumes')) || readdirSync(join(lasso.folders.home, 'volumes')).length === 0);
    });

    test('that nobody has leaves nothing when it cannot be fetched', limit, async () => {
      const refused = await lasso.cli(['run', 'codex', '--backend', backend], { cwd: workspace, input: '' });
      assert.notEqual(refused.code, 0);
      assert.match(refused.stderr, /installs no codex/);
      assert.deepEqual((await (await lasso.connect()).call('status', {})).sandboxes, []);
    });
  });
}
