/** How the values of an effective profile read: pure functions from what the helper says to the words of a row and its tip. */
import type { OperationResult } from '../../helper/protocol/operations.ts';
import { isRecord } from '../failure.ts';
import { shortened, visible } from '../visible.ts';

export type ProfileValue = OperationResult<'profileShow'>['values'][number];

/** values of one table, `network`; the empty name stands for what is above the first table */
export interface ValueTable {
  readonly name: string;
  readonly values: readonly ProfileValue[];
}

/** what says nothing about what an agent may do; shown last */
const about = ['name', 'description', 'version', 'extends', 'profile_version', 'created_at', 'updated_at', 'tags', 'lasso_metadata'];
const aboutTable = 'about';

const valueLimit = 80;
const tipLimit = 1500;

/** Tables in the order of the values, and last what is about the profile itself. */
export function tablesOf(values: readonly ProfileValue[]): readonly ValueTable[] {
  const tables = new Map<string, ProfileValue[]>([['', []]]);
  for (const value of values) {
    const name = tableOf(value.path);
    tables.set(name, [...(tables.get(name) ?? []), value]);
  }
  const all = [...tables].map(([name, inside]) => ({ name, values: inside }));
  return [...all.filter(({ name }) => name !== aboutTable), ...all.filter(({ name }) => name === aboutTable)];
}

/** `allowed_ports: 80, 443` */
export const labelOf = ({ path, value }: ProfileValue): string =>
  `${visible(keyOf(path))}: ${shortened(visible(wordOf(value)), valueLimit)}`;

/** `standard.toml:33`, or `default`; somebody who wrote what does not hold is told where to look */
export function originOf({ origin, note }: ProfileValue): string {
  if (!origin) return 'default';
  return `${visible(baseName(origin.file))}:${origin.line}${note === undefined ? '' : ' · see note'}`;
}

/** What it means, all of it, where it was written, and why it may not hold. */
export function tipOf(value: ProfileValue, meaning: string | undefined): string {
  const { path, origin, note } = value;
  const lines = [
    visible(path),
    ...(meaning === undefined || meaning === '' ? [] : [`${meaning.charAt(0).toUpperCase()}${meaning.slice(1)}.`]),
    '',
    shortened(visible(wordOf(value.value)), tipLimit),
    '',
    origin ? `Written in ${visible(origin.file)}, line ${origin.line}` : 'Default: no file says it',
    ...(note === undefined ? [] : [`Note: ${visible(note)}`]),
  ];
  return lines.join('\n');
}

/** What the JSON Schema of profiles says about a key path; undefined where it says nothing. */
export function meaningIn(schema: unknown, path: string): string | undefined {
  let place: unknown = schema;
  for (const step of path.split('.')) {
    const inside = isRecord(place) ? place : {};
    const properties = inside['properties'];
    place = isRecord(properties) && Object.hasOwn(properties, step) ? properties[step] : inside['additionalProperties'];
  }
  const description = isRecord(place) ? place['description'] : undefined;
  return typeof description === 'string' ? description : undefined;
}

export const baseName = (file: string): string => file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);

function tableOf(path: string): string {
  const [first = ''] = path.split('.', 1);
  return about.includes(first) ? aboutTable : path === first ? '' : first;
}

const keyOf = (path: string): string => path.slice(path.indexOf('.') + 1);

function wordOf(value: unknown): string {
  if (typeof value === 'string') return value === '' ? '(empty)' : value;
  if (Array.isArray(value)) return value.length === 0 ? '(none)' : value.map(itemWord).join(', ');
  if (isRecord(value) && Object.keys(value).length === 0) return '(none)';
  return itemWord(value);
}

function itemWord(value: unknown): string {
  if (typeof value === 'string') return value;
  if (!isRecord(value)) return JSON.stringify(value);
  return `{ ${Object.entries(value)
    .map(([key, inner]) => `${key} = ${JSON.stringify(inner)}`)
    .join(', ')} }`;
}
