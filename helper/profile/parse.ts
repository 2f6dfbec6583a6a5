/** TOML text to values, by smol-toml, within limits. The text may be hostile: whatever is wrong with it comes back as one finding. */
import { parse, TomlError } from 'smol-toml';
import type { Finding, Range } from '../protocol/finding.ts';
import { keyPathText } from './key-path.ts';
import { locate } from './locate.ts';
import { positionsOf } from './positions.ts';
import { firstBadCharacter } from './utf8.ts';

export type ParsedText =
  { readonly ok: true; readonly raw: Readonly<Record<string, unknown>> } | { readonly ok: false; readonly finding: Finding };

/** longest text that is read, in UTF-8 */
const limitBytes = 256 * 1024;
/** tables and lists in one another */
const depthLimit = 32;

const start: Range = { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } };

export function parseText(text: string, file: string): ParsedText {
  const fail = (code: string, message: string, range: Range, hint?: string): ParsedText => ({
    ok: false,
    finding: { severity: 'error', code, message, ...(hint === undefined ? {} : { hint }), file, path: [], range },
  });
  // A reader may have cut a longer file short, so it is bytes that count.
  if (text.length > limitBytes || new TextEncoder().encode(text).length > limitBytes)
    return fail('too-large', 'The file is too large for a profile: 256 KiB is the most', start);
  const bad = firstBadCharacter(text);
  if (bad) {
    const what = bad.byte === undefined ? 'half a character' : `the byte 0x${bad.byte.toString(16).toUpperCase()}`;
    const range = positionsOf(text).range(bad.offset, bad.offset + 1);
    return fail('not-utf8', `This is not UTF-8: ${what} stands here`, range, 'Save the file as UTF-8.');
  }
  const tooDeep = `Tables and lists are nested too deeply: ${depthLimit} levels are the most`;
  try {
    const raw = parse(text, { integersAsBigInt: 'asNeeded', maxDepth: depthLimit });
    const deep = Object.entries(raw).find(([, value]) => nested(value, depthLimit));
    return deep ? fail('too-deep', tooDeep, locate(text).get(keyPathText([deep[0]]))?.key ?? start) : { ok: true, raw };
  } catch (error) {
    if (!(error instanceof TomlError)) return fail('toml-syntax', 'This is not TOML', start);
    const positions = positionsOf(text);
    const lines = text.split(/\r?\n/).slice(0, error.line - 1);
    // The parser counts `\r\n` and `\n` as ends of lines, an editor `\r` as well.
    const before = lines.reduce((sum, line) => sum + line.length, 0) + (text.match(/\r?\n/g) ?? []).slice(0, lines.length).join('').length;
    const at = Math.min(text.length, before + error.column - 1);
    const range = positions.range(at, Math.min(text.length, at + 1));
    const message = /^Invalid TOML document: (.*)/.exec(error.message)?.[1] ?? 'invalid document';
    return message.includes('excessively nested') ? fail('too-deep', tooDeep, range) : fail('toml-syntax', capital(message), range);
  }
}

/** Whether something in `value` lies more than `levels` tables and lists deep; never recursive, as keys may be dotted thousands of times. */
function nested(value: unknown, levels: number): boolean {
  let layer: unknown[] = [value];
  for (let level = 0; layer.length > 0; level += 1) {
    if (level > levels) return true;
    layer = layer.flatMap((entry): unknown[] =>
      typeof entry === 'object' && entry !== null && !(entry instanceof Date) ? Object.values(entry) : [],
    );
  }
  return false;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
