/**
 * Keeps a long list of arguments from pushing the rest of its record out: verdict, program and rule must stay legible whatever a
 * program is called with. What is left out can be recognised by its digest.
 */
import { createHash } from 'node:crypto';
import type { RecordEntry } from '../../protocol/record.ts';

/** what all arguments together may take in a line, in bytes; a line has room for twice as much */
const roomBytes = 49_152;
/** longest argument that is written, in UTF-16 code units; it is shortened when its line is sealed */
const longestUnits = 4096;

/** The entry, with as many of its arguments as there is room for, and `argvRest` in the place of the others. */
export function fitArguments(entry: RecordEntry): RecordEntry {
  const argv = entry.detail?.['argv'];
  if (!Array.isArray(argv)) return entry;
  const words: readonly unknown[] = argv;
  let left = roomBytes;
  const kept = words.findIndex((word) => (left -= widthOf(String(word))) < 0);
  if (kept < 0) return entry;
  const rest = words.slice(kept).map(String);
  const argvRest = { words: rest.length, sha256: createHash('sha256').update(rest.join('\0')).digest('hex') };
  return { ...entry, detail: { ...entry.detail, argv: words.slice(0, kept).map(String), argvRest } };
}

/** bytes of an argument in a line, which writes everything but printable ASCII as six characters */
function widthOf(word: string): number {
  const seen = word.slice(0, longestUnits);
  // An argument that is shortened is listed with its digest.
  return seen.length + 5 * (seen.match(/[^\x20-\x7e]/g)?.length ?? 0) + (word.length > longestUnits ? 160 : 3);
}
