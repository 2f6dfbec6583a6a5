/** Holds one use of a program against the table of dangerous uses. Linear: no more than a few thousand characters are looked at. */
import type { Consequence } from './consequence.ts';
import type { ProgramName } from './names.ts';
import type { Danger } from './rows/danger.ts';
import { dangers } from './rows/dangers.ts';
import type { Use } from './use.ts';

const longest = 4096;
const byName: ReadonlyMap<string, readonly Danger[]> = indexed();

export function dangerousUses({ argv, name: at }: Use, name: ProgramName): readonly Consequence[] {
  const rows = name.spellings.map((spelling) => byName.get(spelling)).find((found) => found !== undefined);
  if (rows === undefined) return [];
  let text = '';
  for (const argument of argv) {
    if (text.length > longest) break;
    text += `${text === '' ? '' : ' '}${argument.text.slice(0, longest)}`;
  }
  const found = rows.find(({ when }) => when.test(text));
  return found === undefined
    ? []
    : [{ does: 'forbidden', stage: found.stage, why: `It ${found.does}; find another way, or ask a person to do it.`, at }];
}

function indexed(): ReadonlyMap<string, readonly Danger[]> {
  const all = new Map<string, Danger[]>();
  for (const danger of dangers) {
    for (const name of danger.names.split(' ')) {
      const rows = all.get(name);
      if (rows === undefined) all.set(name, [danger]);
      else rows.push(danger);
    }
  }
  return all;
}
