/** What tests of secrets share: how a source that has no value says so, a clock that stands still, and programs made up on the spot. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../helper/base/clock.ts';
import { LassoError } from '../../helper/protocol/errors.ts';

/** Fails unless `reading` says that there is no value, and why. */
export async function missing(reading: Promise<unknown>, why: RegExp): Promise<void> {
  await assert.rejects(reading, (error) => {
    assert.ok(error instanceof LassoError, String(error));
    assert.equal(error.code, 'SECRET_UNAVAILABLE');
    assert.match(error.message, why);
    assert.notEqual(error.hint, '');
    return true;
  });
}

export interface StillClock extends Clock {
  /** moved by the test, in milliseconds since 1970; monotonic time moves with it */
  nowMs: number;
}

/** A clock that moves when it is slept by, and when a test says so. */
export function stillClock(startMs = Date.UTC(2026, 0, 1)): StillClock {
  const clock: StillClock = {
    nowMs: startMs,
    now: () => new Date(clock.nowMs),
    monotonicMs: () => clock.nowMs,
    sleep: (ms, signal) => {
      signal?.throwIfAborted();
      clock.nowMs += ms;
      return Promise.resolve();
    },
  };
  return clock;
}

/** Writes a program for the shell of the system into `folder`; its path. */
export function scriptIn(folder: string, name: string, lines: readonly string[]): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, name);
  writeFileSync(file, `#!/bin/sh\n${lines.join('\n')}\n`);
  chmodSync(file, 0o755);
  return file;
}
