/** Short programs of the host: bounded whatever they start, and never a reason to wait for ever. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runChild } from '../../../helper/base/child.ts';

test(
  'a program that takes too long is over even when what it started holds its output',
  { skip: process.platform === 'win32' },
  async () => {
    // The one that is left behind would go on for a minute.
    const ended = await runChild('/bin/sh', ['-c', 'sleep 60 & echo $!; wait'], { timeoutMs: 300 });
    process.kill(Number(ended.stdout));
    assert.equal(ended.cut, true);
  },
);

test('a program that says too much is over', { skip: process.platform === 'win32' }, async () => {
  const { cut, stdout } = await runChild('/bin/sh', ['-c', 'while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaa; done'], {
    timeoutMs: 60_000,
    limitBytes: 10_000,
  });
  assert.ok(cut && stdout.length <= 10_000);
});

test('a program that cannot be started says why', async () => {
  assert.equal((await runChild('/no/such/program', [], { timeoutMs: 1000 })).failure, 'ENOENT');
});
