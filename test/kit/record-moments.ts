/** Chains as they were at some moment, for tests of crashes: copies of a home, put together from the moments of its folders. */
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { readChainState, type ChainState } from '../../helper/audit/writing/chain-state.ts';
import { recordFolder, testSandbox } from './records.ts';
import { undoing } from './undoing.ts';

/** The three places a chain is in, each in a home as it was at some moment. */
export interface Moments {
  readonly audit: string;
  readonly checkpoints: string;
  readonly keys: string;
}

/** Puts a chain together in `home`, which is empty. */
function putTogether(home: string, moments: Moments): string {
  for (const folder of ['audit', 'checkpoints', 'keys'] as const) {
    const from = join(moments[folder], folder);
    if (existsSync(from)) cpSync(from, join(home, folder), { recursive: true });
    else mkdirSync(join(home, folder), { mode: 0o700 });
  }
  return home;
}

export function stateOf(home: string): Promise<ChainState | undefined> {
  return readChainState({ uid: process.getuid?.(), platform: process.platform }, home, testSandbox);
}

export function logOf(home: string): string {
  return join(home, 'audit', `${testSandbox}.jsonl`);
}

export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let looks = 0; !(await holds()); looks += 1) {
    assert.ok(looks < 6000, 'it never came');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Homes that go when their test is over: new ones, ones put together from moments, and copies. */
export function recordHomes(): {
  readonly newHome: () => string;
  readonly homeOf: (moments: Moments) => string;
  readonly copyOf: (home: string) => string;
} {
  const undo = undoing();
  const newHome = (): string => {
    const { folder, remove } = recordFolder();
    undo(remove);
    return folder;
  };
  const homeOf = (moments: Moments): string => putTogether(newHome(), moments);
  return { newHome, homeOf, copyOf: (home) => homeOf({ audit: home, checkpoints: home, keys: home }) };
}
