/** Hosts a profile writes down, found by what covers them, in time that does not grow with their number. */
import type { HostGroups } from '../../policy/network/rules.ts';
import { canonicalPattern, isAddress } from '../../policy/network/hosts.ts';
import type { Item, TextItem } from './subject.ts';

/** one host of an entry; an entry that names a group has several */
export interface HostPlace extends TextItem {
  /** canonical */
  readonly pattern: string;
}

/** The hosts an entry stands for; none where it cannot be read. */
export function hostPlaces(items: readonly TextItem[], groups: HostGroups): readonly HostPlace[] {
  return items.flatMap((item) =>
    spelled(item.text, groups).flatMap((host) => {
      const pattern = canonicalPattern(host);
      return pattern === undefined ? [] : [{ ...item, pattern }];
    }),
  );
}

function spelled(text: string, groups: HostGroups): readonly string[] {
  if (!text.startsWith('@')) return [text];
  const name = text.slice(1);
  return Object.hasOwn(groups, name) ? (groups[name] ?? []).map(({ host }) => host) : [];
}

export class HostIndex<Place extends Item & { readonly pattern: string }> {
  readonly #places = new Map<string, Place[]>();
  readonly #parents = new Set<string>();

  constructor(places: readonly Place[]) {
    for (const place of places) {
      const known = this.#places.get(place.pattern);
      if (known === undefined) this.#places.set(place.pattern, [place]);
      else known.push(place);
      for (const parent of coverings(place.pattern)) this.#parents.add(parent);
    }
  }

  /** Entries that stand for every host the pattern stands for, the pattern's own first. */
  covering(pattern: string): readonly Place[] {
    return coverings(pattern).flatMap((wide) => this.#places.get(wide) ?? []);
  }

  /** Whether an entry and the pattern have a host in common: of two patterns one covers the other, or they have none. */
  meets(pattern: string): boolean {
    return this.#parents.has(pattern) || this.covering(pattern).length > 0;
  }
}

/** A canonical pattern and all that cover it, the narrowest first. */
function coverings(pattern: string): readonly string[] {
  if (pattern === '*' || isAddress(pattern)) return [pattern];
  const found = [pattern];
  const name = pattern.startsWith('*.') ? pattern.slice(2) : pattern;
  for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) found.push(`*${name.slice(dot)}`);
  return [...found, '*'];
}
