/**
 * Placeholders on their way out: in its own header, towards a host it is bound to and over verified TLS, a placeholder becomes
 * the secret's value; in a body to that host it stays what it is; anywhere else, in any encoding looked for, the request is refused. Over plain HTTP a placeholder is always
 * refused, also where the host and the port are named: the value would be read along the way.
 */
import { hostMatches } from '../policy/network/hosts.ts';
import type { BoundSecret } from './contract.ts';
import { formsOf, Unescaper } from './encodings.ts';
import type { Field, Fields } from './fields.ts';
import type { Through } from './flow.ts';
import { type Search, Searcher, searchFor } from './search.ts';

/** times escapes are resolved one inside the other in targets and headers */
const levels = 3;

/** where a request goes */
export interface Destination {
  readonly scheme: 'http' | 'https';
  readonly host: string;
  readonly port: number;
  /** ports a secret may be sent to where its binding names none */
  readonly allowedPorts: readonly number[];
}

/** A placeholder where it must not be. */
export class PlaceholderFound extends Error {
  readonly secret: string;
  constructor(secret: string) {
    super(`the placeholder of the secret “${secret}” was about to leave where its value does not belong`);
    this.secret = secret;
  }
}

export function isBound({ hosts }: BoundSecret, { scheme, host, port, allowedPorts }: Destination): boolean {
  return scheme === 'https' && hosts.some((to) => hostMatches(to.host, host) && (to.ports ?? allowedPorts).includes(port));
}

/** The placeholders of a sandbox, ready to be looked for. */
export class Placeholders {
  readonly secrets: readonly BoundSecret[];
  readonly #search: Search;
  readonly #owners: readonly string[];
  /** by which of them are bound */
  readonly #others = new Map<string, Placeholders>();

  constructor(secrets: readonly BoundSecret[]) {
    this.secrets = secrets;
    const forms = secrets.flatMap(({ name, placeholder }) => formsOf(placeholder).map((form) => ({ name, form })));
    this.#search = searchFor(forms.map(({ form }) => form));
    this.#owners = forms.map(({ name }) => name);
  }

  isFor(secrets: readonly BoundSecret[]): boolean {
    return secrets.length === this.secrets.length && this.secrets.every((secret, at) => secret === secrets[at]);
  }

  /** Those that may not be in a body that goes there: an agent that printed its environment must still be able to talk to its model. */
  notBoundTo(to: Destination): Placeholders | undefined {
    const free = this.secrets.filter((secret) => !isBound(secret, to));
    if (free.length === 0 || free.length === this.secrets.length) return free.length === 0 ? undefined : this;
    const key = free.map(({ name }) => name).join('\n');
    const known = this.#others.get(key) ?? new Placeholders(free);
    this.#others.set(key, known);
    return known;
  }

  /** Looks at a body while it passes. The piece in which a placeholder is complete does not go on. */
  watch(): Through {
    const asWritten = new Searcher(this.#search);
    const resolved = new Searcher(this.#search);
    const unescaper = new Unescaper();
    const check = (searcher: Searcher, bytes: Buffer): void => {
      const hit = searcher.next(bytes);
      if (hit !== undefined) throw new PlaceholderFound(this.#owners[hit.which] ?? '');
    };
    const push = (piece: Buffer): Buffer => {
      check(asWritten, piece);
      check(resolved, unescaper.push(piece));
      return piece;
    };
    return { push };
  }

  /** @throws PlaceholderFound */
  check(text: string): void {
    let bytes: Buffer = Buffer.from(text, 'latin1');
    for (let level = 0; level < levels; level++) {
      this.watch().push(bytes);
      if (!bytes.includes('%') && !bytes.includes('\\')) return;
      bytes = new Unescaper().push(Buffer.concat([bytes, Buffer.from('\n\n\n\n\n\n')]));
    }
  }
}

/** where placeholders stand in a head: those that are to be replaced */
export type Standing = readonly { readonly at: number; readonly secret: BoundSecret }[];

/**
 * Finds what is to be replaced in the head of a request.
 * @throws PlaceholderFound for one that stands elsewhere
 */
export function findPlaceholders(
  all: Placeholders,
  { target, fields }: { readonly target: string; readonly fields: Fields },
  to: Destination,
): Standing {
  const bound = all.secrets.filter((secret) => isBound(secret, to));
  all.check(`${to.host} ${target}`);
  return fields.flatMap(([name, value], at) => {
    const { text } = opened(value);
    const here = bound.filter(({ header, placeholder }) => header === name.toLowerCase() && text.includes(placeholder));
    const rest = here.reduce((left, { placeholder }) => left.replaceAll(placeholder, ' '), text);
    // What stands inside Basic is looked at in clear, too.
    for (const part of here.length === 0 && text !== value ? [value, text] : [rest]) all.check(`${name}: ${part}`);
    return here.map((secret) => ({ at, secret }));
  });
}

/** The fields with values in place of placeholders. @param values by name of the secret */
export function substitute(fields: Fields, standing: Standing, values: ReadonlyMap<string, string>): Fields {
  return fields.map((field, index): Field => {
    const here = standing.filter(({ at }) => at === index);
    if (here.length === 0) return field;
    const { text, close } = opened(field[1]);
    const replaced = here.reduce(
      (rest, { secret }) => rest.replaceAll(secret.placeholder, () => Buffer.from(values.get(secret.name) ?? '').toString('latin1')),
      text,
    );
    return [field[0], close(replaced)];
  });
}

/** Whether a value can stand in a header (RFC 9110, 5.5) without becoming something else. */
export const fitsHeader = (value: string): boolean =>
  value !== '' && /^[\t\x20-\x7e\x80-\u{10ffff}]*$/u.test(value) && value.trim() === value;

/** A header's text, for `Basic` what is inside (RFC 7617), and the way back. */
function opened(value: string): { readonly text: string; readonly close: (text: string) => string } {
  const [, scheme = '', encoded = ''] = /^(basic +)([A-Za-z0-9+/]+={0,2})$/i.exec(value) ?? [];
  if (encoded === '') return { text: value, close: (text) => text };
  return {
    text: Buffer.from(encoded, 'base64').toString('latin1'),
    close: (text) => scheme + Buffer.from(text, 'latin1').toString('base64'),
  };
}
