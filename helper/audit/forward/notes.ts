/** Reads a chain's checkpoints on from where they were read last. Only their text is looked at; who signed them is for verifiers. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../../base/atomic-file.ts';
import { splitNotes } from '../form/checkpoint.ts';
import { openForReading } from '../form/lines.ts';
import type { CheckpointItem } from './contract.ts';

export interface Noted {
  readonly item: CheckpointItem;
  /** bytes of the file up to its end */
  readonly after: number;
}

const pieceBytes = 262_144;

const fileOf = (folder: string, sandbox: string): string => join(folder, `${sandbox}.checkpoints`);

/** The checkpoints after the first `offset` bytes. Rejects with the system's error. */
export async function notesAfter(folder: string, sandbox: string, offset: number): Promise<readonly Noted[]> {
  const size = await notesEnd(folder, sandbox);
  // A file that has become shorter is another one.
  const start = offset > size ? 0 : offset;
  if (size === start) return [];
  const handle = await openForReading(fileOf(folder, sandbox));
  try {
    const bytes = Buffer.alloc(Math.min(pieceBytes, size - start));
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
    return notesIn(bytes.toString('utf8', 0, bytesRead), sandbox, start);
  } finally {
    await handle.close();
  }
}

/** Size of the file of checkpoints; 0 where there is none. */
export async function notesEnd(folder: string, sandbox: string): Promise<number> {
  try {
    return (await stat(fileOf(folder, sandbox))).size;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return 0;
    throw error;
  }
}

function notesIn(text: string, sandbox: string, start: number): readonly Noted[] {
  const found: Noted[] = [];
  let after = start;
  for (const note of splitNotes(text)) {
    if (!/\n\n\u2014 [^\n]+\n$/u.test(note)) break;
    after += Buffer.byteLength(note);
    const [, size = ''] = /^[^\n]*\n(\d{1,15})\n/.exec(note) ?? [];
    const [, ts = ''] = /\ntime ([0-9T:.Z-]{20,30})\n/.exec(note) ?? [];
    found.push({ item: { kind: 'checkpoint', sandbox, size: Number(size), note, ts }, after });
  }
  return found;
}
