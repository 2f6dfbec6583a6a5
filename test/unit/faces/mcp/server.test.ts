/** What a model is told: of results, refusals, failures and progress; and what a client that breaks the rules can do. */
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { serveMcp } from '../../../../helper/faces/mcp/serve.ts';
import { LassoError } from '../../../../helper/protocol/errors.ts';
import { makingHelper, testServer, type HelperAnswers } from '../../../kit/mcp-server.ts';

const withAnswer = (verb: string, answer: HelperAnswers[string]): HelperAnswers => ({ ...makingHelper(), [verb]: answer });
const output =
  (stdout: string, exit: object = { code: 0, signal: null }) =>
  () => ({ exit, stdout, stderr: '', truncated: false });

const commands: readonly (readonly [says: string, answer: HelperAnswers[string], text: string | RegExp, isError: boolean])[] = [
  ['a command that failed is an answer like another', output('no\n', { code: 1, signal: null }), 'exit code 1\nstdout:\nno\n', false],
  [
    'a signal and its reason are told',
    output('', { code: null, signal: 9, reason: 'killed by the memory limit' }),
    /signal 9: killed by the m/,
    false,
  ],
  ['output is told as it is, whatever is in it', output('\u001b[2J</tool>\u202e'), 'exit code 0\nstdout:\n\u001b[2J</tool>\u202e', false],
  [
    'a long output keeps its beginning and its end',
    output(`first${'x'.repeat(900_000)}last`),
    /first.*850857 characters left out.*last$/s,
    false,
  ],
  [
    'a refusal is told with its rule, its reason and what to do',
    () => {
      throw new LassoError('COMMAND_DENIED', 'curl is blocked by p.toml:3: no network', 'Ask the person.');
    },
    'curl is blocked by p.toml:3: no network.\nAsk the person.',
    true,
  ],
  [
    'details of a failure are told',
    () => {
      throw new LassoError('CANNOT_ENFORCE', 'It cannot start.', 'Change this.', { details: ['memory: absent'] });
    },
    'It cannot start.\nChange this.\nmemory: absent',
    true,
  ],
  [
    'what nobody expected is told without a word of where',
    () => {
      throw new TypeError('at /src/secret/path.ts');
    },
    'Something unexpected went wrong in LASSO.\nTell the person.',
    true,
  ],
];
for (const [says, answer, text, isError] of commands)
  test(says, async () => {
    const { told } = await testServer(withAnswer('exec', answer));
    const answered = await told('sandbox_exec', { command: ['x'] });
    if (typeof text === 'string') assert.equal(answered.text, text);
    else assert.match(answered.text, text);
    assert.equal(answered.isError, isError);
  });

test('an error of another bundle’s class is known by its form', async () => {
  const foreign = Object.assign(new Error('No engine'), { code: 'NO_ENGINE', hint: 'Install one.', details: ['a'] });
  const { told } = await testServer(withAnswer('create', () => Promise.reject(foreign)));
  assert.equal((await told('sandbox_create')).text, 'No engine.\nInstall one.\na');
});

test('a part of a file is the file’s own text, and then says where to go on', async () => {
  const { told } = await testServer(withAnswer('fileRead', () => ({ path: '/workspace/a', text: 'part', sizeBytes: 9, next: 4 })));
  assert.equal((await told('file_read', { path: 'a' })).text, 'part\nThe file has 9 bytes and goes on: read it with offset 4.');
});

test('a call that no connection could hold does not reach the helper', async () => {
  const { told, calls } = await testServer();
  assert.match((await told('file_write', { path: 'a', text: '\u0001'.repeat(2_000_000) })).text, /more than one call can hold/);
  assert.deepEqual(calls, []);
});

test('progress of the helper is told to who asked for it', async () => {
  const helper = makingHelper();
  const create: HelperAnswers[string] = (params, options) => {
    options.onProgress?.({ request: 'r', message: 'Building' });
    return helper['create']?.(params, options);
  };
  const { client } = await testServer({ ...helper, create });
  const told: unknown[] = [];
  const onprogress = ({ progress, message }: { progress: number; message?: string | undefined }): void =>
    void told.push([progress, message]);
  await client.callTool({ name: 'sandbox_exec', arguments: { command: ['x'] } }, undefined, { onprogress });
  await client.callTool({ name: 'sandbox_create', arguments: {} }, undefined, { onprogress });
  assert.deepEqual(told, [
    [1, 'Building'],
    [1, 'Building'],
  ]);
});

test('a call that is cancelled cancels its request to the helper', async () => {
  let cancelled = false;
  const exec: HelperAnswers[string] = (_params, { signal }) =>
    new Promise((_resolve, reject) => {
      signal?.addEventListener('abort', () => {
        cancelled = true;
        reject(new LassoError('CANCELLED', 'cancelled', ''));
      });
      abort.abort();
    });
  const abort = new AbortController();
  const { client } = await testServer(withAnswer('exec', exec));
  await assert.rejects(client.callTool({ name: 'sandbox_exec', arguments: { command: ['x'] } }, undefined, { signal: abort.signal }));
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(cancelled, true);
});

test('more than 64 calls at once are refused, and the next one is not', async () => {
  const waiting: (() => void)[] = [];
  const exec: HelperAnswers[string] = () => new Promise((resolve) => waiting.push(() => resolve(output('')())));
  const { told } = await testServer(withAnswer('exec', exec));
  const all = Array.from({ length: 70 }, () => told('sandbox_exec', { command: ['x'] }));
  while (waiting.length < 64) await new Promise((resolve) => setImmediate(resolve));
  waiting.splice(0).forEach((finish) => finish());
  const refused = (await Promise.all(all)).filter(({ isError }) => isError);
  assert.deepEqual([refused.length, refused[0]?.text], [6, 'There are too many calls at once.\nWait for answers; 64 may be under way.']);
  const next = told('sandbox_exec', { command: ['x'] });
  while (waiting.length < 1) await new Promise((resolve) => setImmediate(resolve));
  waiting[0]?.();
  assert.equal((await next).isError, false);
});

interface Wire {
  readonly status: Promise<number>;
  readonly send: (text: string) => void;
  readonly written: { stdout: string; stderr: string };
  readonly stdin: PassThrough;
}

/** `lasso mcp` on streams of the test's own, with no helper to be had. */
function wire(reads = true): Wire {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const written = { stdout: '', stderr: '' };
  if (reads) stdout.on('data', (bytes: Buffer) => (written.stdout += bytes.toString()));
  stderr.on('data', (bytes: Buffer) => (written.stderr += bytes.toString()));
  const connect = (): Promise<never> => Promise.reject(new LassoError('HELPER_UNREACHABLE', 'No helper.', 'Look at its log.'));
  const status = serveMcp({ stdin, stdout, stderr, version: '2.0.0', bounds: { dir: '/nowhere' }, connect });
  return { status, send: (text) => void stdin.write(text), written, stdin };
}

const hello = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}\n`;
const ping = (id: number): string => `{"jsonrpc":"2.0","id":${id},"method":"ping"}\n`;

test('garbage between messages harms no message, and never comes back on stdout', { timeout: 20_000 }, async () => {
  const { status, send, written, stdin } = wire();
  send(hello);
  for (const junk of [
    '',
    'junk',
    '{',
    '[]',
    'null',
    '{"jsonrpc":"2.0"}',
    `{"jsonrpc":"2.0","id":2,"method":"x","params":${'['.repeat(5000)}`,
    '\0\xff',
  ])
    send(`${junk}\n`);
  send('{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"nothing"}}\n');
  send('{"jsonrpc":"2.0","id":8,"method":"tools/call","params":{"name":"__proto__","arguments":{}}}\n');
  send('{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"sandbox_list","arguments":[1]}}\n');
  send('{"jsonrpc":"2.0","id":10,"method":"tools/call","params":{"name":"sandbox_create","arguments":{"__proto__":{"dir":"/"}}}}\n');
  send(ping(99));
  while (!written.stdout.includes('"id":99')) await new Promise((resolve) => setTimeout(resolve, 5));
  stdin.end();
  assert.equal(await status, 0);
  const lines = written.stdout.trim().split('\n');
  for (const line of lines) assert.equal((JSON.parse(line) as { jsonrpc: string }).jsonrpc, '2.0');
  assert.match(written.stderr, /^lasso mcp: /);
  assert.ok(lines.some((line) => line.includes('"id":1') && line.includes('LASSO')));
});

test('a message without end ends the server, and its memory is bounded', { timeout: 20_000 }, async () => {
  const { status, send, written } = wire();
  send(hello);
  const piece = 'x'.repeat(1024 * 1024);
  for (let count = 0; count < 40; count += 1) send(piece);
  assert.equal(await status, 0);
  assert.match(written.stderr, /exceeded maximum size/);
});

test('without a helper the tools are listed, and a call says what is wrong', { timeout: 20_000 }, async () => {
  const { status, send, written, stdin } = wire();
  send(hello);
  send('{"jsonrpc":"2.0","method":"notifications/initialized"}\n');
  send('{"jsonrpc":"2.0","id":2,"method":"tools/list"}\n');
  send('{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"sandbox_exec","arguments":{"command":["id"]}}}\n');
  while (!written.stdout.includes('"id":3')) await new Promise((resolve) => setTimeout(resolve, 5));
  stdin.end();
  assert.equal(await status, 0);
  assert.match(written.stdout, /sandbox_exec/);
  assert.match(written.stdout, /No helper\.\\nLook at its log\./);
});

test('a client that does not read, and goes, ends the server', { timeout: 20_000 }, async () => {
  const { status, send, stdin } = wire(false);
  send(hello);
  for (let id = 0; id < 1000; id += 1) send(ping(id));
  stdin.destroy();
  assert.equal(await status, 0);
});
