/** Records for tests: a key, a clock that counts, and a chain of a given length in a fresh folder. */
import { createSecretKey } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRecord, type SandboxRecord } from '../../helper/audit/log.ts';
import type { Clock } from '../../helper/base/clock.ts';
import type { RecordEntry } from '../../helper/protocol/record.ts';

export const testKey = createSecretKey(Buffer.from(Array.from({ length: 32 }, (_, index) => index)));
export const testSandbox = '0123456789ab';

export const entry: RecordEntry = {
  type: 'command',
  action: 'exec',
  outcome: 'success',
  actor: { kind: 'agent', face: 'guest' },
  target: '/usr/bin/git',
  detail: { argv: ['git', 'commit', '-m', 'one "two" \\ three'] },
};

/** One second later at every look. */
export function countingClock(startMs = Date.UTC(2026, 0, 1)): Clock {
  let looks = 0;
  return { now: () => new Date(startMs + 1000 * (looks += 1)), monotonicMs: () => looks, sleep: () => Promise.resolve() };
}

export function recordFolder(): { readonly folder: string; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'lasso-test-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export function openTestRecord(folder: string, sandbox = testSandbox, clock = countingClock()): Promise<SandboxRecord> {
  return openRecord({ folder, sandbox, key: testKey, clock, uid: process.getuid?.() });
}

/** Writes `count` records; resolves with the file. */
export async function writeChain(folder: string, count: number, sandbox = testSandbox): Promise<string> {
  const record = await openTestRecord(folder, sandbox);
  await Promise.all(Array.from({ length: count }, () => record.append(entry)));
  await record.close();
  return record.file;
}
