/** Ranges of findings and locations against the text they are about, with lines as editors count them. */
import assert from 'node:assert/strict';
import { positionsOf } from '../../helper/profile/positions.ts';
import type { Range } from '../../helper/protocol/finding.ts';

/** Start and end are places of the text, the start not after the end. */
export function assertInside({ start, end }: Range, text: string, says: string): void {
  const rows = text.split(/\r\n|\n|\r/);
  for (const { line, character } of [start, end]) {
    const row = rows[line];
    assert.ok(row !== undefined && character <= row.length, `${says}: ${line}:${character} is outside the text`);
  }
  assert.ok(start.line < end.line || (start.line === end.line && start.character <= end.character), `${says}: ends before it starts`);
}

export function textAt({ start, end }: Range, text: string): string {
  const positions = positionsOf(text);
  return text.slice(positions.offset(start.line, start.character), positions.offset(end.line, end.character));
}
