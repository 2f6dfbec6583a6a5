/** Values on the command line: from stdin or unseen from a person, over a stream of their own, and printed only when asked for. */
import assert from 'node:assert/strict';
import { Duplex, PassThrough } from 'node:stream';
import { test } from 'node:test';
import type { Connection } from '../../../../helper/faces/cli/connection.ts';
import { askHidden } from '../../../../helper/faces/cli/hidden-input.ts';
import { run } from '../../../../helper/faces/cli/run.ts';
import { commands } from '../../../../helper/faces/cli/table.ts';
import { LassoError } from '../../../../helper/protocol/errors.ts';
import { testConsole, type TestConsole } from '../../../kit/console.ts';

const value = 'hunter2 value';

interface Ran extends ReturnType<TestConsole['written']> {
  readonly status: number;
  readonly calls: readonly (readonly [name: string, params: unknown])[];
  /** what went over streams */
  readonly sent: string;
}

/** Runs the command line against a helper whose streams give `given` and keep what they get. */
async function ran(
  line: string,
  answers: Readonly<Record<string, unknown>>,
  options: { console?: TestConsole; given?: string } = {},
): Promise<Ran> {
  const calls: [string, unknown][] = [];
  let sent = '';
  const console = options.console ?? testConsole();
  const over = Promise.withResolvers<undefined>();
  const call = async (name: string, params: unknown): Promise<unknown> => {
    calls.push([name, params]);
    const answer = answers[name];
    if (answer instanceof Error) throw answer;
    if (name === 'secretSet') await over.promise;
    return answer;
  };
  const stream = (): Duplex => {
    const [input, output] = [new PassThrough(), new PassThrough()];
    input.on('data', (bytes: Buffer) => (sent += bytes.toString())).once('end', () => over.resolve(undefined));
    output.end(options.given ?? '');
    return Duplex.from({ readable: output, writable: input });
  };
  const connection = { call: call as Connection['call'], openStream: stream, dispose: () => undefined };
  const program = { version: '2.0.0', commands, console, connect: () => Promise.resolve(connection), internal: () => Promise.resolve(3) };
  const status = await run(program, line.split(' '));
  return { status, calls, sent, ...console.written() };
}

const kept = { name: 'npm', where: 'keyring', place: 'the Keychain' };
const inFile = { name: 'npm', where: 'file', place: '/home/me/.lasso/secrets.json', why: 'LASSO can use no keyring on this machine' };

function fed(text: string, terminal = false): TestConsole {
  const stdin = new PassThrough();
  stdin.end(text);
  const modes: boolean[] = [];
  return {
    ...testConsole({ terminal }),
    stdin: terminal ? Object.assign(stdin, { isTTY: true as const, setRawMode: (on: boolean) => (modes.push(on), stdin) as never }) : stdin,
  };
}

test('a value from stdin goes over a stream and is in no parameter and no output', async () => {
  const { status, calls, sent, stdout, stderr } = await ran('secret set npm', { secretSet: kept }, { console: fed(`${value}\n`) });
  assert.equal(status, 0);
  assert.equal(sent, `${value}\n`);
  assert.match(stdout, /^kept {2}npm {2}in the Keychain\n/);
  assert.ok(!`${JSON.stringify(calls)}${stdout}${stderr}`.includes('hunter2'));
  assert.deepEqual(
    calls.map(([name]) => name),
    ['secretSet'],
  );
});

test('a value in a file is said to be in a file, and why', async () => {
  const { stdout } = await ran('secret set npm', { secretSet: inFile }, { console: fed(value) });
  assert.match(
    stdout,
    /in the file \/home\/me\/\.lasso\/secrets\.json, unencrypted and readable by you alone, because LASSO can use no keyring/,
  );
  assert.deepEqual(JSON.parse((await ran('secret set npm --json', { secretSet: inFile }, { console: fed(value) })).stdout), inFile);
  assert.equal((await ran('secret set npm -q', { secretSet: kept }, { console: fed(value) })).stdout, 'npm\n');
});

test('a value is no argument', async () => {
  const { status, calls } = await ran(`secret set npm hunter2`, { secretSet: kept });
  assert.equal(status, 2);
  assert.deepEqual(calls, []);
});

test('a person types it unseen', async () => {
  const { sent, stdout, stderr } = await ran('secret set npm', { secretSet: kept }, { console: fed('wrong\u0015hunt\u007fter2\r', true) });
  assert.equal(sent, 'hunter2');
  assert.match(stderr, /^Value of npm: \n/);
  assert.ok(!`${stdout}${stderr}`.includes('hunt'));
});

test('Ctrl-C keeps nothing', async () => {
  const { status, calls } = await ran('secret set npm', { secretSet: kept }, { console: fed('hunter\u0003', true) });
  assert.equal(status, 130);
  assert.deepEqual(calls, []);
  const console = fed('abc', true);
  assert.equal(await askHidden(console, '? '), 'abc');
});

test('what the helper refuses is told', async () => {
  const refusal = new LassoError('BAD_REQUEST', 'secret set: the value is empty', 'Give it on stdin, or type it.');
  const { status, stderr } = await ran('secret set npm', { secretSet: refusal }, { console: fed('') });
  assert.equal(status, 2);
  assert.match(stderr, /the value is empty/);
});

test('a token is printed alone, with a warning beside it', async () => {
  const { status, stdout, stderr } = await ran('auth token', { authToken: {} }, { given: 'hunter2-token' });
  assert.deepEqual([status, stdout], [0, 'hunter2-token\n']);
  assert.match(stderr, /This is a secret/);
  const none = new LassoError('SECRET_UNAVAILABLE', 'nobody is signed in to GitHub', 'Run: lasso auth login');
  const refused = await ran('auth token', { authToken: none });
  assert.deepEqual([refused.status, refused.stdout], [69, '']);
});

test('signing in shows the page and the code as plain text', async () => {
  const begun = { id: 'x', code: 'ABCD-1234', page: 'https://login.example/\u001b[2J', expiresAt: '' };
  const { status, stdout } = await ran('auth login', { authBegin: begun, authWait: { ...kept, scopes: 'repo' } });
  assert.equal(status, 0);
  assert.match(stdout, /^Open {2}https:\/\/login\.example\/\\u\{1b\}\[2J\nand type {2}ABCD-1234\n/);
  assert.match(stdout, /signed in to GitHub {2}in the Keychain\n {2}scopes: repo\n$/);
});

test('lists and tests of secrets are names and places', async () => {
  const list = {
    kept: [{ name: 'npm', where: 'file' }],
    profile: 'team',
    used: [{ name: 'npm', from: 'keyring:npm', hosts: [], header: 'authorization' }],
  };
  const { stdout } = await ran('secret list', { secretList: list });
  assert.deepEqual(stdout.split('\n'), [
    'KEPT  WHERE',
    'npm   file, unencrypted',
    '',
    'Secrets the profile team uses:',
    'NAME  FROM         VARIABLE  HEADER         HOSTS',
    'npm   keyring:npm  -         authorization  nowhere',
    '',
  ]);
  const found = await ran('secret test npm', { secretTest: { name: 'npm', from: 'env:A', found: true } });
  assert.deepEqual([found.status, found.stdout], [0, 'found  npm  (env:A)\n']);
  const gone = await ran('secret test npm', {
    secretTest: { name: 'npm', from: 'env:A', found: false, reason: 'It is not set.', hint: 'Set it.' },
  });
  assert.deepEqual([gone.status, gone.stdout], [1, 'missing  npm  (env:A)\n  It is not set.\n  Set it.\n']);
  assert.equal((await ran('auth status', { authStatus: { from: null } })).status, 1);
  assert.match(
    (await ran('auth status', { authStatus: { from: 'login', since: 'then', scopes: '' } })).stdout,
    /Signed in .*\n {2}since then\n$/,
  );
  assert.match((await ran('auth logout', { authLogout: { removed: true } })).stdout, /stays valid at GitHub/);
  assert.equal(
    (await ran('secret remove npm', { secretRemove: { name: 'npm', removed: 'file' } })).stdout,
    'removed  npm  from the file\n',
  );
});
