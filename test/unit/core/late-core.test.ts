/** A helper that cannot open its core says why to whoever asks, and works as soon as that is mended. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../../../helper/base/log.ts';
import { openSoonerOrLater } from '../../../helper/core/late-core.ts';
import { LassoError } from '../../../helper/protocol/errors.ts';
import { fakeCore } from '../../kit/fake-core.ts';

const context = undefined as never;

test('each verb says why, and tries again; then all is as if it had opened at once', async () => {
  let tries = 0;
  let closed = 0;
  const fake = fakeCore({ doctor: () => Promise.resolve({ checks: [], healthy: true }) });
  const core = Object.assign(fake, { close: () => Promise.resolve(void (closed += 1)) });
  const late = await openSoonerOrLater(() => {
    tries += 1;
    return tries < 3 ? Promise.reject(new LassoError('RECORD_FAILED', `not yet ${tries}`, 'Wait.')) : Promise.resolve(core);
  }, silentLog);
  assert.equal(late.busy(), 0);
  const heard: unknown[] = [];
  late.onEvent((event) => heard.push(event));
  await assert.rejects(late.operations.doctor({}, context), { code: 'RECORD_FAILED', message: 'not yet 2' });
  const answers = await Promise.all([late.operations.doctor({}, context), late.operations.doctor({}, context)]);
  assert.deepEqual(
    answers,
    Array.from({ length: 2 }, () => ({ checks: [], healthy: true })),
  );
  const event = { type: 'profiles' } as never;
  fake.tell(event);
  assert.deepEqual(heard, [event]);
  assert.equal(tries, 3);
  await late.close();
  assert.equal(closed, 1);
});

test('what nobody can mend ends it', async () => {
  await assert.rejects(
    openSoonerOrLater(() => Promise.reject(new Error('a fault')), silentLog),
    /a fault/,
  );
});
