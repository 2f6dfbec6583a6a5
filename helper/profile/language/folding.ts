/** What can be folded away: tables, values over several lines, and blocks of comments. Lines are zero-based. */
import type { Positions } from '../positions.ts';
import type { Outline, Span, Value } from './outline-parts.ts';

export interface Fold {
  readonly startLine: number;
  readonly endLine: number;
  readonly kind?: 'comment';
}

/** characters before a comment that may all be blank */
const indentLimit = 80;

export function foldsOf(text: string, { sections, comments }: Outline, positions: Positions): readonly Fold[] {
  const folds: Fold[] = [];
  const add = (start: number, end: number, kind?: 'comment'): void => {
    const [startLine, endLine] = [positions.at(start).line, positions.at(end).line];
    if (endLine > startLine) folds.push({ startLine, endLine, ...(kind ? { kind } : {}) });
  };
  const addValue = (value: Value): void => {
    add(value.start, value.end);
    if (value.kind === 'list') value.items.forEach(addValue);
  };
  for (const { header, pairs } of sections) {
    const last = pairs.at(-1);
    if (header && last) add(header.start, last.end);
    for (const { value } of pairs) if (value) addValue(value);
  }
  const alone = comments.filter(({ start }) => /(^|[\n\r])[ \t\uFEFF]*$/.test(text.slice(Math.max(0, start - indentLimit), start)));
  for (const block of blocksOf(alone, positions)) add(block.start, block.end, 'comment');
  return folds;
}

/** Comments on lines that follow one another, from the same column. */
function blocksOf(comments: readonly Span[], positions: Positions): readonly Span[] {
  const blocks: Span[] = [];
  let before: { readonly line: number; readonly character: number } | undefined;
  for (const comment of comments) {
    const place = positions.at(comment.start);
    const block = blocks.at(-1);
    if (block && before?.line === place.line - 1 && before.character === place.character)
      blocks[blocks.length - 1] = { start: block.start, end: comment.end };
    else blocks.push(comment);
    before = place;
  }
  return blocks;
}
