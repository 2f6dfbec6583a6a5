/** What one webhook is told: everything it asks for, in order and signed, with what it takes to follow the chain. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { digestOf, genesis } from '../../../../helper/audit/form/chain.ts';
import { shownAddress } from '../../../../helper/audit/forward/settings.ts';
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
    const kept = readFileSync(
      join(chain.places.outbox, chainName, readdirSync(join(chain.places.outbox, chainName)).find((name) => name.endsWith('.json')) ?? ''),
      'utf8',
    );
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
