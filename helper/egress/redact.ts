/**
 * Secrets that come back: wherever an answer repeats the value of a secret it was given, the placeholder stands instead. What
 * cannot be part of a value goes on at once.
 */
import type { Through } from './flow.ts';
import { formsOf } from './encodings.ts';
import type { Field, Fields } from './fields.ts';
import { type Search, Searcher, searchFor } from './search.ts';

/** values remembered for a secret; it may be rotated while old answers still come */
const valuesLimit = 4;
/** shortest value looked for, in UTF-16 code units */
const shortestValue = 4;
/** bytes of the beginning of what may be a value that go on when nothing follows, lest both sides wait for each other */
const beginningBytes = 4;

/** The values that were given out for the secrets of one sandbox. They stay in memory. */
export class GivenValues {
  readonly #values = new Map<string, readonly string[]>();
  #made: Redaction | undefined;

  /** @returns whether it was not known before */
  remember(placeholder: string, value: string): boolean {
    const known = this.#values.get(placeholder) ?? [];
    if (value.length < shortestValue || known.includes(value)) return false;
    this.#values.set(placeholder, [...known, value].slice(-valuesLimit));
    this.#made = undefined;
    return true;
  }

  /** What to look for; undefined when nothing was given out yet. */
  get redaction(): Redaction | undefined {
    if (this.#values.size > 0) this.#made ??= redactionOf(this.#values);
    return this.#made;
  }
}

export interface Redaction {
  readonly search: Search;
  /** for each text looked for, what stands in its place */
  readonly instead: readonly Buffer[];
}

function redactionOf(values: ReadonlyMap<string, readonly string[]>): Redaction {
  const texts = [...values].flatMap(([placeholder, known]) =>
    known.flatMap((value) => formsOf(value).map((form) => ({ form, placeholder: Buffer.from(placeholder) }))),
  );
  return { search: searchFor(texts.map(({ form }) => form)), instead: texts.map(({ placeholder }) => placeholder) };
}

/** One answer's bytes. */
export class Redactor implements Through {
  readonly #redaction: Redaction;
  readonly #searcher: Searcher;
  readonly #sameLength: boolean;
  #held: Buffer = Buffer.alloc(0);
  /** bytes of what is pending that went on already */
  #gone = 0;
  #count = 0;

  /** @param sameLength something of the same length stands instead, where what passes counts its bytes */
  constructor(redaction: Redaction, sameLength = false) {
    this.#redaction = redaction;
    this.#searcher = new Searcher(redaction.search);
    this.#sameLength = sameLength;
  }

  /** how often a value was found */
  get count(): number {
    return this.#count;
  }

  push(piece: Buffer): Buffer {
    const whole = this.#held.length > 0 ? Buffer.concat([this.#held, piece]) : piece;
    const passed: Buffer[] = [];
    let looked = this.#held.length;
    let from = 0;
    for (let hit = this.#searcher.next(whole, looked); hit !== undefined; hit = this.#searcher.next(whole, looked)) {
      const start = hit.end - hit.length;
      passed.push(whole.subarray(from, Math.max(from, start)), this.#instead(hit.which, hit.end - Math.max(from, start)));
      looked = from = hit.end;
      this.#gone = 0;
      this.#count++;
    }
    const { pending } = this.#searcher;
    this.#gone = Math.min(this.#gone, Math.max(0, pending - (whole.length - from)));
    const hold = pending - this.#gone;
    passed.push(whole.subarray(from, whole.length - hold));
    this.#held = Buffer.from(whole.subarray(whole.length - hold));
    const only = passed.length === 1 ? passed[0] : undefined;
    return only ?? Buffer.concat(passed);
  }

  pause(): Buffer {
    if (this.#gone + this.#held.length > beginningBytes) return Buffer.alloc(0);
    const passed = this.#held;
    this.#gone += passed.length;
    this.#held = Buffer.alloc(0);
    return passed;
  }

  end(): Buffer {
    const passed = this.#held;
    this.#held = Buffer.alloc(0);
    return passed;
  }

  #instead(which: number, length: number): Buffer {
    return this.#sameLength ? Buffer.alloc(length, '*') : (this.#redaction.instead[which] ?? Buffer.alloc(0));
  }
}

/** Header fields with placeholders where values stood, and how many did. */
export function redactFields(fields: Fields, redaction: Redaction | undefined): { readonly fields: Fields; readonly count: number } {
  if (redaction === undefined) return { fields, count: 0 };
  let count = 0;
  const clean = (text: string): string => {
    const redactor = new Redactor(redaction);
    const bytes = Buffer.concat([redactor.push(Buffer.from(text, 'latin1')), redactor.end()]);
    count += redactor.count;
    return redactor.count === 0 ? text : bytes.toString('latin1');
  };
  return { fields: fields.map(([name, value]): Field => [name, clean(value)]), count };
}
