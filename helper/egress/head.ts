/**
 * The head of one HTTP message, read strictly (RFC 9112): lines end in CR LF, nothing is folded, no byte has two readings. For the
 * one request and the one answer of CONNECT; every other request is read in `requests.ts`.
 */
import type { Look } from './opening.ts';

export interface MessageHead {
  readonly start: string;
  /** names in lower case */
  readonly fields: readonly (readonly [name: string, value: string])[];
}

export type HeadReading = { readonly ok: true; readonly head: MessageHead } | { readonly ok: false; readonly why: string };

/** longest head, in bytes */
const headLimitBytes = 16_384;
const fieldLimit = 100;

/** For `readOpening`: uses up the head and nothing of what follows. */
export function lookAtHead(bytes: Buffer): Look<HeadReading> {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0 && bytes.length < headLimitBytes) {
    const line = bytes.indexOf('\n');
    const bare = (line >= 0 && bytes[line - 1] !== 0x0d) || bytes.includes('\n\n');
    return bare ? { found: bad('a line in it does not end in CR LF'), keepBytes: bytes.length } : { atLeastBytes: bytes.length + 1 };
  }
  if (end < 0 || end + 4 > headLimitBytes) return { found: bad('it is too long'), keepBytes: bytes.length };
  return { found: parseHead(bytes.subarray(0, end + 2).toString('latin1')), keepBytes: end + 4 };
}

/** @param text latin1, each line with its CR LF, without the empty line at the end */
export function parseHead(text: string): HeadReading {
  if (/[^\t\r\n\x20-\x7e\x80-\xff]/.test(text)) return bad('it contains a control character');
  const lines = text.split('\r\n');
  if (lines.pop() !== '' || lines.some((line) => /[\r\n]/.test(line))) return bad('a line in it does not end in CR LF');
  const [start = '', ...rest] = lines;
  if (start === '' || !/^[!-~]+(?: [\x20-\x7e\x80-\xff]*)?$/.test(start)) return bad('its first line is broken');
  if (rest.length > fieldLimit) return bad(`it has more than ${fieldLimit} lines`);
  const fields: (readonly [string, string])[] = [];
  for (const line of rest) {
    if (/^[ \t]/.test(line)) return bad('a line in it continues the one before');
    const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) return bad('a line in it is no field');
    fields.push([name.toLowerCase(), value.replace(/^[ \t]+|[ \t]+$/g, '')]);
  }
  return { ok: true, head: { start, fields } };
}

export const valuesOf = ({ fields }: MessageHead, name: string): readonly string[] =>
  fields.flatMap(([key, value]) => (key === name ? [value] : []));

const bad = (why: string): HeadReading => ({ ok: false, why });
