/** Changes of a text as small edits, and what undoes them: only what was replaced is kept, never the whole text. Pure. */

export interface Edit {
  readonly at: number;
  /** characters taken away */
  readonly remove: number;
  readonly insert: string;
}

/** edits of one text, in order, none touching another */
export type Pass = readonly Edit[];

export interface Edited {
  readonly text: string;
  /** applied one after another they give back what was there before */
  readonly undo: readonly Pass[];
}

export function applyPass(text: string, pass: Pass): string {
  const parts: string[] = [];
  let at = 0;
  for (const edit of pass) {
    parts.push(text.slice(at, edit.at), edit.insert);
    at = edit.at + edit.remove;
  }
  parts.push(text.slice(at));
  return parts.join('');
}

/** Carries out one pass after another, each on what the one before has left. */
export function applyAll(text: string, passes: readonly Pass[]): Edited {
  let now = text;
  const undo: Pass[] = [];
  for (const pass of passes) {
    const ordered = inOrder(pass);
    undo.unshift(inverse(now, ordered));
    now = applyPass(now, ordered);
  }
  return { text: now, undo: undo.filter(({ length }) => length > 0) };
}

/** Whether the edits lie within the text, in order, none touching another: what was read from a file may be anything. */
export function fits(text: string, pass: Pass): boolean {
  let at = 0;
  for (const edit of pass) {
    if (edit.at < at || edit.at + edit.remove > text.length) return false;
    at = edit.at + edit.remove;
  }
  return true;
}

const inOrder = (pass: Pass): Pass => [...pass].sort((a, b) => a.at - b.at || a.remove - b.remove);

function inverse(text: string, pass: Pass): Pass {
  let shift = 0;
  return pass.map(({ at, remove, insert }) => {
    const undone = { at: at + shift, remove: insert.length, insert: text.slice(at, at + remove) };
    shift += insert.length - remove;
    return undone;
  });
}
