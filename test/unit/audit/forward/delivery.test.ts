/** What a receiver is told over other helpers, other files and other profiles: all of it, in order, and what was not is said. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { chainFileName } from '../../../../helper/audit/form/chain-files.ts';
import { chainName, receiver, testOutbox, until, webhookTo, type Receiver, type TestOutbox } from '../../../kit/forwarding.ts';
import { eventsOf, numbersOf, upTo } from '../../../kit/told-events.ts';

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
  await until('a word', () => notices.length > 0);
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
