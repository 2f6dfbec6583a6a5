/** A record on the command line: as data, in pieces, followed over a new start of the helper; exports are whole or not there. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Connection } from '../../../../helper/faces/cli/connection.ts';
import { exportRecord, viewRecord } from '../../../../helper/faces/cli/record-view.ts';
import { LassoError } from '../../../../helper/protocol/errors.ts';
import { testConsole, type TestConsole } from '../../../kit/console.ts';

const lost = new LassoError('HELPER_UNREACHABLE', 'gone', '');
type Answer = Readonly<Record<string, unknown>> | Error;
interface Call {
  readonly name: string;
  readonly params: unknown;
}

/** A connection that gives one answer after the other; then it waits for the signal. */
function answering(answers: readonly Answer[], calls: Call[]): Connection {
  const rest = [...answers];
  const call = (name: string, params: unknown, options: { readonly signal?: AbortSignal } = {}): Promise<unknown> => {
    calls.push({ name, params });
    const answer = rest.shift();
    if (answer !== undefined) return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    return new Promise((_, reject) => options.signal?.addEventListener('abort', () => reject(new LassoError('CANCELLED', 'x', ''))));
  };
  return { call: call as Connection['call'], openStream: () => Promise.reject(new Error('none')), dispose: () => undefined };
}

interface Seated {
  readonly seat: Parameters<typeof viewRecord>[0];
  readonly calls: Call[];
  readonly stop: () => void;
}

function seated(console: TestConsole, ...helpers: readonly (readonly Answer[])[]): Seated {
  const calls: Call[] = [];
  const abort = new AbortController();
  const [first = [], ...others] = helpers.map((answers) => answering(answers, calls));
  const connect = (): Promise<Connection> => {
    const next = others.shift();
    return next === undefined ? Promise.reject(lost) : Promise.resolve(next);
  };
  return { seat: { connection: first as Connection, connect, console, signal: abort.signal }, calls, stop: () => abort.abort() };
}

const record = (more: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({ seq: 4, ts: '2026-01-01T00:00:00.000Z', type: 'command', action: 'exec', outcome: 'success', ...more });
const answer = (texts: readonly string[], end: string, more = false): Answer => ({
  sandbox: '0123456789ab',
  records: texts.map((text, index) => ({ file: 'f', line: index + 1, text })),
  end,
  more,
});
const rowsOf = (text: string): readonly string[] => text.split('\n').map((line) => line.replace(/ +/g, ' '));

const hostile = [
  record({ target: 'ls \u202e', detail: { code: 0 } }),
  record({ outcome: 'blocked', target: 'rm', detail: { reason: 'It is listed.', rule: 'r', origin: 'p.toml:3' } }),
  '{"a\u001b',
  '[1]',
];

test('records are shown as data in columns, blocked ones are marked, odd lines are shown as they are', async () => {
  const console = testConsole();
  const { seat } = seated(console, [answer(hostile, '1.9.4')]);
  assert.equal(await viewRecord(seat, {}, false), 0);
  assert.deepEqual(rowsOf(console.written().stdout), [
    ' TIME TYPE ACTION OUTCOME TARGET REASON',
    ' 2026-01-01T00:00:00.000Z command exec success ls \\u{202e} code=0',
    '! 2026-01-01T00:00:00.000Z command exec blocked rm It is listed. (p.toml:3)',
    '? f:3 is not a record: {"a\\u{1b}',
    '? f:4 is not a record: [1]',
    '',
  ]);
});

test('on a terminal blocked records stand out in red, and no escape of a record gets there', async () => {
  const console = testConsole({ terminal: true });
  const { seat } = seated(console, [answer(hostile, '1.9.4')]);
  await viewRecord(seat, {}, false);
  const { stdout } = console.written();
  assert.match(stdout, /\u001b\[31m! 2026[^\n]*blocked[^\n]*\u001b\[0m\n/);
  assert.doesNotMatch(stdout.replace(/\u001b\[\d+m/g, ''), /[\u001b\u202e]/);
});

test('--json gives one JSON document a record, that is safe to look at', async () => {
  const console = testConsole();
  const { seat } = seated(console, [answer(hostile, '1.9.4')]);
  await viewRecord(seat, {}, true);
  const lines = console.written().stdout.trimEnd().split('\n');
  assert.deepEqual(
    lines.map((line): unknown => JSON.parse(line)),
    [
      ...hostile.slice(0, 2).map((text): unknown => JSON.parse(text)),
      ...hostile.slice(2).map((text, at) => ({ unreadable: { file: 'f', line: at + 3, text } })),
    ],
  );
  assert.doesNotMatch(console.written().stdout, /[\u001b\u202e]/);
});

test('a long record comes in pieces of the sandbox that was meant, with its filter', async () => {
  const console = testConsole();
  const { seat, calls } = seated(console, [
    answer([record({ target: 'one' })], '1.10.1', true),
    answer([], '1.20.2', true),
    answer([record({ target: 'two' })], '1.30.3'),
  ]);
  assert.equal(await viewRecord(seat, { sandbox: 'app', outcome: ['success'], tail: 5 }, false), 0);
  assert.deepEqual(
    calls.map(({ params }) => params),
    [
      { sandbox: 'app', outcome: ['success'], tail: 5 },
      { sandbox: '0123456789ab', outcome: ['success'], tail: 5, after: '1.10.1' },
      { sandbox: '0123456789ab', outcome: ['success'], tail: 5, after: '1.20.2' },
    ],
  );
  assert.match(console.written().stdout, /one[^]*two/);
});

test('nothing to show is said beside the output', async () => {
  const console = testConsole();
  const { seat } = seated(console, [answer([], '1.0.0')]);
  assert.equal(await viewRecord(seat, {}, false), 0);
  assert.deepEqual(console.written(), { stdout: '', stderr: 'No record matches.\n' });
});

test('following goes on where it was when the helper is started anew, and ends with an interrupt', async () => {
  const console = testConsole();
  const { seat, calls, stop } = seated(
    console,
    [answer([record({ target: 'one' })], '1.10.1'), lost],
    [answer([record({ target: 'two' })], '1.20.2'), new LassoError('CANCELLED', 'leaving', '')],
    [answer([record({ target: 'three' })], '1.30.3')],
  );
  const following = viewRecord(seat, { follow: true }, false);
  while (calls.length < 6) await new Promise((resolve) => setTimeout(resolve, 5));
  stop();
  assert.equal(await following, 0);
  assert.deepEqual(
    calls.map(({ params }) => (params as { readonly after?: string }).after),
    [undefined, '1.10.1', '1.10.1', '1.20.2', '1.20.2', '1.30.3'],
  );
  assert.match(console.written().stdout, /one[^]*two[^]*three/);
});

test('whoever does not follow is told that the helper is lost', async () => {
  const { seat } = seated(testConsole(), [answer([record({})], '1.10.1', true), lost]);
  await assert.rejects(viewRecord(seat, {}, false), { code: 'HELPER_UNREACHABLE' });
});

test('an export is put together in a new file; one that fails leaves none', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lasso-export-'));
  try {
    const console = { ...testConsole(), cwd: folder };
    const { seat, calls } = seated(console, [
      { sandbox: 'id', text: 'a', next: '+1.1.1' },
      { sandbox: 'id', text: 'b' },
    ]);
    assert.equal(await exportRecord(seat, { sandbox: 'app', format: 'csv', output: 'x.csv' }), 0);
    assert.equal(readFileSync(join(folder, 'x.csv'), 'utf8'), 'ab');
    assert.deepEqual(
      calls.map(({ params }) => params),
      [
        { sandbox: 'app', format: 'csv' },
        { sandbox: 'id', format: 'csv', after: '+1.1.1' },
      ],
    );
    const failing = seated(console, [{ sandbox: 'id', text: 'a', next: '+1.1.1' }, lost]);
    await assert.rejects(exportRecord(failing.seat, { output: 'y.csv' }), { code: 'HELPER_UNREACHABLE' });
    assert.deepEqual(readdirSync(folder), ['x.csv']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
