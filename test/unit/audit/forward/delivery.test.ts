/** What a receiver is told: all of what it is to be told, in order, whatever becomes of it, of the helper or of the files in between. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { z } from 'zod';
import { digestOf, genesis } from '../../../../helper/audit/chain.ts';
import { chainFileName } from '../../../../helper/audit/chain-files.ts';
import { shownAddress } from '../../../../helper/audit/forward/settings.ts';
import { chainName, receiver, testOutbox, until, webhookTo, type Receiver, type TestOutbox } from '../../../kit/forwarding.ts';

const body = z.object({
  version: z.literal(1),
  sandbox: z.literal(chainName),
  events: z.array(
    z.object({
      id: z.string(),
      event: z.string(),
      seq: z.number().optional(),
      digest: z.string().optional(),
      size: z.number().optional(),
      checkpoint: z.string().optional(),
      record: z.looseObject({ seq: z.number(), prev: z.string() }).optional(),
    }),
  ),
});
type Event = z.infer<typeof body>['events'][number];

let test1: TestOutbox;
let hook: Receiver;

beforeEach(async () => {
  test1 = testOutbox();
  hook = await receiver();
});
afterEach(async () => {
  await test1.end();
  await hook.close();
});

const eventsOf = (told: Receiver['told']): readonly Event[] => told.flatMap(({ body: text }) => body.parse(JSON.parse(text)).events);
const numbers = (told: Receiver['told'] = hook.told): readonly number[] => eventsOf(told).flatMap(({ seq }) => seq ?? []);
const upTo = (count: number, from = 0): readonly number[] => Array.from({ length: count - from }, (_, index) => from + index);
const settled = (): Promise<void> => until('all is told', () => test1.outbox.busy === 0);

test('everything is told once, in order, with what it takes to follow the chain', async () => {
  const { chain, outbox } = test1;
  chain.writeMany(250);
  await outbox.direct(chainName, [webhookTo(hook.url)], 'start');
  chain.writeMany(30);
  outbox.grown(chainName);
  await until('280 records', () => numbers().length >= 280);
  await settled();
  assert.deepEqual(numbers(), upTo(280));
  let prev = genesis;
  for (const { record, digest } of eventsOf(hook.told)) {
    assert.equal(record?.prev, prev);
    prev = digest ?? '';
  }
  assert.equal(prev, chain.head.digest);
});

test('a line stands in the body as it was written, so that its digest can be computed from it', async () => {
  const { chain, outbox } = test1;
  const digest = chain.write({ target: 'ü\u202e"\\\n', detail: { big: 1e21, list: [1, 'é'] } });
  await outbox.direct(chainName, [webhookTo(hook.url)], 'start');
  await until('one', () => hook.told.length > 0);
  const text = hook.told[0]?.body ?? '';
  const line = /"record":(\{.*\})\}\]\}$/.exec(text)?.[1] ?? '';
  assert.equal(digestOf(line), digest);
  assert.match(text, /^[\x20-\x7e]+$/);
});

describe('the signature', () => {
  test('covers the time and the body, and names the secret nowhere', async () => {
    const { chain, outbox } = test1;
    chain.write();
    await outbox.direct(chainName, [webhookTo(hook.url, { secret: 'env:HOOK' })], 'start');
    await until('one', () => hook.told.length > 0);
    const [told] = hook.told;
    const timestamp = String(told?.headers['x-lasso-timestamp']);
    const expected = createHmac('sha256', 'value of env:HOOK')
      .update(`${timestamp}.${told?.body ?? ''}`)
      .digest('hex');
    assert.equal(told?.headers['x-lasso-signature'], `t=${timestamp},sha256=${expected}`);
    assert.ok(Math.abs(Number(timestamp) - Date.now() / 1000) < 600);
    assert.equal(told.headers['x-lasso-event'], 'command');
    assert.equal(told.headers['x-lasso-delivery'], `${chainName}:0`);
    const kept = readFileSync(join(chain.places.outbox, chainName, readdirSync(join(chain.places.outbox, chainName))[0] ?? ''), 'utf8');
    assert.ok(kept.includes('env:HOOK') && !kept.includes('value of'), kept);
  });

  test('is not there where no secret is, and without the secret nothing is sent', async () => {
    const { chain, outbox, notices } = test1;
    chain.write();
    await outbox.direct(chainName, [webhookTo(hook.url)], 'start');
    await until('one', () => hook.told.length > 0);
    assert.equal(hook.told[0]?.headers['x-lasso-signature'], undefined);
    await outbox.close(0);
    const without = testOutbox({ secret: () => Promise.reject(new Error('it is not there')) });
    without.chain.write();
    await without.outbox.direct(chainName, [webhookTo(hook.url, { secret: 'env:NONE' })], 'start');
    await until('a notice', () => without.notices.length > 0);
    assert.deepEqual([hook.told.length, without.notices[0]?.message, notices.length], [1, 'it is not there', 0]);
    await without.end();
  });
});

describe('the filter', () => {
  const written = [
    { type: 'command', outcome: 'success' },
    { type: 'command', outcome: 'blocked' },
    { type: 'lifecycle', outcome: 'success' },
    { type: 'violation', outcome: 'error' },
    { type: 'network', outcome: 'blocked' },
    { type: 'chain', outcome: 'success' },
    { type: 'secret', outcome: 'success' },
  ] as const;
  const cases: readonly (readonly [events: readonly string[], told: readonly number[]])[] = [
    [
      ['violation', 'lifecycle'],
      [1, 2, 3, 4],
    ],
    [['blocked'], [1, 4]],
    [['network'], [4]],
    [
      ['command', 'secret'],
      [0, 1, 6],
    ],
    [['nothing'], []],
    [[], []],
  ];
  for (const [events, told] of cases)
    test(`${JSON.stringify(events)} is told ${JSON.stringify(told)}, and every checkpoint`, async () => {
      const { chain, outbox } = test1;
      for (const entry of written) chain.write(entry);
      const note = chain.sign();
      await outbox.direct(chainName, [webhookTo(hook.url, { events: [...events] })], 'start');
      await until('the checkpoint', () => eventsOf(hook.told).some(({ checkpoint }) => checkpoint !== undefined));
      assert.deepEqual(numbers(), told);
      assert.deepEqual(eventsOf(hook.told).at(-1), { id: `${chainName}:checkpoint-7`, event: 'checkpoint', size: 7, checkpoint: note });
    });
});

test('a receiver that is away is told all of it when it is back, and both are said once', async () => {
  const { chain, outbox, notices, clock } = test1;
  const port = Number(new URL(hook.url).port);
  await hook.close();
  chain.writeMany(5);
  await outbox.direct(chainName, [webhookTo(hook.url, { retries: 2 })], 'start');
  await until('a word', () => notices.length > 0);
  assert.deepEqual([notices[0]?.what, notices[0]?.message], ['failing', 'it could not be reached']);
  chain.writeMany(5);
  outbox.grown(chainName);
  await until('more attempts', () => clock.slept.length > 12);
  hook = await receiver(port);
  await until('ten records', () => numbers().length >= 10);
  await until('another word', () => notices.length > 1);
  assert.deepEqual(numbers(), upTo(10));
  assert.deepEqual(
    notices.map(({ what }) => what),
    ['failing', 'back'],
  );
  const waits = clock.slept.filter((ms) => ms > 100);
  assert.deepEqual(waits.slice(0, 9), [750, 1500, 3000, 6000, 12_000, 24_000, 48_000, 96_000, 192_000]);
  assert.ok(
    waits.slice(9).every((ms) => ms === 225_000),
    String(waits),
  );
});

describe('whatever it answers, it is asked again until it accepts', () => {
  const wrong: readonly (readonly [name: string, answer: (answer: ServerResponse) => void, says: RegExp, waits?: number])[] = [
    ['500', (answer) => answer.writeHead(500).end('broken'), /status 500/],
    ['404', (answer) => answer.writeHead(404).end(), /status 404/],
    [
      'a redirect, which is not followed',
      (answer) => answer.writeHead(307, { location: '/elsewhere' }).end(),
      /redirects are not followed/,
    ],
    ['429 with a time', (answer) => answer.writeHead(429, { 'retry-after': '77' }).end(), /status 429/, 77_000],
    ['429 with a time beyond reason', (answer) => answer.writeHead(429, { 'retry-after': '99999999' }).end(), /status 429/, 3_600_000],
    ['503 with a word for a time', (answer) => answer.writeHead(503, { 'retry-after': 'tomorrow' }).end(), /status 503/],
    ['nothing at all', (answer) => answer.socket?.destroy(), /the connection failed/],
    ['no HTTP', (answer) => answer.socket?.end('hello\r\n\r\n'), /the connection failed/],
    ['headers without end', (answer) => void answer.socket?.write(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(200_000)}`), /the connection failed/],
    [
      'a change of protocol',
      (answer) => answer.socket?.end('HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'),
      /something else/,
    ],
    ['silence', () => undefined, /no answer within 0.2 seconds/],
    ['a little now and then', (answer) => void answer.socket?.write('HTTP/1.1 200 OK\r\nA: '), /no answer within 0.2 seconds/],
    ['a body without end', (answer) => void answer.writeHead(200).write('{'), /no answer within 0.2 seconds/],
  ];
  for (const [name, answer, says, waits] of wrong)
    test(name, async () => {
      const { chain, outbox, notices, clock } = test1;
      const good = hook.answer;
      hook.answer = (_asked, reply) => answer(reply);
      chain.writeMany(3);
      await outbox.direct(chainName, [webhookTo(hook.url, { retries: 0, timeoutMs: 200 })], 'start');
      await until('a word', () => notices.length > 0);
      assert.match(notices[0]?.message ?? '', says);
      if (waits !== undefined) await until('the wait asked for', () => clock.slept.includes(waits));
      const refused = hook.told.length;
      hook.answer = good;
      await until('it is back', () => notices.length > 1);
      assert.deepEqual(numbers(hook.told.slice(-1)), [0, 1, 2]);
      assert.ok(hook.told.length > refused && hook.told.every(({ url }) => url === '/hook'));
      assert.equal(new Set(hook.told.map(({ headers }) => headers['x-lasso-delivery'])).size, 1);
    });

  test('a huge answer that accepts is read no further than it must be', async () => {
    const { chain, outbox } = test1;
    hook.answer = (_asked, reply) => void reply.writeHead(200).write(Buffer.alloc(50_000_000));
    chain.write();
    await outbox.direct(chainName, [webhookTo(hook.url)], 'start');
    await until('told', () => hook.told.length > 0);
    await settled();
    assert.deepEqual(numbers(), [0]);
  });
});

test('what is too large at once is told in parts, and one that is too large by itself is left out and said', async () => {
  const { chain, outbox, notices } = test1;
  hook.answer = (asked, reply) => void reply.writeHead(Number(asked.headers['content-length']) > 3000 ? 413 : 200).end();
  chain.writeMany(20);
  chain.write({ detail: { long: 'x'.repeat(4000) } });
  chain.writeMany(3);
  await outbox.direct(chainName, [webhookTo(hook.url)], 'start');
  await until('the last', () => numbers().includes(23));
  await settled();
  const accepted = numbers(hook.told.filter(({ body: text }) => text.length <= 3000));
  assert.deepEqual(accepted, [...upTo(20), 21, 22, 23]);
  assert.deepEqual(
    notices.map(({ what, first, last }) => ({ what, first, last })),
    [{ what: 'lost', first: 20, last: 20 }],
  );
});

test('the next helper goes on where the one before was, also for a sandbox that is gone; then nothing of it is left', async () => {
  const { chain, outbox, again } = test1;
  chain.writeMany(7);
  await outbox.direct(chainName, [webhookTo(hook.url)], 'start');
  await until('seven', () => numbers().length === 7);
  await settled();
  await outbox.close(0);
  chain.writeMany(4);
  chain.sign();
  writeFileSync(join(chain.places.outbox, chainName, '.0123456789abcdef.tmp'), 'begun by a helper that was killed');
  const next = again();
  await next.resume(new Set());
  await until('the place is given up', () => !existsSync(join(chain.places.outbox, chainName)));
  assert.deepEqual(numbers(), upTo(11));
  assert.equal(eventsOf(hook.told).at(-1)?.size, 11);
});

test('what was accepted without the helper hearing of it is told again under the same name', async () => {
  const { chain, outbox, again } = test1;
  chain.writeMany(2);
  let asked = 0;
  const good = hook.answer;
  hook.answer = () => void (asked += 1);
  await outbox.direct(chainName, [webhookTo(hook.url, { timeoutMs: 30_000 })], 'start');
  await until('it was asked', () => asked > 0);
  await outbox.close(0);
  hook.answer = good;
  const next = again();
  await next.resume(new Set([chainName]));
  await until('told again', () => hook.told.length > 1);
  assert.deepEqual(
    hook.told.map(({ headers }) => headers['x-lasso-delivery']),
    [`${chainName}:0..1`, `${chainName}:0..1`],
  );
  assert.deepEqual(
    eventsOf(hook.told).map(({ id }) => id),
    [0, 1, 0, 1].map((seq) => `${chainName}:${seq}`),
  );
});

test('it goes on over the files of a chain, and says what was removed before it was told', async () => {
  const { chain, outbox, notices, again } = test1;
  chain.writeMany(3);
  chain.rotate();
  chain.writeMany(2);
  await outbox.direct(chainName, [webhookTo(hook.url, { events: ['command'] })], 'start');
  await until('five', () => numbers().length === 5);
  await outbox.close(1000);
  chain.rotate();
  chain.writeMany(2);
  chain.rotate();
  chain.writeMany(1);
  for (const number of [1, 2, 3]) rmSync(join(chain.places.audit, chainFileName(chainName, number)));
  await again().resume(new Set([chainName]));
  await until('the last', () => numbers().includes(chain.head.seq));
  assert.deepEqual(
    notices.map(({ what, first, last }) => ({ what, first, last })),
    [{ what: 'lost', first: 7, last: 11 }],
  );
});

test('after a power cut that took lines already told, those that came in their place are told', async () => {
  const { chain, outbox, again } = test1;
  chain.writeMany(4);
  const [bytes, head] = [chain.bytes, chain.head];
  chain.writeMany(3);
  await outbox.direct(chainName, [webhookTo(hook.url, { events: ['command', 'chain'] })], 'start');
  await until('seven', () => numbers().length === 7);
  await outbox.close(1000);
  truncateSync(chain.file, bytes);
  chain.head = head;
  chain.write({ type: 'chain', action: 'opened' });
  chain.writeMany(6);
  await again().resume(new Set([chainName]));
  await until('the last', () => numbers().includes(10));
  assert.deepEqual(numbers(), [...upTo(7), ...upTo(11, 4)]);
});

test('a line that is no record is passed over, a torn one waits for its end', async () => {
  const { chain, outbox } = test1;
  chain.write();
  writeFileSync(chain.file, '{"v":3}\n\u00ff\u00fe\nnot json\n', { flag: 'a' });
  chain.write();
  writeFileSync(chain.file, '{"v":3,"seq":2', { flag: 'a' });
  await outbox.direct(chainName, [webhookTo(hook.url)], 'start');
  await until('both', () => numbers().length === 2);
  await settled();
  assert.deepEqual(numbers(), [0, 1]);
});

describe('when the profile changes', () => {
  test('who is new begins with what comes then, who stays keeps its place, who goes is told no more', async () => {
    const { chain, outbox, notices } = test1;
    const other = await receiver();
    chain.writeMany(3);
    chain.sign();
    await outbox.direct(chainName, [webhookTo(hook.url)], 'start');
    await until('three', () => numbers().length === 3 && eventsOf(hook.told).length === 4);
    await settled();
    await outbox.direct(chainName, [webhookTo(hook.url, { events: ['lifecycle'] }), webhookTo(other.url)], 'now');
    chain.write();
    chain.write({ type: 'lifecycle' });
    outbox.grown(chainName);
    await until('both heard', () => numbers().includes(4) && numbers(other.told).length === 2);
    assert.deepEqual([numbers(), numbers(other.told)], [upTo(3).concat(4), [3, 4]]);
    await settled();
    await outbox.direct(chainName, [webhookTo(other.url)], 'now');
    chain.write({ type: 'lifecycle' });
    outbox.grown(chainName);
    await until('the other heard', () => numbers(other.told).includes(5));
    assert.deepEqual([numbers().includes(5), notices], [false, []]);
    await other.close();
  });

  test('what somebody who is no longer named was not told is said', async () => {
    const { chain, outbox, notices } = test1;
    await hook.close();
    chain.writeMany(3);
    await outbox.direct(chainName, [webhookTo(hook.url, { retries: 5 })], 'start');
    await outbox.direct(chainName, [], 'now');
    assert.deepEqual(
      notices.map(({ what, first, last }) => ({ what, first, last })),
      [{ what: 'lost', first: 0, last: 2 }],
    );
    assert.equal(existsSync(join(chain.places.outbox, chainName)), false);
  });
});

test('a state that cannot be understood is set aside, and the others go on', async () => {
  const { chain, outbox, again } = test1;
  chain.write();
  await outbox.direct(chainName, [webhookTo(hook.url)], 'start');
  await until('one', () => numbers().length === 1);
  await outbox.close(1000);
  const folder = join(chain.places.outbox, chainName);
  writeFileSync(join(folder, 'webhook-0000000000000000.json'), '{"version":1,"sandbox":"../../etc"}');
  chain.write();
  await again().resume(new Set([chainName]));
  await until('two', () => numbers().length === 2);
  assert.ok(readdirSync(folder).includes('webhook-0000000000000000.json.broken'));
});

test('an address that may hold a token is said by its host alone', () => {
  const shown = (url: string): string => shownAddress(webhookTo(url));
  assert.equal(shown('https://user:token@hook.example:8443/services/token?token=1'), 'https://hook.example:8443/…');
  assert.equal(shown('https://hook.example'), 'https://hook.example/');
  assert.equal(shown('token'), 'an address that cannot be understood');
});

test('who is named in an address says so', async () => {
  const { chain, outbox } = test1;
  chain.write();
  await outbox.direct(chainName, [webhookTo(hook.url.replace('//', '//me:p%40ss@'))], 'start');
  await until('told', () => hook.told.length > 0);
  assert.equal(hook.told[0]?.headers.authorization, `Basic ${Buffer.from('me:p@ss').toString('base64')}`);
});
