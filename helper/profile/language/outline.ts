/**
 * A TOML text as an editor must see it: tables, keys and values with their offsets, found in one pass also while the text is
 * broken. It decides nothing about validity, which is the parser's. The text may be hostile: every loop moves forward and
 * nesting is bounded.
 */
import type { Outline } from './outline-parts.ts';
import { OutlineScan } from './outline-scan.ts';

/** longer texts are not looked at; no profile is that long */
const limitCharacters = 512 * 1024;

export function outlineOf(text: string): Outline {
  if (text.length > limitCharacters) return { sections: [{ path: [], start: 0, end: text.length, pairs: [] }], comments: [] };
  return new OutlineScan(text).document();
}
