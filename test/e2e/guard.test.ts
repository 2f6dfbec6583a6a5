/** Agents' hooks ask inside a sandbox and on this machine: the answer is the profile's, on record, and a no for whatever fails. */
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { LassoError } from '../../helper/protocol/errors.ts';
import { TestLasso } from '../kit/lasso.ts';
import { chainVerifies, recordsOf, type RecordedLine } from '../kit/starts.ts';

let lasso: TestLasso;
let work: string;
const limit = { timeout: 120_000 };

const profile = (name: string, more: string): string => `name = "${name}"
extends = "standard"
${more}
[commands]
allow_shell_operators = true
`;

before(async () => {
  lasso = new TestLasso();
  work = join(lasso.root, 'work');
  mkdirSync(join(work, 'sub'), { recursive: true });
  lasso.profile(
    'asks',
    `name = "asks"\nmode = "autonomous"\n[commands]\nmode = "blacklist"\nblacklist = ["terraform"]\nallow_shell_operators = true\nask_args = { make = ["install"] }\n`,
  );
  lasso.profile('alone', profile('alone', '[network]\nmode = "none"\n'));
  lasso.profile(
    'ungated',
    'name = "ungated"\nmode = "autonomous"\nexec_gate = "off"\n[commands]\nmode = "blacklist"\nask_args = { make = ["install"] }\n',
  );
  for (const name of ['standard', 'alone', 'asks', 'ungated'])
    await lasso.create({ profile: name, dir: work, backend: 'bubblewrap', name });
  await lasso.create({ profile: 'standard', dir: work, backend: 'bubblewrap', name: 'stdio', link: 'stdio' });
});

after(() => lasso.dispose());

interface Answer {
  readonly status: number;
  readonly errors: string;
}

const payloadOf = (tool: string, input: unknown): string =>
  JSON.stringify({ hook_event_name: 'PreToolUse', tool_name: tool, tool_input: input });

async function hook(sandbox: string, payload: string | Buffer, agent = 'claude'): Promise<Answer> {
  const { exit, stderr } = await lasso.stream(sandbox, ['/.lasso/guest', 'guard', agent], Buffer.from(payload));
  return { status: exit.code ?? -1, errors: stderr.toString() };
}

const asked = (lines: readonly RecordedLine[]): readonly (readonly unknown[])[] =>
  lines
    .filter(({ action }) => action === 'tool')
    .map(({ type, outcome, target, detail }) => [type, outcome, target, detail?.['agent'], detail?.['tool']]);

for (const name of ['standard', 'alone', 'stdio'])
  test(`a hook in “${name}” hears yes or no and why, and both are on record`, limit, async () => {
    assert.deepEqual(await hook(name, payloadOf('Bash', { command: 'git status' })), { status: 0, errors: '' });
    const refused = await hook(name, payloadOf('Bash', { command: 'git push --force' }));
    assert.equal(refused.status, 2);
    assert.match(refused.errors, /^LASSO: `Bash` is blocked by standard\.toml:\d+\. [^\n]+\n$/);
    assert.equal((await hook(name, payloadOf('run_shell_command', {}), 'gemini')).status, 2);
    assert.equal((await hook(name, payloadOf('Read', { file_path: '/workspace/.env' }))).status, 2);
    assert.equal((await hook(name, payloadOf('Write', { file_path: '/workspace/.git/hooks/pre-commit', content: 'x' }))).status, 2);
    assert.equal((await hook(name, payloadOf('Write', { file_path: '/workspace/a', content: 'x' }))).status, 0);
    assert.equal((await hook(name, payloadOf('WebFetch', { url: 'http://169.254.169.254/' }))).status, 2);
    assert.equal((await hook(name, payloadOf('TodoWrite', {}))).status, 0);
    assert.deepEqual(asked(await recordsOf(lasso, name)), [
      ['command', 'success', 'git status', 'claude', 'Bash'],
      ['command', 'blocked', 'git push --force', 'claude', 'Bash'],
      ['command', 'blocked', 'run_shell_command', 'gemini', 'run_shell_command'],
      ['file', 'blocked', '/workspace/.env', 'claude', 'Read'],
      ['file', 'blocked', '/workspace/.git/hooks/pre-commit', 'claude', 'Write'],
      ['file', 'success', '/workspace/a', 'claude', 'Write'],
      ['network', 'blocked', 'http://169.254.169.254/', 'claude', 'WebFetch'],
      ['command', 'success', 'TodoWrite', 'claude', 'TodoWrite'],
    ]);
    await chainVerifies(lasso, name);
  });

test('what is blocked is told as it happens', limit, async () => {
  const connection = await lasso.connect();
  const told: string[] = [];
  const listening = connection.onEvent((event) => event.type === 'blocked' && told.push(event.what));
  await hook('asks', payloadOf('Bash', { command: 'terraform apply' }));
  while (!told.includes('terraform apply')) await connection.call('status', {});
  await listening.dispose();
});

test('a mode that is changed counts for the next hook', limit, async () => {
  const connection = await lasso.connect();
  assert.equal((await hook('asks', payloadOf('Write', { file_path: 'a' }))).status, 0);
  await connection.call('mode', { sandbox: 'asks', mode: 'observe' });
  assert.match((await hook('asks', payloadOf('Write', { file_path: 'a' }))).errors, /observe/);
  await connection.call('mode', { sandbox: 'asks', mode: 'autonomous' });
  assert.equal((await hook('asks', payloadOf('Write', { file_path: 'a' }))).status, 0);
});

describe('what a person is asked about', () => {
  test('is left to the start of the program, where every start is judged', limit, async () => {
    assert.equal((await hook('asks', payloadOf('Bash', { command: 'make install' }))).status, 0);
  });

  test('is asked at once where no start is', limit, async () => {
    const connection = await lasso.connect();
    const payload = payloadOf('Bash', { command: 'make install' });
    assert.match((await hook('ungated', payload)).errors, /needs approval by .*nobody is there to ask/);
    const being = new AbortController();
    connection.call('attend', {}, { signal: being.signal }).catch(() => undefined);
    const answer = hook('ungated', payload);
    let id: string | undefined;
    while (id === undefined) {
      const [open] = (await connection.call('approvals', {})).approvals;
      if (open) assert.equal(open.what, 'make install');
      id = open?.id;
    }
    await connection.call('approve', { id });
    being.abort();
    assert.equal((await answer).status, 0);
  });
});

describe('a hook is refused', () => {
  const payloads: readonly (readonly [what: string, payload: string | Buffer])[] = [
    ['for nothing', ''],
    ['for what is no JSON', 'git status'],
    ['for bytes', Buffer.from([0xff, 0xfe, 0, 1])],
    ['for half of a payload', payloadOf('Bash', { command: 'ls' }).slice(0, -3)],
    ['for megabytes of one', payloadOf('Write', { file_path: 'a', content: 'x'.repeat(9 * 1024 * 1024) })],
  ];
  for (const [what, payload] of payloads)
    test(what, limit, async () => {
      const { status, errors } = await hook('standard', payload);
      assert.equal(status, 2);
      assert.match(errors, /^LASSO: [^\n]+\n$/);
    });

  test('for an agent nobody knows, or none', limit, async () => {
    const payload = payloadOf('TodoWrite', {});
    assert.equal((await hook('standard', payload, 'nobody')).status, 2);
    assert.equal((await hook('standard', payload, '')).status, 2);
    assert.equal((await hook('standard', payload, '../claude')).status, 2);
  });
});

test('a large payload is read to its end', limit, async () => {
  const payload = payloadOf('Write', { file_path: 'a', content: 'x'.repeat(5 * 1024 * 1024) });
  assert.deepEqual(await hook('standard', payload), { status: 0, errors: '' });
  assert.deepEqual(await hook('stdio', payload), { status: 0, errors: '' });
});

test(
  'hooks by the thousand neither end the link nor stop programs’ own work, and an honest one is heard afterwards',
  { timeout: 300_000 },
  async () => {
    const script = `import socket, time
def one(mute):
    s = socket.socket(socket.AF_UNIX); s.setblocking(False)
    try: s.connect('\\0lasso-guard')
    except OSError: s.close(); return 0
    if not mute:
        try: s.send(b'claude\\n{"tool_name":"TodoWrite","tool_input":{}}'); s.shutdown(socket.SHUT_WR)
        except OSError: pass
    s.close(); return 1
print(sum(one(i % 2) or time.sleep(0.0002) or 0 for i in range(10000)))
`;
    writeFileSync(join(work, 'flood.py'), script);
    const flood = lasso.exec('asks', ['python3', '/workspace/flood.py'], { timeoutSeconds: 120 });
    for (let times = 0; times < 5; times += 1) assert.equal((await lasso.exec('asks', ['true'])).exit.code, 0);
    const { exit, stderr } = await flood;
    assert.equal(exit.code, 0, stderr);
    // Those that came before are still answered, one after the other.
    let heard = await hook('asks', payloadOf('TodoWrite', {}));
    for (let times = 0; heard.status !== 0 && times < 5; times += 1) heard = await hook('asks', payloadOf('TodoWrite', {}));
    assert.equal(heard.status, 0, heard.errors);
    await chainVerifies(lasso, 'asks');
  },
);

test('a sandbox that is stopped while a hook waits answers nobody', limit, async () => {
  await lasso.create({ profile: 'asks', dir: work, backend: 'bubblewrap', name: 'ends' });
  const waiting = lasso.exec('ends', ['sh', '-c', 'sleep 60 | /.lasso/guest guard claude; echo $?']);
  await (await lasso.connect()).call('stop', { sandbox: 'ends' });
  const answer = await waiting.catch((error: unknown) => error);
  if (!(answer instanceof LassoError)) assert.doesNotMatch(JSON.stringify(answer), /"stdout":"0/);
});

describe('lasso guard on this machine', () => {
  const own = (payload: string, ...argv: readonly string[]): ReturnType<TestLasso['cli']> =>
    lasso.cli(['guard', 'claude', '-p', 'standard', ...argv], { cwd: work, input: payload });

  test('says what the profile of the folder says', limit, async () => {
    assert.deepEqual(await own(payloadOf('Bash', { command: 'git status' })).then(({ code, stderr }) => [code, stderr]), [0, '']);
    const refused = await own(payloadOf('Bash', { command: 'git push --force' }));
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /^LASSO: `Bash` is blocked by standard\.toml:\d+\. /);
    assert.equal((await own(payloadOf('Read', { file_path: join(work, '.env') }))).code, 2);
    assert.equal((await own(payloadOf('Write', { file_path: '.git/hooks/pre-commit' }))).code, 2);
    assert.equal((await own(payloadOf('Write', { file_path: join(work, 'sub', 'a.txt') }))).code, 0);
    assert.equal((await own(payloadOf('Write', { file_path: '/etc/hosts' }))).code, 2);
  });

  test('sees where a link leads', limit, async () => {
    writeFileSync(join(work, 'secrets.pem'), 'x');
    symlinkSync('secrets.pem', join(work, 'harmless.txt'));
    assert.equal((await own(payloadOf('Read', { file_path: 'harmless.txt' }))).code, 2);
  });

  test('asks nobody: what a person is to be asked about is a no with the reason', limit, async () => {
    const { code, stderr } = await lasso.cli(['guard', 'codex', '-p', 'asks'], {
      cwd: work,
      input: payloadOf('Bash', { command: 'make install' }),
    });
    assert.equal(code, 2);
    assert.match(stderr, /needs a person’s word by asks\.toml:\d+/);
  });

  test('knows the folder its agents were told of from a folder inside, and is as strict as they were told', limit, async () => {
    const told = join(lasso.root, 'told');
    mkdirSync(join(told, 'deep', 'down'), { recursive: true });
    mkdirSync(join(told, '.lasso'));
    const mark = { profile: 'asks', digest: 'a'.repeat(64) };
    writeFileSync(join(told, '.lasso', 'agents.json'), JSON.stringify({ version: 1, profile: mark, agents: ['claude'], files: [] }));
    const { code, stderr } = await lasso.cli(['guard', 'claude'], {
      cwd: join(told, 'deep', 'down'),
      input: payloadOf('Bash', { command: 'terraform plan' }),
    });
    assert.equal(code, 2);
    assert.match(stderr, /terraform/);
    assert.equal(
      (await lasso.cli(['guard', 'claude'], { cwd: join(told, 'deep', 'down'), input: payloadOf('Write', { file_path: join(told, 'a') }) }))
        .code,
      0,
    );
  });

  const failing: readonly (readonly [what: string, argv: readonly string[], input: string])[] = [
    ['an agent nobody knows', ['guard', 'nobody'], '{}'],
    ['no agent', ['guard'], '{}'],
    ['an option that is none', ['guard', 'claude', '--none'], '{}'],
    ['a profile that is none', ['guard', 'claude', '-p', 'no-such'], payloadOf('TodoWrite', {})],
    ['no JSON', ['guard', 'claude'], 'ls'],
    ['too much', ['guard', 'claude'], payloadOf('Write', { file_path: 'a', content: 'x'.repeat(8 * 1024 * 1024) })],
  ];
  for (const [what, argv, input] of failing)
    test(`refuses ${what}, with status 2`, limit, async () => {
      const { code, stderr } = await lasso.cli(argv, { cwd: work, input });
      assert.equal(code, 2, stderr);
      assert.notEqual(stderr, '');
    });

  test('refuses where no helper can be had', limit, async () => {
    const environment = { LASSO_RUNTIME_DIR: '/proc/nowhere', LASSO_HOME: '/proc/nowhere' };
    const { code, stderr } = await lasso.cli(['guard', 'claude'], { cwd: work, input: payloadOf('TodoWrite', {}), environment });
    assert.equal(code, 2, stderr);
    assert.match(stderr, /^LASSO: this is refused/);
  });
});
