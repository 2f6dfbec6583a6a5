/** Records of sandboxes that were there before: written with a user's own keys into their home, as the helper writes them. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { recordStore } from '../../helper/audit/writing/store.ts';
import { openUserKeys } from '../../helper/audit/keys/user-keys.ts';
import type { RecordEntry } from '../../helper/protocol/record.ts';
import { countingClock, testOptions } from './records.ts';

export interface UserRecords {
  /** Resolves to the file, when the record is complete. */
  write(sandbox: string, entries: Iterable<RecordEntry>): Promise<string>;
}

/** lines that are on their way at once */
const batchLines = 5000;

/** @param home of LASSO; no helper may have it open */
export async function userRecords(home: string): Promise<UserRecords> {
  const folders = { home, audit: path.join(home, 'audit') };
  for (const folder of [home, folders.audit]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const host = { uid: process.getuid?.(), platform: process.platform };
  const store = recordStore({ host, folders, keys: await openUserKeys(host, folders), clock: countingClock(), version: '0.0.0' });
  return {
    write: async (sandbox, entries) => {
      const record = await store.open(sandbox, testOptions);
      let batch: Promise<unknown>[] = [];
      for (const entry of entries) {
        batch.push(record.append(entry));
        if (batch.length < batchLines) continue;
        await Promise.all(batch);
        batch = [];
      }
      await Promise.all(batch);
      await record.close();
      return record.file;
    },
  };
}

/** A day of an agent that builds and is stopped now and then. */
export function* busyDay(count: number): Generator<RecordEntry> {
  const actor = { kind: 'agent', face: 'guest' } as const;
  for (let index = 0; index < count; index += 1) {
    if (index % 50 === 49) {
      const detail = {
        reason: 'Pushing over what others have is not allowed.',
        rule: 'commands.block_args.git',
        origin: 'standard.toml:16',
        pid: index,
      };
      yield { type: 'command', action: 'start', outcome: 'blocked', actor, target: 'git push --force origin main', detail };
    } else if (index % 5 === 4) {
      const detail = { method: 'GET', bytes: 1000 + (index % 9000), rule: 'network.allow' };
      yield { type: 'network', action: 'request', outcome: 'success', actor, target: `GET registry.example:443/package-${index}`, detail };
    } else {
      const outcome = index % 23 === 0 ? 'error' : 'success';
      yield {
        type: 'command',
        action: 'start',
        outcome,
        actor,
        target: `node build.js --step ${index}`,
        detail: { pid: index, cwd: '/workspace' },
      };
    }
  }
}
