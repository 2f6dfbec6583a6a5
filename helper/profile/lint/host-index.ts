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
      const pattern = isPlain(host) ? host : canonicalPattern(host);
      return pattern === undefined ? [] : [{ ...item, pattern }];
    }),
  );
}

/** Whether a host or pattern is written the one way it is compared; most are, and telling so is quick. */
export const isPlain = (text: string): boolean =>
  text.length <= 253 &&
  /^(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9]{0,62})$/.test(text) &&
  !text.includes('xn--');

function spelled(text: string, groups: HostGroups): readonly string[] {
  if (!text.startsWith('@')) return [text];
  const name = text.slice(1);
  return Object.hasOwn(groups, name) ? (groups[name] ?? []).map(({ host }) => host) : [];
}

/** Entries that are remembered for one pattern, so that a thousand spellings of one host cost no more than a few. */
const samePatternLimit = 64;

export class HostIndex<Place extends Item & { readonly pattern: string }> {
  readonly #places = new Map<string, Place[]>();
  /** what covers an entry; made when it is first asked for */
  #parents: ReadonlySet<string> | undefined;

  constructor(places: readonly Place[]) {
    for (const place of places) {
      const known = this.#places.get(place.pattern);
      if (known === undefined) this.#places.set(place.pattern, [place]);
      else if (known.length < samePatternLimit) known.push(place);
    }
  }

  get isEmpty(): boolean {
    return this.#places.size === 0;
  }

  /** Entries that stand for every host the pattern stands for, the pattern's own first. */
  covering(pattern: string): readonly Place[] {
    const found: Place[] = [];
    if (!this.isEmpty) forCoverings(pattern, (wide) => found.push(...(this.#places.get(wide) ?? [])));
    return found;
  }

  /** Whether an entry and the pattern have a host in common: of two patterns one covers the other, or they have none. */
  meets(pattern: string): boolean {
    if (this.#parents === undefined) {
      const parents = new Set<string>();
      for (const known of this.#places.keys()) forCoverings(known, (wide) => parents.add(wide));
      this.#parents = parents;
    }
    return this.#parents.has(pattern) || this.covering(pattern).length > 0;
  }
}

/** Tells a canonical pattern and all that cover it, the narrowest first. */
function forCoverings(pattern: string, tell: (wide: string) => void): void {
  tell(pattern);
  // Only addresses end in a digit or have a colon.
  if (pattern === '*' || (/\d$|:/.test(pattern) && isAddress(pattern))) return;
  const name = pattern.startsWith('*.') ? pattern.slice(2) : pattern;
  for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) tell(`*${name.slice(dot)}`);
  tell('*');
}
