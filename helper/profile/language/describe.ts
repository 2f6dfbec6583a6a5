/** What a place in a profile means and what holds there, as Markdown for hints. Reads only. */
import { keysAt, shapeAt, type Shape } from '../../protocol/profile/shape.ts';
import { type KeyPath, keyPathText } from '../key-path.ts';
import { type Tree, valuesOf } from '../tree.ts';
import { unenforced } from '../unenforced.ts';
import { treeAt } from './draft.ts';
import { keyText, literal } from './literal.ts';
import { code, tomlBlock } from './markdown.ts';
import { inheritedAt, itemsOf, placeText, type Reading } from './reading.ts';

const kinds: Readonly<Record<Shape['kind'], string>> = {
  table: 'table',
  map: 'table with names of your own',
  list: 'list',
  text: 'text in quotes',
  number: 'number',
  boolean: 'true or false',
  choice: 'one of',
  date: 'date',
};

/** Meaning, type, default and an example; undefined where nothing may stand. */
export function meaningOf(path: KeyPath): string | undefined {
  const shape = shapeAt(path);
  if (shape === undefined) return undefined;
  const { deprecated, examples } = shape;
  const description = aboutText(path);
  const name = keyPathText(path).replaceAll(/\[\d+\]/g, '[]');
  const lines = [`**${code(name || 'profile')}** · ${typeText(shape, path)}`];
  if (description !== '') lines.push(`${description.slice(0, 1).toUpperCase()}${description.slice(1)}.`.replace(/[*_<[]/g, '\\$&'));
  if (deprecated !== undefined) lines.push(`*From LASSO 1.x; has no effect: ${deprecated}.*`);
  const instead = deprecated === undefined ? insteadOf(path) : undefined;
  if (instead !== undefined) lines.push(`*Not enforced yet: ${instead}.*`);
  if (shape.default !== undefined && !isEmpty(shape.default)) lines.push(`Default: ${code(literal(shape.default))}`);
  else if (shape.required && keysAt(path.slice(0, -1)).some((key) => key === path.at(-1))) lines.push('Must be written.');
  const [example] = examples;
  const key = path.findLast((step) => typeof step === 'string');
  if (example !== undefined && key !== undefined) lines.push(tomlBlock(`${keyText(key)} = ${literal(example)}`));
  return lines.join('\n\n');
}

/** The schema’s words, or those for the map an entry is in; empty where it has none. */
export function aboutText(path: KeyPath): string {
  const { description = '' } = shapeAt(path) ?? {};
  return description === '' && path.length > 1 ? (shapeAt(path.slice(0, -1))?.description ?? '') : description;
}

/** What holds at a place and where that was written; empty where only the default does. */
export function standingOf(reading: Reading, path: KeyPath): string {
  const { draft, effective, file } = reading;
  if (path.some((step) => typeof step === 'number')) return '';
  const inherited = inheritedAt(reading, path);
  const own = treeAt(draft, path);
  const whole = treeAt(effective, path);
  if (whole?.kind === 'list') return listText(whole, file);
  if (whole?.kind !== 'leaf') return inherited === undefined ? '' : `Builds on ${code(placeText(inherited))}.`;
  if (inherited?.kind !== 'leaf') return '';
  const text = `${code(literal(inherited.value))} from ${code(placeText(inherited))}`;
  return own === undefined ? `Here: ${text}.` : `Replaces ${text}.`;
}

/** Items that stand elsewhere, by the file they stand in. */
function listText(list: Tree, file: string): string {
  const elsewhere = itemsOf(list).filter(({ origin, assumed }) => assumed || origin.file !== file);
  const byFile = Map.groupBy(elsewhere, ({ origin, assumed }) => (assumed ? '' : origin.file));
  const texts = [...byFile.values()].flatMap((items) => {
    const values = items.map((item) => literal(valuesOf(item))).join(', ');
    return items[0] === undefined
      ? []
      : [`Also, from ${items[0].assumed ? placeText(items[0]) : code(placeText(items[0]))}: ${code(values)}`];
  });
  const count = itemsOf(list).length;
  return texts.length === 0 ? '' : [...texts, `Together: ${count} ${count === 1 ? 'item' : 'items'}.`].join('\n\n');
}

/** Type and range in words. */
export function typeText(shape: Shape, path: KeyPath): string {
  const { kind, minimum, maximum, integer, choices } = shape;
  if (kind === 'choice') return `one of ${choices.map((choice) => code(literal(choice))).join(', ')}`;
  if (kind === 'number') {
    const range = minimum === undefined || maximum === undefined ? '' : `, ${minimum} to ${maximum}`;
    return `${integer ? 'whole number' : 'number'}${range}`;
  }
  if (kind !== 'list') return kinds[kind];
  const item = shapeAt([...path, 0]);
  const plural: Partial<Record<Shape['kind'], string>> = { text: 'texts', number: 'numbers', table: 'tables', list: 'lists' };
  return `list of ${(item && plural[item.kind]) ?? 'values'}${item?.minimum === undefined ? '' : `, ${item.minimum} to ${item.maximum ?? '…'}`}`;
}

/** What happens instead, for a field that nothing enforces. */
function insteadOf(path: KeyPath): string | undefined {
  return unenforced.find(([pattern]) => {
    const steps = pattern.split('.');
    return steps.length <= path.length && steps.every((step, index) => step === '*' || step === path[index]);
  })?.[1];
}

const isEmpty = (value: unknown): boolean => typeof value === 'object' && value !== null && Object.keys(value).length === 0;
