/** `lasso why --batch`: every line answered in order, as it comes, in bounded memory. */
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { answeredLine } from '../../../../helper/core/batch.ts';
import { answerBatch } from '../../../../helper/faces/cli/batch.ts';
import type { Connection } from '../../../../helper/faces/cli/connection.ts';
import { networkRulesOf } from '../../../../helper/policy/network/rules.ts';
import { profileSchema } from '../../../../helper/protocol/profile/profile.ts';
import { testConsole } from '../../../kit/console.ts';
import { rulesNamed } from '../../../kit/command-rules.ts';

const rules = {
  commands: rulesNamed('standard'),
  network: networkRulesOf(profileSchema.parse({ name: 'x', network: { mode: 'none' } }), {}),
};

interface Desk {
  readonly stdin: PassThrough;
  readonly out: () => string;
  readonly calls: { readonly batch: string; readonly lines: readonly string[] }[];
  readonly status: Promise<number>;
  readonly stdout: PassThrough;
}

function open(): Desk {
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  let written = '';
  stdout.on('data', (bytes: Buffer) => (written += bytes.toString()));
  const console = { ...testConsole(), stdin, stdout };
  const calls: Desk['calls'] = [];
  const call = (_name: string, params: Desk['calls'][number]): Promise<unknown> => {
    calls.push(params);
    return Promise.resolve({ lines: params.lines.map((line) => answeredLine(line, rules)) });
  };
  const connection = { call: call as Connection['call'], openStream: () => new PassThrough(), dispose: () => undefined };
  const status = answerBatch(connection, console, { profile: 'standard' });
  return { stdin, out: () => written, calls, status, stdout };
}

const parsed = (text: string): readonly Readonly<Record<string, unknown>>[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);

test('a question keeps its keys and gets its verdict', async () => {
  const { stdin, status, out } = open();
  stdin.end('{"cmd":"git push -f","id":7,"want":"deny"}\n{"cmd":"ls | wc -l"}\n{"url":"https://x.example/","method":"POST"}');
  assert.equal(await status, 0);
  const [push, list, url] = parsed(out());
  const { reason, ...rest } = push ?? {};
  assert.deepEqual(rest, {
    ...{ cmd: 'git push -f', id: 7, want: 'deny', verdict: 'deny', stage: 'blocked-arguments' },
    ...{ rule: 'commands.blocked_args.git[0]', programs: ['git'] },
  });
  assert.match(String(reason), /refuses “git push --force”/);
  assert.deepEqual([list?.['verdict'], list?.['programs'], list !== undefined && 'rule' in list], ['allow', ['ls', 'wc'], false]);
  assert.deepEqual([url?.['verdict'], url?.['method'], url?.['programs']], ['deny', 'POST', []]);
});

const malformed: readonly (readonly [line: string, error: RegExp])[] = [
  ['', /not a JSON object/],
  ['ls', /not a JSON object/],
  ['[1]', /not a JSON object/],
  ['null', /not a JSON object/],
  ['{"cmd":"ls"', /not a JSON object/],
  ['{"id":1}', /cmd or url/],
  ['{"cmd":"ls","url":"https://x.example/"}', /cmd or url/],
  ['{"cmd":1}', /not a text/],
  ['{"url":"https://x.example/","method":1}', /texts/],
];
for (const [line, error] of malformed)
  test(`a malformed line is answered with an error: ${JSON.stringify(line)}`, async () => {
    const { stdin, status, out } = open();
    stdin.end(`${line}\n{"cmd":"ls"}\n`);
    assert.equal(await status, 0);
    const [wrong, right] = parsed(out());
    assert.match(String(wrong?.['error']), error);
    assert.equal(wrong !== undefined && 'verdict' in wrong, false);
    assert.equal(right?.['verdict'], 'allow');
  });

test('whoever waits for an answer before asking on gets it', async () => {
  const { stdin, status, stdout, out } = open();
  for (const number of [1, 2, 3, 4, 5]) {
    const answer = new Promise((resolve) => stdout.once('data', resolve));
    stdin.write(`{"cmd":"ls","id":${number}}\n`);
    await answer;
    assert.equal(parsed(out()).at(-1)?.['id'], number);
  }
  stdin.end();
  assert.equal(await status, 0);
});

test('lines are put together again wherever they were cut, letters of several bytes included', async () => {
  const { stdin, status, out } = open();
  const bytes = Buffer.from('{"cmd":"echo ä日本😀"}\n{"cmd":"ls"}\r\n');
  for (const byte of bytes) stdin.write(Buffer.from([byte]));
  stdin.end();
  await status;
  assert.deepEqual(
    parsed(out()).map(({ cmd }) => cmd),
    ['echo ä日本😀', 'ls'],
  );
});

test('a line without end is answered as too long, and what follows is judged', async () => {
  const { stdin, status, out, calls } = open();
  stdin.write('{"cmd":"');
  for (let count = 0; count < 40; count += 1) stdin.write('x'.repeat(65_536));
  stdin.end('"}\n{"cmd":"ls"}\n');
  await status;
  assert.deepEqual(
    parsed(out()).map((answer) => answer['error'] ?? answer['verdict']),
    ['This line is too long.', 'allow'],
  );
  assert.deepEqual(
    calls.map(({ lines }) => lines.length),
    [1],
  );
});

test('the profile is read once: all requests bear one name', async () => {
  const { stdin, status, calls, out } = open();
  stdin.end('{"cmd":"ls"}\n'.repeat(5000));
  await status;
  assert.ok(calls.length > 1);
  assert.equal(new Set(calls.map(({ batch }) => batch)).size, 1);
  assert.equal(parsed(out()).length, 5000);
});

test('while nobody takes the answers, no questions are read', async () => {
  const { stdin, calls, stdout } = open();
  stdout.pause();
  let accepted = 0;
  for (let block = 0; block < 400; block += 1) {
    if (stdin.writableLength < 1_000_000) accepted += Number(stdin.write('{"cmd":"ls"}\n'.repeat(4000)) || 1);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.ok(accepted < 100, `${accepted} blocks`);
  assert.ok(calls.length < 100, `${calls.length} calls`);
  stdin.destroy();
});
