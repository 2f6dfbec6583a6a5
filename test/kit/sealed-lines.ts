/** Lines as a writer seals them, at times of a test's choosing: for tests of what reads records and does not verify them. */
import { genesis, sealLine } from '../../helper/audit/form/chain.ts';
import { lineKey } from '../../helper/audit/form/key-schedule.ts';
import type { RecordEntry } from '../../helper/protocol/record.ts';

export interface TimedEntry extends RecordEntry {
  /** after the entry before; default: one second */
  readonly afterMs?: number;
}

/** Text of a file with these entries, numbered from 0. */
export function sealedLines(entries: readonly TimedEntry[], startMs = Date.UTC(2026, 2, 4, 9)): string {
  const key = lineKey(Buffer.alloc(32, 1));
  let [atMs, prev] = [startMs, genesis];
  return entries
    .map(({ afterMs = 1000, ...entry }, seq) => {
      atMs += seq === 0 ? 0 : afterMs;
      const place = { sandbox: '0123456789ab', seq, epoch: 0, ts: new Date(atMs).toISOString(), mono: atMs - startMs, prev };
      const { line, digest } = sealLine(key, place, entry);
      prev = digest;
      return `${line}\n`;
    })
    .join('');
}
