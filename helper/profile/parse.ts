/** TOML text to values, by smol-toml, within limits. The text may be hostile: whatever is wrong with it comes back as one finding. */
import { parse, TomlError } from 'smol-toml';
import type { Finding, Range } from '../protocol/finding.ts';
import { keyPathText } from './key-path.ts';
import { locate, pathLimit } from './locate.ts';
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
  const tooDeep = `Tables and lists are nested too deeply: ${depthLimit} levels, and ${pathLimit} characters of a key with the tables around it, are the most`;
  try {
    const raw = parse(text, { integersAsBigInt: 'asNeeded', maxDepth: depthLimit });
    const beyond = Object.entries(raw).find(([key, value]) => isBeyond(key, value));
    if (beyond === undefined) return { ok: true, raw };
    return fail('too-deep', tooDeep, locate(text).get(keyPathText([beyond[0]]))?.key ?? placeOfLongKey(beyond[0], text));
  } catch (error) {
    if (!(error instanceof TomlError)) return fail('toml-syntax', 'This is not TOML', start);
    const positions = positionsOf(text);
    const lines = text.split(/\r?\n/).slice(0, error.line - 1);
    // The parser counts `\r\n` and `\n` as ends of lines, an editor `\r` as well.
    const before = lines.reduce((sum, line) => sum + line.length, 0) + (text.match(/\r?\n/g) ?? []).slice(0, lines.length).join('').length;
    const at = Math.min(text.length, before + error.column - 1);
    const range = positions.range(at, Math.min(text.length, at + (text.startsWith('\r\n', at) ? 2 : 1)));
    const message = /^Invalid TOML document: (.*)/.exec(error.message)?.[1] ?? 'invalid document';
    return message.includes('excessively nested') ? fail('too-deep', tooDeep, range) : fail('toml-syntax', capital(message), range);
  }
}

/** Whether something below a key of the document is too deep or its path too long; never recursive, as keys may be dotted thousands of times. */
function isBeyond(key: string, value: unknown): boolean {
  const waiting = [{ value, level: 1, length: key.length }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { level, length } = next;
    if (level > depthLimit + 1 || length > pathLimit) return true;
    if (typeof next.value !== 'object' || next.value === null || next.value instanceof Date) continue;
    for (const [step, inner] of Object.entries(next.value) as readonly (readonly [string, unknown])[])
      waiting.push({ value: inner, level: level + 1, length: length + 1 + step.length });
  }
  return false;
}

/** Where a key stands that is too long to be located; the beginning of the text when it is written with escapes. */
function placeOfLongKey(key: string, text: string): Range {
  const at = Math.max(0, text.indexOf(key));
  return positionsOf(text).range(at, at + 1);
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
