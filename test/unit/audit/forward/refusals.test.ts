/** Whatever a receiver answers, and however long it stays away: nothing is lost, and what goes wrong is said once. */
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { chainName, receiver, testOutbox, until, webhookTo, type Receiver, type TestOutbox } from '../../../kit/forwarding.ts';
import { numbersOf, upTo } from '../../../kit/told-events.ts';

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

const numbers = (told: Receiver['told'] = hook.told): readonly number[] => numbersOf(told);
const settled = (): Promise<void> => until('all is told', () => test1.outbox.busy === 0);

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
