/**
 * A profile's text with one more exception from its questions, as small a change as it can be. Nothing is written here, and
 * whether the text then means what was wanted is for the caller to check. The text may be hostile.
 */
import { valueText } from './effective-text.ts';
import { keyPathText } from './key-path.ts';
import { locate } from './locate.ts';
import { positionsOf } from './positions.ts';

/** @param words arguments as `commands.ask_except` has them; undefined where there is no certain place for them */
export function withException(text: string, program: string, words: string): string | undefined {
  const found = locate(text);
  const positions = positionsOf(text);
  const table = keyPathText(['commands', 'ask_except']);
  const list = keyPathText(['commands', 'ask_except', program]);
  const at = (line: number, character: number): number => positions.offset(line, character);
  const inserted = (offset: number, what: string): string => `${text.slice(0, offset)}${what}${text.slice(offset)}`;
  const pair = `${keyPathText([program])} = [${valueText(words)}]\n`;

  const own = found.get(list)?.value;
  if (own !== undefined) {
    let last = own;
    let count = 0;
    for (let item = found.get(`${list}[0]`); item !== undefined; item = found.get(`${list}[${count}]`)) {
      last = item.value;
      count += 1;
    }
    if (count > 0) return inserted(at(last.end.line, last.end.character), `, ${valueText(words)}`);
    return `${text.slice(0, at(own.start.line, own.start.character))}[${valueText(words)}]${text.slice(at(own.end.line, own.end.character))}`;
  }
  const header = found.get(table);
  if (header === undefined) return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}\n[commands.ask_except]\n${pair}`;
  const start = at(header.key.start.line, 0);
  const line = text.slice(start, at(header.key.start.line + 1, 0));
  if (/^[ \t]*\[/.test(line)) return inserted(start + line.length, line.endsWith('\n') ? pair : `\n${pair}`);
  const value = at(header.value.start.line, header.value.start.character);
  if (text[value] !== '{') return undefined;
  const empty = /^\{\s*\}/.test(text.slice(value, value + 100));
  return inserted(value + 1, ` ${pair.trimEnd()}${empty ? ' ' : ','}`);
}
