/** Proposals for items of a list: host groups, commands, ports, methods, and inherited items to remove. Nothing that is there already. */
import { shapeAt } from '../../protocol/profile/shape.ts';
import { valuesOf } from '../tree.ts';
import type { Cursor } from './cursor.ts';
import { decodedBare } from './decode.ts';
import { literal } from './literal.ts';
import { code } from './markdown.ts';
import type { Value } from './outline-parts.ts';
import { isCommandList, isHostPlace, isMethodList, isPortList, standingList } from './places.ts';
import { programs } from './programs.ts';
import { plain, type Proposal } from './proposal.ts';
import { inheritedAt, itemsOf, placeText, type Reading } from './reading.ts';

type ItemCursor = Extract<Cursor, { kind: 'item' }>;

const ports: readonly (readonly [port: number, about: string])[] = [
  [443, 'HTTPS'],
  [80, 'HTTP'],
  [22, 'SSH'],
  [8080, 'HTTP, in development'],
  [8443, 'HTTPS, in development'],
  [3000, 'HTTP, in development'],
  [5000, 'HTTP, in development'],
  [53, 'DNS'],
  [25, 'mail'],
  [587, 'mail'],
  [9418, 'git'],
  [3306, 'MySQL'],
  [5432, 'PostgreSQL'],
  [6379, 'Redis'],
  [27017, 'MongoDB'],
];
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

export function completeItem(reading: Reading, { list, index, span, others }: ItemCursor): readonly Proposal[] {
  const range = reading.positions.range(span.start, span.end);
  if (range.start.line !== range.end.line) return [];
  const standing = itemsOf(standingList(reading, list)).map((item) => ({ item, value: valuesOf(item) }));
  const written = new Set(others.map(valueText));
  const cleared = written.has(literal('!*'));
  const inherits = inheritedAt(reading, list) !== undefined;
  const there = new Set([...written, ...(inherits && !cleared ? standing.map(({ value }) => literal(value)) : [])]);
  const removals = standing.flatMap(({ item, value }, rank): readonly Proposal[] => {
    const removal = `!${typeof value === 'string' ? value : literal(value)}`;
    if (cleared || item.kind !== 'leaf' || written.has(literal(removal)) || (typeof value === 'string' && value.startsWith('!'))) return [];
    return [
      {
        label: removal,
        kind: 'removal',
        insert: plain(literal(removal)),
        range,
        detail: `remove, from ${placeText(item)}`,
        rank: 500 + rank,
      },
    ];
  });
  const all: readonly Proposal[] =
    index === 0 && removals.length > 0
      ? [
          {
            label: '!*',
            kind: 'removal',
            insert: '"!*"',
            range,
            detail: `remove all ${removals.length} that are there without this list`,
            rank: 499,
          },
        ]
      : [];
  return [...positive(reading, list, range, there), ...all, ...removals];
}

function positive(reading: Reading, list: ItemCursor['list'], range: Proposal['range'], there: ReadonlySet<string>): readonly Proposal[] {
  const item = shapeAt([...list, 0]);
  const offer = (values: readonly (readonly [value: unknown, about: string])[], kind: Proposal['kind']): readonly Proposal[] =>
    values
      .filter(([value]) => !there.has(literal(value)))
      .map(([value, about], rank): Proposal => ({
        label: typeof value === 'string' ? value : literal(value),
        kind,
        insert: plain(literal(value)),
        range,
        ...(about === '' ? {} : { detail: about }),
        rank,
      }));
  if (isHostPlace(list)) return completeGroups(reading, range, there);
  if (isCommandList(list)) return offer([...programs], 'command');
  if (isPortList(list)) return offer(ports, 'value');
  if (isMethodList(list))
    return offer(
      methods.map((method) => [method, '']),
      'choice',
    );
  if (item?.kind === 'choice')
    return offer(
      item.choices.map((option) => [option, '']),
      'choice',
    );
  if (item?.kind === 'table') return [{ label: '{ }', kind: 'value', insert: '{ $1 }', range, rank: 0 }];
  const [example] = shapeAt(list)?.examples ?? [];
  return Array.isArray(example)
    ? offer(
        example.map((value: unknown) => [value, 'example']),
        'value',
      )
    : [];
}

/** `@npm` and its like, with the hosts they stand for. */
export function completeGroups({ sources }: Reading, range: Proposal['range'], there: ReadonlySet<string>): readonly Proposal[] {
  return Object.entries(sources.hostGroups)
    .filter(([name]) => !there.has(literal(`@${name}`)))
    .map(([name, hosts], rank): Proposal => ({
      label: `@${name}`,
      kind: 'group',
      insert: plain(literal(`@${name}`)),
      range,
      detail: hosts.map(({ host }) => host).join(', '),
      documentation: hosts.map(({ host }) => `- ${code(host)}`).join('\n'),
      rank,
    }));
}

function valueText(value: Value): string {
  if (value.kind === 'text') return literal(value.text);
  return value.kind === 'bare' ? literal(decodedBare(value.text)) : '';
}
