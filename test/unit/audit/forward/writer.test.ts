/** The writer of records and those who are told of them: neither waits for the other, and rotation, epochs and checkpoints go out like everything else. */
import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { openCheckpoint, parseVerifierKey } from '../../../../helper/audit/form/checkpoint.ts';
import type { SandboxRecord } from '../../../../helper/audit/writing/log.ts';
import { chainName, receiver, testOutbox, until, webhookTo, written, type Receiver, type TestOutbox } from '../../../kit/forwarding.ts';
import { entry, testOptions, testPublicKey, testStore } from '../../../kit/records.ts';
import { eventsOf, numbersOf, upTo } from '../../../kit/told-events.ts';

let place: TestOutbox;
let hook: Receiver;
let record: SandboxRecord;
const everything = ['chain', 'command'];

beforeEach(async () => {
  place = testOutbox();
  hook = await receiver();
  const store = testStore(dirname(place.chain.places.audit));
  store.onGrown((sandbox) => place.outbox.grown(sandbox));
  store.onCheckpoint((sandbox) => place.outbox.grown(sandbox));
  record = await store.open(chainName, { ...testOptions, maxFileBytes: 20_000, olderFiles: 1000 });
});
afterEach(async () => {
  await record.close();
  await place.end();
  await hook.close();
});

test('appends settle while a receiver hangs, and all of it is told when it answers', async () => {
  const good = hook.answer;
  hook.answer = () => undefined;
  await place.outbox.direct(chainName, [webhookTo(hook.url, { events: everything, timeoutMs: 30_000 })], 'start');
  await record.append(entry);
  await until('it is asked', () => hook.told.length > 0);
  // The request hangs from here on; nothing below could end if an append waited for it.
  const asked = hook.told.length;
  for (let n = 0; n < 500; n += 1) await record.append(entry);
  assert.equal(hook.told.length, asked);
  await place.outbox.close(0);
  hook.answer = good;
  const next = place.again();
  await next.resume(new Set([chainName]));
  await until('all of it', () => numbersOf(hook.told).includes(record.head.seq));
  assert.deepEqual([...new Set(numbersOf(hook.told))], upTo(record.head.seq + 1));
});

test('files that follow each other, epochs and signed checkpoints are told in order, and the last note covers the last line', async () => {
  await place.outbox.direct(
    chainName,
    [webhookTo(hook.url, { events: everything }), { kind: 'syslog', address: 'x y', facility: 'user', ...written }],
    'start',
  );
  await Promise.all(Array.from({ length: 300 }, () => record.append(entry)));
  await record.append(entry);
  await record.close();
  await place.outbox.end(chainName);
  await until('the last note', () => eventsOf(hook.told).some(({ size }) => size === record.head.seq + 1));
  assert.deepEqual(numbersOf(hook.told), upTo(record.head.seq + 1));
  const key = parseVerifierKey(testPublicKey);
  const notes = eventsOf(hook.told).flatMap(({ checkpoint }) => checkpoint ?? []);
  assert.ok(key && notes.length > 3);
  const sizes = notes.map((note) => openCheckpoint(note, key)?.size ?? -1);
  assert.deepEqual(
    sizes,
    [...sizes].sort((a, b) => a - b),
  );
  // A note never comes before the lines it is about.
  let told = -1;
  for (const { seq, size } of eventsOf(hook.told)) {
    told = Math.max(told, seq ?? -1);
    assert.ok((size ?? 0) <= told + 1);
  }
  assert.equal(place.notices.length <= 1, true);
});

test('files that rotation removes while a receiver is away are said to it by their numbers, once it is back', async () => {
  const store = testStore(dirname(place.chain.places.audit));
  const other = await store.open('fedcba987654', { ...testOptions, maxFileBytes: 20_000, olderFiles: 1 });
  const port = Number(new URL(hook.url).port);
  await hook.close();
  await place.outbox.direct('fedcba987654', [webhookTo(hook.url, { events: everything })], 'start');
  for (let n = 0; n < 200; n += 1) await other.append(entry);
  await until('it fails', () => place.notices.length > 0);
  hook = await receiver(port);
  place.outbox.grown('fedcba987654');
  await until('a loss is said', () => place.notices.some(({ what }) => what === 'lost'));
  const lost = place.notices.find(({ what }) => what === 'lost');
  await until('the rest', () => hook.told.some(({ body }) => body.includes(`"seq":${other.head.seq},`)));
  assert.equal(lost?.first, 0);
  assert.ok(lost.last !== undefined && lost.last > 0 && hook.told[0]?.body.includes(`"seq":${lost.last + 1},`));
  assert.equal(place.notices.filter(({ what }) => what === 'lost').length, 1);
  await other.close();
});
