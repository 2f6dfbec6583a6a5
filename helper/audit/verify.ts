/**
 * Verifies a record's file from its first byte to its last, in one pass and constant memory. It reads hostile input, never
 * changes anything, and keeps apart what was tampered with from what a crash tore and what was merely never finished.
 */
import type { KeyObject } from 'node:crypto';
import { basename } from 'node:path';
import { errnoOf } from '../base/atomic-file.ts';
import type { VerifyProblem, VerifyReport } from '../protocol/record.ts';
import { ChainWalk, type OpenIntent } from './walk.ts';
import { eachLine, openForReading } from './lines.ts';

/** Verifies `path` with `key`; null says there is none, which is a problem but still shows the rest. Never throws. */
export async function verifyFile(path: string, key: KeyObject | null): Promise<VerifyReport> {
  return (await walkFile(path, key)).report;
}

/** Intents of a record without an outcome: what was under way when its writer died. Oldest first; 10,000 at most. */
export async function openIntents(path: string, key: KeyObject): Promise<readonly OpenIntent[]> {
  return (await walkFile(path, key)).intents;
}

async function walkFile(path: string, key: KeyObject | null): Promise<{ report: VerifyReport; intents: readonly OpenIntent[] }> {
  const walk = new ChainWalk(path, key, sandboxOf(path));
  try {
    const handle = await openForReading(path);
    try {
      const status = await handle.stat();
      if (!status.isFile()) return only(path, { code: 'malformed', message: 'This is not a regular file.' });
      if (status.size === 0) return only(path, { code: 'empty', message: 'The file is empty: not even its first record is there.' });
      await eachLine(handle, status.size, (line) => walk.take(line));
    } finally {
      await handle.close();
    }
  } catch (error) {
    const absent = errnoOf(error) === 'ENOENT';
    const message = absent ? 'There is no such file.' : `The file cannot be read: ${errnoOf(error) ?? String(error)}.`;
    return only(path, { code: 'missing', message });
  }
  return { report: walk.report(), intents: walk.intents() };
}

/** The sandbox a file claims to be of: `<sandbox>.jsonl`, or `<sandbox>_<time>.jsonl[.n]` of LASSO 1.x. */
function sandboxOf(path: string): string | undefined {
  return /^([0-9a-f]{12})(?:_[0-9TZ]+)?\.jsonl(?:\.\d+)?$/.exec(basename(path))?.[1];
}

function only(path: string, problem: Omit<VerifyProblem, 'file'>): { report: VerifyReport; intents: readonly OpenIntent[] } {
  const report = { valid: false, files: [path], records: 0, verified: 0, problems: [{ ...problem, file: path }] };
  return { report, intents: [] };
}
