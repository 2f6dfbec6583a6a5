/** `lasso audit key`: what it shows, and that a key is taken away only after it was shown to whoever agreed. */
import assert from 'node:assert/strict';
import { PassThrough, Writable } from 'node:stream';
import { test } from 'node:test';
import type { Connection } from '../../../../helper/faces/cli/connection.ts';
import { run } from '../../../../helper/faces/cli/run.ts';
import { commands } from '../../../../helper/faces/cli/table.ts';
import { testConsole, type TestConsole } from '../../../kit/console.ts';

const fingerprint = '0e8b00dee2effffc';
const publicKey = 'lasso-record+7693c074+ASmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X';
const firstKey = 'lasso-first-key-3:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8';

interface Ran extends ReturnType<TestConsole['written']> {
  readonly status: number;
  readonly calls: readonly unknown[];
}

async function ran(line: string, answer: Readonly<Record<string, unknown>>, console: TestConsole = testConsole()): Promise<Ran> {
  const calls: unknown[] = [];
  const call = (_name: string, params: unknown): Promise<unknown> => {
    calls.push(params);
    return Promise.resolve({ fingerprint, publicKey, ...answer });
  };
  const connection = { call: call as Connection['call'], openStream: () => new PassThrough(), dispose: () => undefined };
  const program = { version: '2.0.0', commands, console, connect: () => Promise.resolve(connection), internal: () => Promise.resolve(3) };
  const status = await run(program, line.split(' '));
  return { status, calls, ...console.written() };
}

/** A person at a terminal who types this. */
function typing(text: string): TestConsole {
  const stdin = new PassThrough();
  stdin.end(text);
  return { ...testConsole({ terminal: true }), stdin: Object.assign(stdin, { isTTY: true as const }) };
}

const states: readonly (readonly [line: string, answer: Readonly<Record<string, unknown>>, says: RegExp])[] = [
  [
    'audit key',
    { place: 'file', file: '/home/me/.lasso/first-key' },
    /here {2}The first key lies in \/home\/me\/\.lasso\/first-key.*\n.*--move FILE/,
  ],
  ['audit key', { place: 'keyring' }, /keyring {2}The first key is in this system’s keyring/],
  ['audit key', { place: 'away' }, /away {2}The first key is not on this machine/],
  ['audit key --move /media/stick/key', { place: 'away', file: '/media/stick/key' }, /moved {2}The first key is in \/media\/stick\/key/],
];
for (const [line, answer, says] of states)
  test(`lasso ${line}: ${String(answer['place'])}`, async () => {
    const { status, stdout } = await ran(line, answer);
    assert.equal(status, 0);
    assert.match(stdout, says);
    assert.ok(stdout.includes(fingerprint) && stdout.includes(publicKey));
  });

test('a file is named as the shell means it', async () => {
  const { calls } = await ran('audit key --move key', { place: 'away', file: '/src/app/key' });
  assert.deepEqual(calls, [{ move: '/src/app/key' }]);
});

test('printed for a person who agrees: shown alone on stdout, then taken away, and told so', async () => {
  const { status, stdout, stderr, calls } = await ran('audit key --print', { place: 'file', firstKey }, typing('y\n'));
  assert.equal(status, 0);
  assert.equal(stdout, `${firstKey}\n`);
  assert.match(stderr, /printed once[\s\S]*It is gone from this machine/);
  assert.deepEqual(calls, [{ print: true, keep: true }, { print: true }]);
});

for (const answer of ['n\n', '\n', ''])
  test(`not printed for a person who answers ${JSON.stringify(answer)}`, async () => {
    const { status, stdout, calls } = await ran('audit key --print', { place: 'file', firstKey }, typing(answer));
    assert.equal(status, 130);
    assert.ok(!stdout.includes(firstKey));
    assert.deepEqual(calls, []);
  });

test('printed into a pipe without a question', async () => {
  const { stdout, calls } = await ran('audit key --print', { place: 'file', firstKey });
  assert.equal(stdout, `${firstKey}\n`);
  assert.equal(calls.length, 2);
  const json = await ran('audit key --print --json', { place: 'file', firstKey });
  assert.deepEqual(JSON.parse(json.stdout), { fingerprint, publicKey, place: 'away', firstKey });
});

test('kept where nobody could read what was printed', async () => {
  const gone = new Writable({ write: (_bytes, _encoding, done) => done(new Error('EPIPE')) });
  const { status, calls } = await ran('audit key --print', { place: 'file', firstKey }, { ...testConsole(), stdout: gone });
  assert.equal(status, 130);
  assert.deepEqual(calls, [{ print: true, keep: true }]);
});
