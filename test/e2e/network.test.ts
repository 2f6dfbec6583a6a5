/** Connections of a running sandbox: a person is asked about what nothing lists, and a changed profile holds at once. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Approval } from '../../helper/protocol/approval.ts';
import { TestLasso } from '../kit/lasso.ts';
import { type MadeUpNetwork, networkProgram, openNetwork } from '../kit/network.ts';
import { recordsOf } from '../kit/starts.ts';

const limit = { timeout: 90_000 };
const names = ['web.example', 'late.example', ...Array.from({ length: 20 }, (_, index) => `host-${index}.example`)];
const profile = (rules: string, more = ''): string => `name = "asks"
mode = "autonomous"
exec_gate = "off"

[commands]
mode = "blacklist"
blacklist = []
allow_shell_operators = true

[network]
${rules}
${more}`;
const asking = 'allowed_domains = ["web.example"]\nunlisted = "ask"';

let lasso: TestLasso;
let network: MadeUpNetwork;
let workspace: string;
let folder: string;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lasso-network-'));
  network = await openNetwork(folder, names);
  lasso = new TestLasso({ environment: { ...network.environment, TEST_SECRET: 'a-value' }, program: networkProgram });
  workspace = join(lasso.root, 'work');
  mkdirSync(workspace);
});

after(async () => {
  await lasso.dispose();
  await network.close();
  rmSync(folder, { recursive: true });
});

interface Said {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let files = 0;
/** Runs a line of bash from a file of its own. */
async function script(sandbox: string, text: string): Promise<Said> {
  files += 1;
  writeFileSync(join(workspace, `run-${files}`), `${text}\n`);
  const { exit, stdout, stderr } = await lasso.exec(sandbox, ['bash', `./run-${files}`], { timeoutSeconds: 60 });
  return { code: exit.code, stdout, stderr };
}

/** A request in bash’s own words, by name and without a proxy. */
const fetching = (host: string, path = '/'): string =>
  `exec 5<>/dev/tcp/${host}/80 && printf 'GET ${path} HTTP/1.1\\r\\nHost: ${host}\\r\\nConnection: close\\r\\n\\r\\n' >&5 && cat <&5`;
const answered = /^HTTP\/1\.1 200 OK\r\n/;

const openQuestions = async (): Promise<readonly Approval[]> => (await (await lasso.connect()).call('approvals', {})).approvals;

/** Waits until so many questions are open. */
async function questions(count: number): Promise<readonly Approval[]> {
  for (let tries = 0; tries < 300; tries += 1) {
    const open = await openQuestions();
    if (open.length === count) return open;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return assert.fail(`there are not ${count} questions: ${JSON.stringify(await openQuestions())}`);
}

const first = async (): Promise<Approval> => (await questions(1))[0] ?? assert.fail();

describe('a host that nothing lists, where the profile asks', () => {
  before(async () => {
    lasso.profile('asks', profile(asking));
    await lasso.create({ profile: 'asks', dir: workspace, backend: 'bubblewrap', name: 'asks' });
  });

  test('is refused where nobody is there to ask', limit, async () => {
    const { stderr } = await script('asks', fetching('late.example'));
    assert.match(stderr, /LASSO: connection to late\.example:80 needs approval by asks\.toml:\d+, and nobody is there to ask\./);
  });

  test('is reached once a person said yes, and is asked about again when that was for once', limit, async () => {
    void (await lasso.connect()).call('attend', {}).catch(() => undefined);
    for (const answer of ['once', 'session'] as const) {
      const running = script('asks', fetching('late.example', `/${answer}`));
      const asked = await first();
      assert.deepEqual([asked.kind, asked.what, asked.rule], ['connection', 'late.example:80', 'network.unlisted']);
      // The socket is bash’s and then cat’s as well.
      assert.match(asked.where, /^bash \.\/run-\d+$|cat$/);
      assert.match(asked.origin ?? '', /^asks\.toml:\d+$/);
      const { change } = await (await lasso.connect()).call('approve', { id: asked.id, for: answer });
      assert.equal(change, undefined);
      assert.match((await running).stdout, answered);
    }
    assert.match((await script('asks', fetching('late.example', '/again'))).stdout, answered);
    assert.deepEqual(await openQuestions(), []);
  });

  test('a lasting yes shows the rule that would say so', limit, async () => {
    const running = script('asks', fetching('host-0.example'));
    const { id } = await first();
    const { change } = await (await lasso.connect()).call('approve', { id, for: 'always' });
    assert.match(change?.after ?? '', /\n\[\[network\.rules\]\]\nhost = "host-0\.example"\nports = \[80\]\n$/);
    assert.match((await running).stdout, answered);
  });

  test('twenty at once are twenty questions, and the same host twice is one', limit, async () => {
    const line = names.slice(3).flatMap((host) => [`(${fetching(host)} >/dev/null 2>&1 && echo reached) &`]);
    const running = script('asks', [...line, ...line, 'wait'].join('\n'));
    const open = await questions(19);
    assert.equal(new Set(open.map(({ what }) => what)).size, 19);
    for (const { id } of open.slice(1)) await (await lasso.connect()).call('deny', { id });
    await (await lasso.connect()).call('approve', { id: open[0]?.id ?? '', for: 'session' });
    assert.equal((await running).stdout, 'reached\nreached\n');
  });

  test('the question is withdrawn when whoever asked has gone away', limit, async () => {
    lasso.profile('asks', profile(asking.replace('"web.example"', '"web.example", "host-0.example"')));
    for (const said of ['true', 'echo hello >&5']) {
      const running = script('asks', `timeout 2 bash -c 'exec 5<>/dev/tcp/host-1.example/443; ${said}; cat <&5'; echo over`);
      await first();
      assert.equal((await running).stdout, 'over\n');
      await questions(0);
    }
  });
});

describe('a profile that is reloaded', () => {
  before(async () => {
    lasso.profile('asks', profile('allowed_domains = ["web.example"]'));
    await lasso.create({ profile: 'asks', dir: workspace, backend: 'bubblewrap', name: 'live' });
  });

  const reload = async (): Promise<{ readonly now: readonly string[]; readonly later: readonly string[] }> => {
    const { changes, afterRestart } = await (await lasso.connect()).call('reload', { sandbox: 'live' });
    return { now: changes.map(({ effect, text }) => `${effect}: ${text}`), later: afterRestart.map(({ path }) => path) };
  };

  test('opens at once what it allows now, and tells what waits for a restart', limit, async () => {
    assert.notEqual((await script('live', fetching('late.example'))).code, 0);
    lasso.profile('asks', profile('allowed_domains = ["web.example", "late.example"]', '[resources]\nmax_pids = 77\n'));
    const { now, later } = await reload();
    assert.deepEqual([now.length, later], [1, ['resources.max_pids']]);
    assert.match(now[0] ?? '', /^allowed: .*late\.example/);
    assert.match((await script('live', fetching('late.example'))).stdout, answered);
  });

  test('resets what is open and is no longer allowed, and leaves the rest', limit, async () => {
    const held = (host: string): string =>
      `exec 5<>/dev/tcp/${host}/80; printf 'GET / HTTP/1.1\\r\\nHost: ${host}\\r\\n\\r\\n' >&5; read -r line <&5; echo "$line"; touch open-${host}`;
    const running = script('live', `${held('late.example')}; cat <&5 >/dev/null; echo "ended"; touch ended; sleep 20`);
    const kept = script(
      'live',
      `${held('web.example')}; while [ ! -e stop ]; do sleep 0.1; done; printf 'GET /kept HTTP/1.1\\r\\nHost: web.example\\r\\nConnection: close\\r\\n\\r\\n' >&5; cat <&5`,
    );
    const there = async (name: string): Promise<void> => {
      const { code } = await script('live', `for i in $(seq 200); do [ -e ${name} ] && exit 0; sleep 0.1; done; exit 1`);
      assert.equal(code, 0, `${name} is not there`);
    };
    await Promise.all([there('open-late.example'), there('open-web.example')]);
    lasso.profile('asks', profile('allowed_domains = ["web.example"]'));
    const { now } = await reload();
    assert.match(now[0] ?? '', /^denied: .*late\.example/);
    await there('ended');
    assert.notEqual((await script('live', fetching('late.example'))).code, 0);
    writeFileSync(join(workspace, 'stop'), '');
    assert.match((await kept).stdout, /"url":"\/kept"/);
    await (await lasso.connect()).call('exec', { sandbox: 'live', command: ['pkill', 'sleep'] });
    await running;
  });

  test('gives what is started from then on what stands for a new secret', limit, async () => {
    const secret = '[secrets.token]\nfrom = "env:TEST_SECRET"\nhosts = ["web.example"]\nenv = "TOKEN"\n';
    lasso.profile('asks', profile('allowed_domains = ["web.example"]', secret));
    assert.match((await reload()).now.join(), /secret token/);
    assert.match((await script('live', 'echo $TOKEN')).stdout, /^lasso-secret-/);
  });

  test('changes what commands may run', limit, async () => {
    lasso.profile('asks', profile('allowed_domains = ["web.example"]').replace('blacklist = []', 'blacklist = ["forbidden-tool"]'));
    assert.match((await reload()).now.join(), /denied: forbidden-tool/);
    await assert.rejects(lasso.exec('live', ['forbidden-tool']), { code: 'COMMAND_DENIED' });
  });

  test('stays as it was where it cannot be read any more', limit, async () => {
    lasso.profile('asks', profile('allowed_domains = "web.example"'));
    await assert.rejects(reload(), { code: 'BAD_PROFILE' });
    assert.match((await script('live', fetching('web.example'))).stdout, answered);
  });

  test('is on record each time, with what changed', async () => {
    const reloads = (await recordsOf(lasso, 'live')).filter(({ action }) => action === 'reload');
    assert.equal(reloads.length, 4);
    const { before: was, after: is, changes, afterRestart } = reloads[0]?.detail ?? {};
    assert.match(String(was), /^[0-9a-f]{64}$/);
    assert.match(String(is), /^[0-9a-f]{64}$/);
    assert.match(JSON.stringify([changes, afterRestart]), /now allowed: [^]*late\.example[^]*processes/);
  });
});

test('where the profile allows no network, nothing listens inside and nothing points out', limit, async () => {
  lasso.profile('asks', profile('mode = "none"'));
  await lasso.create({ profile: 'asks', dir: workspace, backend: 'bubblewrap', name: 'closed' });
  const { stdout } = await script(
    'closed',
    'cat /proc/net/tcp /proc/net/tcp6 /proc/net/udp 2>/dev/null | grep -c : ; env | grep -ci proxy; true',
  );
  assert.equal(stdout, '0\n0\n');
  assert.notEqual((await script('closed', fetching('web.example'))).code, 0);
});
