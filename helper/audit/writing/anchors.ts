/**
 * The checkpoints of one chain on this machine: a file outside the folder of records that only ever grows. Notes that this user's
 * key did not sign are never trusted.
 */
import { constants } from 'node:fs';
import { open, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { readFileIfAny } from '../../base/atomic-file.ts';
import { LassoError } from '../../protocol/errors.ts';
import { openCheckpoint, parseVerifierKey, splitNotes, type Checkpoint } from '../form/checkpoint.ts';

/** a note, and what it says */
export interface Anchor {
  readonly note: string;
  readonly checkpoint: Checkpoint;
}

/** where the checkpoints of a chain lie */
export function checkpointFile(home: string, sandbox: string): string {
  return join(home, 'checkpoints', `${sandbox}.checkpoints`);
}

/**
 * The newest checkpoint of a chain that `publicKey` signed; undefined where there is none at all.
 * @throws LassoError RECORD_INVALID when there are notes and none of them is ours
 */
export async function newestAnchor(home: string, sandbox: string, publicKey: string): Promise<Anchor | undefined> {
  const file = checkpointFile(home, sandbox);
  const notes = splitNotes((await readFileIfAny(file)) ?? '').filter(isWhole);
  const key = parseVerifierKey(publicKey);
  // From the end: signatures are checked until one fits, which is nearly always the first.
  for (const note of notes.toReversed()) {
    const checkpoint = key && openCheckpoint(note, key);
    if (checkpoint?.sandbox === sandbox) return { note, checkpoint };
  }
  if (notes.length === 0) return undefined;
  const hint = 'Restore the file as it was last, or the keys that belong to it.';
  throw new LassoError('RECORD_INVALID', `None of these checkpoints was signed by this user’s key: ${file}`, hint);
}

/** Cuts off a note that a crash left unfinished, so that the next one is read by itself. Rejects with the system's error. */
export async function mendNotes(home: string, sandbox: string): Promise<void> {
  const file = checkpointFile(home, sandbox);
  const text = await readFileIfAny(file);
  const last = splitNotes(text ?? '').at(-1);
  if (text === undefined || last === undefined || isWhole(last)) return;
  await truncate(file, Buffer.byteLength(text.slice(0, -last.length)));
}

/** Appends a note and syncs it. Rejects with the system's error. */
export async function appendNote(home: string, sandbox: string, note: string): Promise<void> {
  const handle = await open(checkpointFile(home, sandbox), constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND, 0o600);
  try {
    await handle.writeFile(note);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

const isWhole = (note: string): boolean => /\n\u2014 [^\n]*\n$/u.test(note);
