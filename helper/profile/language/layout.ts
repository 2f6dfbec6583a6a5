/** The lines of a valid TOML text as they should be, statement by statement. It moves only spaces, ends of lines and commas. */
import { alignComments, type Line } from './comments.ts';
import { writeKeys, writeValue } from './layout-values.ts';
import { LineWriter } from './line-writer.ts';
import type { Outline, Pair, Span } from './outline-parts.ts';

/** `text` takes the place of what is from `start` to `end`; all together cover the whole text. */
export interface LaidOutStatement extends Span {
  readonly text: string;
}

interface Statement extends Span {
  readonly kind: 'header' | 'pair' | 'comment';
  readonly pair?: Pair;
  /** at the end of its line */
  readonly remark?: Span;
  /** ends of lines since the statement before */
  readonly newlines: number;
}

export function layOut(text: string, outline: Outline): readonly LaidOutStatement[] {
  const ending = /\r\n|\n/.exec(text)?.[0] ?? '\n';
  const statements = statementsOf(text, outline);
  if (statements.length === 0) return [{ start: 0, end: text.length, text: '' }];
  const blocks = statements.map((statement, index) => linesOf(text, statement, blankBefore(statements, index)));
  const lines = alignComments(blocks.flat());
  let line = 0;
  let start = 0;
  return statements.map((statement, index): LaidOutStatement => {
    const next = line + (blocks[index]?.length ?? 0);
    const own = lines.slice(line, next).map((laidOut) => laidOut + ending);
    const newline = text.indexOf('\n', statement.remark?.end ?? statement.end);
    const end = newline < 0 || index === statements.length - 1 ? text.length : newline + 1;
    const mark = index === 0 && text.startsWith('\uFEFF') ? '\uFEFF' : '';
    const laidOut = { start, end, text: mark + own.join('') };
    line = next;
    start = end;
    return laidOut;
  });
}

/** Headers, pairs and comments between them, in order; a comment behind one of the others belongs to it. */
function statementsOf(text: string, { sections, comments }: Outline): readonly Statement[] {
  const written = sections.flatMap(({ header, pairs }) => [
    ...(header ? [{ kind: 'header' as const, start: header.start, end: header.end }] : []),
    ...pairs.map((pair) => ({ kind: 'pair' as const, start: pair.start, end: pair.end, pair })),
  ]);
  const statements: Statement[] = [];
  let next = 0;
  const add = (statement: Omit<Statement, 'newlines'>): void => {
    const last = statements.at(-1);
    const newlines = countNewlines(text, last?.remark?.end ?? last?.end ?? 0, statement.start);
    if (last && statement.kind === 'comment' && newlines === 0) statements[statements.length - 1] = { ...last, remark: statement };
    else statements.push({ ...statement, newlines });
  };
  for (const comment of comments) {
    for (let found = written[next]; found && found.start < comment.start; found = written[next]) {
      add(found);
      next += 1;
    }
    const inside = statements.at(-1);
    if (inside === undefined || comment.start >= inside.end) add({ kind: 'comment', ...comment });
  }
  written.slice(next).forEach(add);
  return statements;
}

/** One blank line before a table, or before the comments right above it; elsewhere at most one, where there was one. */
function blankBefore(statements: readonly Statement[], index: number): boolean {
  const statement = statements[index];
  if (statement === undefined || index === 0) return false;
  if (statement.newlines > 1 || statement.kind === 'header') return statement.newlines > 1 || statements[index - 1]?.kind !== 'comment';
  if (statement.kind !== 'comment' || statements[index - 1]?.kind === 'comment') return false;
  const after = statements.slice(index + 1).find(({ kind, newlines }) => kind !== 'comment' || newlines > 1);
  return after?.kind === 'header' && after.newlines === 1;
}

function linesOf(text: string, statement: Statement, blank: boolean): readonly Line[] {
  const writer = new LineWriter(text);
  if (blank) writer.newLine('');
  if (statement.kind === 'comment') writer.add(text.slice(statement.start, statement.end).trimEnd());
  else if (statement.pair) {
    writer.add(`${writeKeys(text, statement.pair)} = `);
    if (statement.pair.value) writeValue(writer, text, statement.pair.value, 0);
  } else writer.add(headerText(text, statement));
  if (statement.remark) writer.comment(statement.remark);
  return writer.end();
}

function headerText(text: string, { start, end }: Span): string {
  const [, open = '', inner = '', close = ''] = /^(\[\[?)([^]*?)(\]\]?)$/.exec(text.slice(start, end)) ?? [];
  return open + inner.trim() + close;
}

function countNewlines(text: string, start: number, end: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', start); at >= 0 && at < end; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}
