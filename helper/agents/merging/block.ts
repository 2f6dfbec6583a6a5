/** A marked part of a text that others write too. The rest stays byte for byte as it was: its line ends, and whether its last line has one. */
import type { CommentStyle } from '../agent.ts';
import type { Edited, Pass } from './edits.ts';
import { applyPass } from './edits.ts';
import { beginMark, beginMarked, endMark, isEndMark, linesDigest } from './marks.ts';
import { endOfLine, isRefusal, type Mark, type Refusal } from './outcome.ts';

export interface BlockFile {
  readonly text: string;
  readonly comment: CommentStyle;
}

/** where a marked part stands, its marks included, the line end behind it not */
export interface Block {
  readonly from: number;
  readonly to: number;
  readonly body: string;
  /** digest of the body, as its mark says */
  readonly digest: string;
}

/** Every marked part, in order. */
export function blocksIn(text: string): readonly Block[] | Refusal {
  const blocks: Block[] = [];
  let open: { readonly from: number; readonly start: number; readonly digest: string; readonly line: number } | undefined;
  let at = 0;
  let number = 0;
  for (const line of text.split('\n')) {
    number += 1;
    const digest = beginMarked(line);
    if (digest !== undefined && open) return { refused: `line ${number}: LASSO’s part begins twice: take out one of both lines` };
    if (digest !== undefined) open = { from: at, start: at + line.length + 1, digest, line: number };
    else if (isEndMark(line)) {
      if (!open) return { refused: `line ${number}: LASSO’s part ends, and never begins: take the line out` };
      const to = at + line.replace(/\r$/, '').length;
      blocks.push({ from: open.from, to, body: text.slice(open.start, at), digest: open.digest });
      open = undefined;
    }
    at += line.length + 1;
  }
  return open ? { refused: `line ${open.line}: LASSO’s part begins, and never ends: take the line out` } : blocks;
}

export const isUntouched = ({ body, digest }: Block): boolean => linesDigest(body) === digest;

/** A marked part with the line ends of its file, without one behind it. */
export function blockText(file: BlockFile, mark: Mark, line: '\r\n' | '\n'): string {
  const body = `${file.text.replace(/\n+$/, '')}\n`;
  return `${beginMark(file.comment, mark, body)}\n${body}${endMark(file.comment)}`.replaceAll('\r\n', '\n').replaceAll('\n', line);
}

/** @param undo what took the part out of `before`, as far as it is known */
export function mergeBlock(before: string, file: BlockFile, mark: Mark, undo: Pass | undefined): Edited | Refusal {
  const found = blocksIn(before);
  if (isRefusal(found)) return found;
  const [block, second] = found;
  if (second) return { refused: 'LASSO’s part is there twice: take out one of both' };
  const line = endOfLine(before);
  const text = blockText(file, mark, line);
  const own = blocksIn(text);
  if (isRefusal(own) || own.length !== 1) return { refused: 'what the profile says looks like LASSO’s own marks: word it otherwise' };
  if (block) {
    const [gone] = undo ?? [outOf(before, block)];
    const grown = text.length - (block.to - block.from);
    return {
      text: before.slice(0, block.from) + text + before.slice(block.to),
      undo: gone ? [[{ ...gone, remove: gone.remove + grown }]] : [],
    };
  }
  const ends = before === '' || before.endsWith('\n');
  const between = before === '' ? '' : ends ? line : line + line;
  const insert = `${between}${text}${ends ? line : ''}`;
  return { text: before + insert, undo: [[{ at: before.length, remove: insert.length, insert: '' }]] };
}

/** Text without any marked part. */
export function withoutBlocks(text: string): string | Refusal {
  const found = blocksIn(text);
  return isRefusal(found)
    ? found
    : applyPass(
        text,
        found.map((block) => outOf(text, block)),
      );
}

/** The part, the line end behind it, and the empty line LASSO puts before it, or behind it where it is the first. */
function outOf(text: string, { from, to }: Block): Pass[number] {
  const behind = (from === 0 ? /^(?:\r?\n){1,2}/ : /^\r?\n/).exec(text.slice(to, to + 4))?.[0].length ?? 0;
  const before = /(?:^|\n)(\r?\n)$/.exec(text.slice(Math.max(0, from - 4), from))?.[1]?.length ?? 0;
  const own = from === before ? 0 : before;
  return { at: from - own, remove: to + behind - (from - own), insert: '' };
}
