import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallOptions, Connection } from '../../../../helper/faces/cli/connection.ts';
import { run } from '../../../../helper/faces/cli/run.ts';
import { commands } from '../../../../helper/faces/cli/table.ts';
import { errorCodes, isErrorCode, LassoError } from '../../../../helper/protocol/errors.ts';
import type { SandboxInfo } from '../../../../helper/protocol/sandbox.ts';
import { testConsole, type TestConsole } from '../../../kit/console.ts';
import { verifyStatuses } from '../../../../helper/protocol/verify-status.ts';

const sandbox: SandboxInfo = {
  id: '0123456789ab',
  name: 'app',
  state: 'running',
  profile: 'standard',
  profileDigest: 'f'.repeat(64),
  backend: 'bubblewrap',
  isolation: 'container',
  workspace: '/src/\u202eapp\u001b[2J',
  createdAt: '2026-01-02T03:00:00.000Z',
  terminals: [],
  running: 0,
  notices: ['the memory limit is weaker here'],
};

interface Call {
  readonly name: string;
  readonly params: unknown;
}

interface Ran extends ReturnType<TestConsole['written']> {
  readonly status: number;
  readonly calls: readonly Call[];
}

/** Runs the command line against a helper that gives `answers`, or throws what they are. */
async function ran(line: string, answers: Readonly<Record<string, unknown>> = {}, console = testConsole()): Promise<Ran> {
  const calls: Call[] = [];
  const call = (name: string, params: unknown, options: CallOptions = {}): Promise<unknown> => {
    calls.push({ name, params });
    options.onProgress?.({ request: 'r', message: 'Working \u001b[2J' });
    const answer = answers[name];
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  const connection = {
    call: call as Connection['call'],
    openStream: () => Promise.reject(new Error('no streams here')),
    dispose: () => undefined,
  };
  const program = { version: '2.0.0', commands, console, connect: () => Promise.resolve(connection), internal: () => Promise.resolve(3) };
  const status = await run(program, line === '' ? [] : line.split(' '));
  return { status, calls, ...console.written() };
}

test('a list has aligned columns, and hostile names stay harmless', async () => {
  const { status, stdout } = await ran('ps', {
    status: { sandboxes: [sandbox, { ...sandbox, name: '日本', state: 'stopped', agent: 'claude' }] },
  });
  assert.equal(status, 0);
  assert.deepEqual(stdout.split('\n'), [
    'NAME  ID            STATE    PROFILE   BACKEND     AGENT   AGE  WORKSPACE',
    'app   0123456789ab  running  standard  bubblewrap  -       4m   /src/\\u{202e}app\\u{1b}[2J',
    '日本  0123456789ab  stopped  standard  bubblewrap  claude  4m   /src/\\u{202e}app\\u{1b}[2J',
    '',
  ]);
});

test('--json is one document and --quiet only ids', async () => {
  const answers = { status: { sandboxes: [sandbox] }, create: sandbox, up: { sandbox, created: true }, stop: { stopped: ['a', 'b'] } };
  const { stdout } = await ran('status --json', answers);
  assert.deepEqual(JSON.parse(stdout), answers.status);
  assert.ok(!stdout.includes('\u001b') && !stdout.includes('\u202e'));
  assert.equal((await ran('status -q', answers)).stdout, '0123456789ab\n');
  assert.deepEqual(await ran('create -q', answers), {
    status: 0,
    calls: [{ name: 'create', params: { dir: '/src/app' } }],
    stdout: '0123456789ab\n',
    stderr: '',
  });
  assert.equal((await ran('up -q', answers)).stdout, '0123456789ab\n');
  assert.equal((await ran('stop all -q', answers)).stdout, 'a\nb\n');
});

test('progress goes to stderr, once a step, and cannot move the cursor', async () => {
  assert.equal((await ran('create', { create: sandbox })).stderr, 'Working \\u{1b}[2J\n');
});

test('every failure has its exit status, on stderr as text or as JSON', async () => {
  for (const code of Object.keys(errorCodes).filter(isErrorCode)) {
    const failure = new LassoError(code, 'it \u001b[31mbroke', 'mend it', { details: ['line\u0007'] });
    const text = await ran('ps', { status: failure });
    assert.deepEqual(
      [text.status, text.stdout, text.stderr],
      [errorCodes[code].exit, '', 'lasso: it \\u{1b}[31mbroke\n  line\\u{7}\n  mend it\n'],
      code,
    );
    const json = await ran('ps --json', { status: failure });
    assert.deepEqual([json.status, json.stdout], [errorCodes[code].exit, ''], code);
    assert.deepEqual(
      JSON.parse(json.stderr),
      { error: { code, message: 'it \u001b[31mbroke', hint: 'mend it', details: ['line\u0007'] } },
      code,
    );
  }
});

test('what was typed wrong is exit status 2, and the helper is not asked', async () => {
  for (const line of ['nonsense', 'stop', 'up --nope', 'exec app', 'audit view -n x']) {
    const { status, calls, stdout, stderr } = await ran(line);
    assert.deepEqual([status, calls, stdout], [2, [], ''], line);
    assert.match(stderr, /^lasso: .*\n {2}.*\n$/, line);
  }
  assert.match((await ran('stop --json')).stderr, /^\{"error":\{"code":"BAD_REQUEST"/);
});

test('a bad verdict of a check is an exit status of its own', async () => {
  const report = {
    ...{ status: 'tampered', valid: false, files: ['f'], records: 3, verified: 1, anchored: 1, anchoredAt: '2026-01-01T00:00:00.000Z' },
    problems: [
      { code: 'edited', level: 'error', file: 'f', line: 2, seq: 1, since: '2026-01-01T00:00:01.000Z', message: 'Its mac does not fit.' },
      { code: 'gap', level: 'note', file: 'f', line: 3, message: 'A gap is on record.' },
    ],
  };
  const verified = await ran('audit verify', { auditVerify: { valid: false, status: 'tampered', reports: [report] } });
  assert.equal(verified.status, 40);
  assert.match(verified.stdout, /INVALID +f: tampered, lines were changed/);
  assert.match(verified.stdout, /1 checked with their keys; the first 1 covered by checkpoints, the newest of 2026-01-01T00:00:00.000Z/);
  assert.match(verified.stdout, /edited +f:2 \(record 1\): Its mac does not fit\. What is before it stands up to 2026-01-01T00:00:01/);
  assert.match(verified.stdout, /gap +f:3: A gap is on record\.\n/);
  for (const [status, { exit }] of Object.entries(verifyStatuses)) {
    const answer = { auditVerify: { valid: true, status, reports: [{ ...report, status, problems: [] }] } };
    assert.equal((await ran('audit verify', answer)).status, exit, status);
  }
  const doctor = await ran('doctor', {
    doctor: { healthy: false, checks: [{ name: 'docker', status: 'problem', message: 'no socket', hint: 'start it' }] },
  });
  assert.equal(doctor.status, 1);
  assert.match(doctor.stdout, /problem {2}docker: no socket\n +start it\n/);
});

test('exec with --json answers with the captured output and the command’s own status', async () => {
  const { status, stdout, calls } = await ran('exec --json app -- sh -c x', {
    exec: { exit: { code: 7, signal: null }, stdout: 'out', stderr: '' },
  });
  assert.equal(status, 7);
  assert.deepEqual(calls, [{ name: 'exec', params: { sandbox: 'app', command: ['sh', '-c', 'x'] } }]);
  assert.deepEqual(JSON.parse(stdout), { exit: { code: 7, signal: null }, stdout: 'out', stderr: '' });
});

test('attach without a name lists what there is when it cannot choose', async () => {
  const none = await ran('attach', { status: { sandboxes: [] } });
  assert.equal(none.status, errorCodes.SANDBOX_UNKNOWN.exit);
  assert.match(none.stderr, /lasso shell/);
});

test('colours appear on a terminal only, and not against NO_COLOR', async () => {
  const answers = { status: { sandboxes: [sandbox] } };
  const shown = async (terminal: boolean, environment: Readonly<Record<string, string>>): Promise<boolean> =>
    (await ran('ps', answers, testConsole({ terminal, environment }))).stdout.includes('\u001b[');
  assert.deepEqual(
    [await shown(true, {}), await shown(true, { NO_COLOR: '1' }), await shown(true, { TERM: 'dumb' }), await shown(false, {})],
    [true, false, false, false],
  );
});

test('the version needs no helper', async () => {
  assert.deepEqual(await ran('version'), { status: 0, calls: [], stdout: 'lasso 2.0.0\n', stderr: '' });
  assert.equal((await ran('helper ensure')).status, 3);
});

test('inside a sandbox nothing is asked of a helper, and that is said', async () => {
  for (const line of ['ps', 'exec app -- true', 'approve 1f2e3d4c', 'mcp', 'up', 'helper ensure']) {
    const { status, calls, stderr } = await ran(line, {}, testConsole({ environment: { LASSO: '1' } }));
    assert.deepEqual([status, calls], [errorCodes.UNSUPPORTED.exit, []], line);
    assert.match(stderr, /This is a LASSO sandbox.*Ask the person outside/s, line);
  }
  assert.equal((await ran('version', {}, testConsole({ environment: { LASSO: '1' } }))).status, 0);
});

test('what an agent needs is printed alone, and where it belongs beside it', async () => {
  const plain = await ran('mcp config --agent claude --profile ./p.toml');
  assert.deepEqual(JSON.parse(plain.stdout), {
    mcpServers: { lasso: { type: 'stdio', command: 'lasso', args: ['mcp', '--profile', '/src/app/p.toml'] } },
  });
  assert.deepEqual([plain.status, plain.stderr, plain.calls], [0, '.mcp.json:\n', []]);
  const shown: unknown = JSON.parse((await ran('mcp config --agent codex --dir . --json')).stdout);
  const text = '[mcp_servers.lasso]\ncommand = "lasso"\nargs = ["mcp", "--dir", "/src/app"]\n';
  assert.deepEqual(shown, { agent: 'codex', file: '~/.codex/config.toml', text });
  assert.equal((await ran('mcp config --agent aider')).status, errorCodes.UNSUPPORTED.exit);
});
