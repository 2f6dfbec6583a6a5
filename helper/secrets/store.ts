/**
 * The values of secrets, each read from its source when it is used and again a little later, so that a value that changed is
 * known without a restart. Values are kept in this process for seconds, and go nowhere but to the caller.
 */
import type { Clock } from '../base/clock.ts';
import { LassoError } from '../protocol/errors.ts';
import { unavailable } from './unavailable.ts';

export interface SecretSource {
  /** how long a value is used before it is read anew, in milliseconds */
  readonly freshMs: number;
  /** The value as it is now. @throws LassoError SECRET_UNAVAILABLE */
  read(): Promise<string>;
}

/** where a value is, and which folders it must not come from */
export interface SecretPlace {
  readonly from: string;
  /** program and arguments that renew the file it is in */
  readonly refresh?: string;
  /** folders of the host that an agent can write, without links */
  readonly writable: readonly string[];
  /** profiles that say so; none of them may be where an agent can write */
  readonly files: readonly string[];
}

interface Kept {
  readonly value: Promise<string>;
  readonly untilMs: number;
}

/** how long a source that failed is not asked again, in milliseconds */
const failedMs = 2000;
/** shortest value that an answer is searched for, and longest that can stand in a header, in characters */
const shortestValue = 4;
const valueLimit = 16 * 1024;

export class SecretStore {
  readonly #open: (place: SecretPlace) => SecretSource;
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #kept = new Map<string, Kept>();

  /** @param open finds the source of a place @throws LassoError SECRET_UNAVAILABLE where it names none */
  constructor(open: (place: SecretPlace) => SecretSource, clock: Pick<Clock, 'monotonicMs'>) {
    this.#open = open;
    this.#clock = clock;
  }

  /** @throws LassoError SECRET_UNAVAILABLE, and nothing else */
  value(place: SecretPlace): Promise<string> {
    const key = JSON.stringify([place.from, place.refresh ?? '', place.writable, place.files]);
    const kept = this.#kept.get(key);
    if (kept !== undefined && this.#clock.monotonicMs() < kept.untilMs) return kept.value;
    // While it is read, whoever comes waits for the same answer.
    const reading = this.#read(place);
    const keepFor = (ms: number): void => {
      if (this.#kept.get(key)?.value === value) this.#kept.set(key, { value, untilMs: this.#clock.monotonicMs() + ms });
    };
    reading.then(
      ({ freshMs }) => keepFor(freshMs),
      () => keepFor(failedMs),
    );
    const value = reading.then((read) => read.value);
    this.#kept.set(key, { value, untilMs: Infinity });
    return value;
  }

  /** Every value is read anew when it is used next. */
  forget(): void {
    this.#kept.clear();
  }

  async #read(place: SecretPlace): Promise<{ readonly value: string; readonly freshMs: number }> {
    try {
      const source = this.#open(place);
      return { value: usable(await source.read()), freshMs: source.freshMs };
    } catch (error) {
      // What a source throws by mistake may hold what it has read.
      throw error instanceof LassoError && error.code === 'SECRET_UNAVAILABLE'
        ? error
        : unavailable('its source failed in a way nobody expected', 'Try `lasso secret test`, or another source.');
    }
  }
}

/** The value without the line end that files and programs put after it, if a header can hold it. */
function usable(text: string): string {
  const value = text.trim();
  if (value === '') throw unavailable('its source is empty', 'Put the value there.');
  if (value.length < shortestValue)
    throw unavailable('it is shorter than 4 characters, too short to be taken out of answers', 'Check that its source holds the secret.');
  if (value.length > valueLimit)
    throw unavailable('it is longer than a header may be', 'Check that its source holds the secret and nothing else.');
  if (!/^[\x20-\x7e\t]+$/.test(value))
    throw unavailable(
      'it has several lines or characters that no header can hold',
      'Check that its source holds the secret and nothing else; for JSON, name a field.',
    );
  return value;
}
