/** Proposals for the value of a key: choices, defaults and examples, names of profiles, places of secrets. */
import { shapeAt, type Shape } from '../../protocol/profile/shape.ts';
import type { KeyPath } from '../key-path.ts';
import type { Cursor } from './cursor.ts';
import { completeGroups } from './complete-items.ts';
import { valueSnippet } from './complete-keys.ts';
import { literal } from './literal.ts';
import { isHostPlace, isSecretSource, isVariableName } from './places.ts';
import { plain, type Proposal } from './proposal.ts';
import { fileName, type Reading } from './reading.ts';
import type { Surroundings } from './surroundings.ts';

type ValueCursor = Extract<Cursor, { kind: 'value' }>;

const secretSources: readonly (readonly [start: string, about: string])[] = [
  ['env:', 'an environment variable of the host'],
  ['file:', 'a file of the host, file:PATH#FIELD'],
  ['command:', 'what a program prints, such as that of a password manager'],
  ['vscode:', 'VS Code’s own store of secrets'],
  ['keyring:', 'the keyring of the desktop'],
  ['github', 'GITHUB_TOKEN, or the account of `lasso auth login`'],
];

export async function completeValue(
  reading: Reading,
  { path, span, value }: ValueCursor,
  around: Surroundings,
): Promise<readonly Proposal[]> {
  const shape = shapeAt(path);
  if (shape === undefined) return [];
  const range = reading.positions.range(span.start, span.end);
  if (range.start.line !== range.end.line) return [];
  const typed = value?.kind === 'text' ? value.text : '';
  if (path.length === 1 && path[0] === 'extends') return profiles(reading, range, around);
  if (isSecretSource(path)) return secrets(typed, range, around);
  if (isVariableName(path)) return around.variables().map((name, rank) => textProposal(name, 'variable', range, rank));
  if (isHostPlace(path)) return [...completeGroups(reading, range, new Set()), ...examples(shape, path, range)];
  return examples(shape, path, range);
}

function examples(shape: Shape, path: KeyPath, range: Proposal['range']): readonly Proposal[] {
  const { kind, choices, minimum, maximum } = shape;
  const note = (value: unknown): Pick<Proposal, 'detail'> => (value === shape.default && value !== undefined ? { detail: 'default' } : {});
  const proposal = (value: unknown, rank: number): Proposal => ({
    label: literal(value),
    kind: kind === 'choice' || kind === 'boolean' ? 'choice' : 'value',
    insert: plain(literal(value)),
    range,
    ...note(value),
    rank,
  });
  if (kind === 'choice') return choices.map(proposal);
  if (kind === 'boolean') return [true, false].map(proposal);
  if (kind === 'date') return [];
  const values = [shape.default, ...shape.examples, ...(kind === 'number' ? [minimum, maximum] : [])];
  const texts = new Set(values.flatMap((value) => (isPlainValue(value) ? [literal(value)] : [])));
  const proposals = [...texts].map((text, rank): Proposal => ({
    label: text,
    kind: 'value',
    insert: plain(text),
    range,
    ...(shape.default !== undefined && text === literal(shape.default) ? { detail: 'default' } : {}),
    rank: rank + 1,
  }));
  if (kind !== 'list' && kind !== 'table' && kind !== 'map') return proposals;
  return [{ label: kind === 'list' ? '[ ]' : '{ }', kind: 'value', insert: valueSnippet(shape, path), range, rank: 0 }, ...proposals];
}

const isPlainValue = (value: unknown): boolean => value !== undefined && value !== '' && literal(value) !== '[]' && literal(value) !== '{}';

async function profiles({ file, sources }: Reading, range: Proposal['range'], around: Surroundings): Promise<readonly Proposal[]> {
  const [named, beside] = await Promise.all([around.profiles(), sources.listFolder(sources.resolvePath(file, '..')).catch(() => [])]);
  const own = fileName(file);
  return [
    ...named
      .filter((profile) => profile.file !== file)
      .map(({ name, description, source }, rank): Proposal => ({
        ...textProposal(name, 'profile', range, rank),
        detail: `${source} · ${description}`,
      })),
    ...beside
      .filter((name) => name.endsWith('.toml') && name !== own)
      .map((name, rank): Proposal => ({ ...textProposal(`./${name}`, 'profile', range, 1000 + rank), detail: 'file beside this one' })),
  ];
}

function secrets(typed: string, range: Proposal['range'], around: Surroundings): readonly Proposal[] {
  const starts = secretSources.map(([start, about], rank): Proposal => ({
    label: start,
    kind: 'value',
    // The quote is closed by what is still to be typed, so the cursor stays inside.
    insert: start.endsWith(':') ? `"${start}$1"` : literal(start),
    range,
    detail: about,
    rank,
  }));
  const names = typed.startsWith('env:') ? around.variables() : [];
  const variables = names.map((name, rank): Proposal => ({
    ...textProposal(`env:${name}`, 'variable', range, rank),
    detail: 'environment of the host',
  }));
  return typed.startsWith('env:') ? variables : starts;
}

function textProposal(text: string, kind: Proposal['kind'], range: Proposal['range'], rank: number): Proposal {
  return { label: text, kind, insert: plain(literal(text)), range, rank };
}
