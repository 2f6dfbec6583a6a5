/** Values as they should be laid out. What is on one line stays there while it fits; what is on several keeps its lines. */
import type { LineWriter } from './line-writer.ts';
import type { ListValue, Pair, Value } from './outline-parts.ts';

/** longest line that a list is written on, in columns */
const widthLimit = 120;
const indentOf = (depth: number): string => '  '.repeat(depth);

export const writeKeys = (text: string, { keys }: Pair): string => keys.map(({ start, end }) => text.slice(start, end)).join('.');

export function writeValue(writer: LineWriter, text: string, value: Value, depth: number): void {
  if (value.kind !== 'list') {
    writer.add(onOneLine(text, value));
    return;
  }
  const spread = isSpread(text, value);
  const short = spread ? '' : onOneLine(text, value);
  if (!spread && (writer.width + short.length <= widthLimit || value.items.length === 0)) writer.add(short);
  else writeLines(writer, text, value, depth, spread);
}

/** @param spread whether the list’s own lines are kept; otherwise they are filled */
function writeLines(writer: LineWriter, text: string, list: ListValue, depth: number, spread: boolean): void {
  const indent = indentOf(depth + 1);
  writer.add('[');
  let from = list.start + 1;
  let begun = 0;
  const startLine = (blank: boolean): void => {
    if (blank && begun > 0) writer.newLine('');
    writer.newLine(indent);
    begun += 1;
  };
  for (const item of [...list.items, undefined]) {
    let newlines = 0;
    for (const part of text.slice(from, item?.start ?? list.end - 1).matchAll(/#[^\n\r]*|\n/g)) {
      if (part[0] === '\n') newlines += 1;
      else {
        const comment = { start: from + part.index, end: from + part.index + part[0].length };
        if (newlines === 0) writer.comment(comment);
        else {
          startLine(newlines > 1);
          writer.add(part[0].trimEnd());
        }
        newlines = 0;
      }
    }
    if (item === undefined) break;
    const full = !spread && writer.width + onOneLine(text, item).length + 2 > widthLimit;
    if (begun === 0 || newlines > 0 || full) startLine(newlines > 1);
    else writer.add(' ');
    writeValue(writer, text, item, depth + 1);
    writer.add(',');
    from = item.end;
  }
  writer.newLine(indentOf(depth));
  writer.add(']');
}

function onOneLine(text: string, value: Value): string {
  const source = text.slice(value.start, value.end);
  switch (value.kind) {
    case 'text':
    case 'bare':
      return source;
    case 'list':
      return isSpread(text, value) ? source : `[${value.items.map((item) => onOneLine(text, item)).join(', ')}]`;
    case 'table': {
      // One that goes on over the end of its line, or holds a text that does, stays as it is.
      if (/[\n\r]/.test(source)) return source;
      const pairs = value.pairs.map((pair) => `${writeKeys(text, pair)} = ${pair.value ? onOneLine(text, pair.value) : ''}`);
      return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`;
    }
    default:
      return value satisfies never;
  }
}

/** Whether a list, or one in it, was written on several lines. */
function isSpread(text: string, { start, end, items }: ListValue): boolean {
  let from = start;
  for (const item of items) {
    if (text.slice(from, item.start).includes('\n') || (item.kind === 'list' && isSpread(text, item))) return true;
    from = item.end;
  }
  return text.slice(from, end).includes('\n');
}
