/** The beginning of output goes on record, and nobody who carries the output notices. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { sampleOutput } from '../../../../helper/core/records/output-sample.ts';

async function sampled(out: Buffer, err: Buffer): Promise<{ readonly taken: unknown; readonly passed: readonly Buffer[] }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const sample = sampleOutput(stdout, stderr);
  const passed = Promise.all([buffer(stdout), buffer(stderr)]);
  stdout.end(out);
  stderr.end(err);
  return { passed: await passed, taken: sample.taken() };
}

test('short output is whole, and a stream that wrote nothing is left out', async () => {
  const { taken, passed } = await sampled(Buffer.from('one\n\ttwo\n'), Buffer.alloc(0));
  assert.deepEqual(taken, { stdout: { text: 'one\n\ttwo\n', bytes: 9 } });
  assert.equal(String(passed[0]), 'one\n\ttwo\n');
});

test('long output is cut at a space, with its length and the digest of all of it', async () => {
  const long = Buffer.from(`${'word '.repeat(818)}half-of-a-token-that-goes-on ${'x'.repeat(100_000)}`);
  const { taken, passed } = await sampled(long, Buffer.from('failed'));
  const sha256 = createHash('sha256').update(long).digest('hex');
  const text = 'word '.repeat(818);
  assert.deepEqual(taken, { stdout: { text, bytes: long.length, sha256 }, stderr: { text: 'failed', bytes: 6 } });
  assert.deepEqual(passed[0], long);
});
