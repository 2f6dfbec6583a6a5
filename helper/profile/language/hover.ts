/** What a person is told about the key, value or item under the pointer, as Markdown. Texts of profiles stay texts. */
import type { Range } from '../../protocol/finding.ts';
import type { KeyPath } from '../key-path.ts';
import { cursorAt } from './cursor.ts';
import { meaningOf, standingOf } from './describe.ts';
import { code, prose } from './markdown.ts';
import type { Span } from './outline-parts.ts';
import { programText } from './programs.ts';
import { itemsOf, placeText, type Reading } from './reading.ts';
import { isCommandList, isHostPlace, standingList } from './places.ts';

export interface Hover {
  readonly markdown: string;
  readonly range: Range;
}

/** Undefined where there is nothing to say. */
export function hoverAt(reading: Reading, offset: number): Hover | undefined {
  const { text, outline, positions } = reading;
  const cursor = cursorAt(text, outline, offset);
  const tell = (span: Span, ...parts: readonly (string | undefined)[]): Hover | undefined => {
    const markdown = parts.filter((part) => part !== undefined && part !== '').join('\n\n');
    return markdown === '' ? undefined : { markdown, range: positions.range(span.start, span.end) };
  };
  switch (cursor.kind) {
    case 'comment':
    case 'none':
      return undefined;
    case 'header': {
      const index = cursor.header.keys.findIndex(({ start, end }) => start <= offset && offset <= end);
      const path = index < 0 ? cursor.path : cursor.header.keys.slice(0, index + 1).map(({ name }) => name);
      return tell(cursor.header, meaningOf(path), standingOf(reading, path));
    }
    case 'key': {
      const name = text.slice(cursor.span.start, cursor.span.end);
      const key = cursor.pair?.keys.find(({ start }) => start === cursor.span.start);
      const path = [...cursor.table, key?.name ?? name];
      return key && tell(key, meaningOf(path), standingOf(reading, path));
    }
    case 'value': {
      if (cursor.value === undefined) return undefined;
      const base = cursor.path.length === 1 && cursor.path[0] === 'extends' ? baseText(reading) : undefined;
      const group = cursor.value.kind === 'text' && isHostPlace(cursor.path) ? groupText(reading, cursor.value.text) : undefined;
      return tell(cursor.span, base ?? group, meaningOf(cursor.path), standingOf(reading, cursor.path));
    }
    case 'item': {
      if (cursor.value?.kind !== 'text' && cursor.value?.kind !== 'bare') return undefined;
      return tell(cursor.span, itemText(reading, cursor.list, cursor.value.text), meaningOf(cursor.list));
    }
    default:
      return cursor satisfies never;
  }
}

function baseText({ base }: Reading): string | undefined {
  if (base === undefined) return undefined;
  const { source, file } = base.document;
  return `${base.description === '' ? '' : `${prose(base.description)}\n\n`}A ${source === 'file' ? '' : `${source} `}profile: ${code(file)}`;
}

function itemText(reading: Reading, list: KeyPath, text: string): string | undefined {
  if (text === '!*') return 'Drops every item that would be inherited here.';
  const inherited = inheritedItem(reading, list, text.replace(/^!/, ''));
  if (text.startsWith('!')) {
    const what = code(text.slice(1));
    return inherited === undefined ? `${what} is not inherited here, so there is nothing to remove.` : `Removes ${what}, ${inherited}.`;
  }
  const about = isHostPlace(list) ? groupText(reading, text) : isCommandList(list) ? programText(text) : undefined;
  return [about, inherited === undefined ? undefined : `Already there, ${inherited}.`].filter((part) => part !== undefined).join('\n\n');
}

/** Where an item would come from if this list said nothing about it. */
function inheritedItem(reading: Reading, list: KeyPath, text: string): string | undefined {
  const found = itemsOf(standingList(reading, list)).find((item) => item.kind === 'leaf' && String(item.value) === text);
  return found && `from ${placeText(found)}`;
}

function groupText({ sources }: Reading, text: string): string | undefined {
  const name = text.replace(/^!/, '');
  if (!name.startsWith('@')) return undefined;
  const hosts = Object.hasOwn(sources.hostGroups, name.slice(1)) ? sources.hostGroups[name.slice(1)] : undefined;
  if (hosts === undefined) return `There is no host group ${code(name)}.`;
  return `Host group ${code(name)}: ${hosts.map(({ host, ports }) => code(ports ? `${host}:${ports.join()}` : host)).join(', ')}`;
}
