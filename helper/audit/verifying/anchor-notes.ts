/** Checkpoints as they are read for a verification. Notes are hostile input: one that no known key signed says nothing. */
import { openCheckpoint, splitNotes, type Checkpoint, type VerifierKey } from '../form/checkpoint.ts';
import type { Findings } from './findings.ts';

/** how the text of every note of this form begins */
const originPrefix = 'lasso/record/v3/';

/** a text of notes, one after the other */
export interface NoteFile {
  readonly file: string;
  readonly text: string;
  /** whether it may hold notes about other chains */
  readonly mixed: boolean;
}

export interface Anchor extends Checkpoint {
  /** where the note stands */
  readonly file: string;
}

/** longest text of notes that is read, in characters */
export const notesLimit = 64 * 1_048_576;

/** The checkpoints about `sandbox` that one of `keys` signed, smallest first. What is not one is a problem. */
export function openAnchors(
  files: readonly NoteFile[],
  keys: readonly VerifierKey[],
  sandbox: string,
  findings: Findings,
): readonly Anchor[] {
  const anchors: Anchor[] = [];
  for (const { file, text, mixed } of keys.length === 0 ? [] : files) {
    let other = 0;
    for (const note of splitNotes(text)) {
      if (mixed && originOf(note) !== sandbox) continue;
      const found = opened(note, keys);
      if (found?.sandbox === sandbox) anchors.push({ ...found, file });
      else if (signed.test(note)) other += 1;
    }
    if (other > 0)
      findings.error(
        'checkpoint',
        { file },
        `${other} of the checkpoints: the public key did not sign them, or they are about another chain.`,
      );
  }
  return anchors.sort((a, b) => a.size - b.size);
}

/** a note as far as its signature; a crash leaves less of the last one, and so does nobody who wants to remove one */
const signed = /\n\n\u2014 [^\n]*\n/u;

/** What a note says; what a crash left of another one may stand before it. */
function opened(note: string, keys: readonly VerifierKey[]): Checkpoint | undefined {
  const whole = note.slice(Math.max(0, note.lastIndexOf(originPrefix)));
  return keys.map((key) => openCheckpoint(note, key) ?? openCheckpoint(whole, key)).find((checkpoint) => checkpoint !== undefined);
}

/** The sandbox a note says it is about; undefined for anything else. */
export function originOf(note: string): string | undefined {
  return /^lasso\/record\/v3\/([a-z0-9-]{1,64})\n/.exec(note)?.[1];
}
