/** What may be written at the cursor, the likeliest first; empty where nothing may. It proposes and never judges. */
import { completeItem } from './complete-items.ts';
import { completeHeader, completeKey } from './complete-keys.ts';
import { completeValue } from './complete-values.ts';
import { cursorAt } from './cursor.ts';
import type { Proposal } from './proposal.ts';
import type { Reading } from './reading.ts';
import type { Surroundings } from './surroundings.ts';

export interface Offer extends Proposal {
  /** what is compared with the text that would be replaced */
  readonly filter: string;
}

export async function completionAt(reading: Reading, offset: number, around: Surroundings): Promise<readonly Offer[]> {
  const proposals = await proposalsAt(reading, offset, around);
  return proposals.map((proposal) => ({ ...proposal, filter: filterOf(reading, proposal) }));
}

/** An editor compares from the beginning of what is replaced, which may be a quote of either kind, or none yet. */
function filterOf({ text, positions }: Reading, { label, range: { start } }: Proposal): string {
  const first = text[positions.offset(start.line, start.character)];
  const bare = label.replace(/^"(.*)"$/, '$1');
  return first === '"' || first === "'" ? first + bare : bare;
}

async function proposalsAt(reading: Reading, offset: number, around: Surroundings): Promise<readonly Proposal[]> {
  const cursor = cursorAt(reading.text, reading.outline, offset);
  switch (cursor.kind) {
    case 'comment':
    case 'none':
      return [];
    case 'header':
      return completeHeader(reading, cursor);
    case 'key':
      return completeKey(reading, cursor);
    case 'value':
      return completeValue(reading, cursor, around);
    case 'item':
      return completeItem(reading, cursor);
    default:
      return cursor satisfies never;
  }
}
