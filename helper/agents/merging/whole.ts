/** Files that are LASSO's alone. One of somebody else's is never replaced: only a mark, or being just what LASSO writes, makes it ours. */
import type { CommentStyle } from '../agent.ts';
import type { Mark, Refusal } from './outcome.ts';
import { linesDigest, wholeMark, wholeMarked } from './marks.ts';

export interface WholeFile {
  readonly text: string;
  readonly comment: CommentStyle | null;
}

export function wholeText({ text, comment }: WholeFile, mark: Mark): string {
  if (comment === null) return text;
  const [head, body] = headOf(text);
  return `${head}${wholeMark(comment, mark, text)}\n${body}`;
}

/** @param known whether the text there is known to be what LASSO wrote */
export function mergeWhole(before: string | null, file: WholeFile, mark: Mark, known: boolean): string | Refusal {
  const text = wholeText(file, mark);
  if (before === null || before.trim() === '' || known || before === text || unmarked(before) !== undefined) return text;
  return { refused: 'it is somebody else’s, and LASSO would write all of it: move it aside, then try again' };
}

/** The text below a mark and the digest the mark says; undefined where there is no mark. */
export function unmarked(text: string): { readonly body: string; readonly digest: string } | undefined {
  const [head, rest] = headOf(text);
  const stop = rest.indexOf('\n');
  const digest = wholeMarked(stop < 0 ? rest : rest.slice(0, stop));
  return digest === undefined ? undefined : { body: head + (stop < 0 ? '' : rest.slice(stop + 1)), digest };
}

/** Whether a marked file still says what its mark says. */
export function isUnchanged(text: string): boolean {
  const found = unmarked(text);
  return found !== undefined && linesDigest(found.body) === found.digest;
}

/** What must stay in front of a comment: a line for the kernel, or the settings above a page. */
function headOf(text: string): readonly [head: string, rest: string] {
  const head = /^#![^\n]*\n/.exec(text)?.[0] ?? frontMatter(text);
  return [head, text.slice(head.length)];
}

function frontMatter(text: string): string {
  const first = /^---[ \t]*\r?\n/.exec(text)?.[0];
  if (first === undefined) return '';
  const close = /^---[ \t]*\r?(?:\n|$)/m.exec(text.slice(first.length));
  return close ? text.slice(0, first.length + close.index + close[0].length) : '';
}
