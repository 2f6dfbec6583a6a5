/**
 * The keys of a chain's epochs for whoever has the first key, and which chain of its user a record is. Hostile records may ask for
 * any epoch and claim any index: the steps taken for them are limited.
 */
import { LineMac } from '../form/line-mac.ts';
import type { RecordForm } from '../form/line.ts';
import { chainSeed, lineKey, nextSeed, seedAfter } from '../form/key-schedule.ts';

/** steps that may be taken for epochs out of their order: ten years of them, and little time */
const jumpLimit = 500_000;

export class EpochKeys {
  readonly #first: Uint8Array;
  readonly #limit: number;
  #epoch = 0;
  #seed: Uint8Array;
  #mac: LineMac;
  /** steps taken so far for epochs out of their order */
  jumped = 0;

  /** @param seed of the chain's epoch 0 */
  constructor(seed: Uint8Array, limit = jumpLimit) {
    this.#first = seed;
    this.#limit = limit;
    this.#seed = seed;
    this.#mac = new LineMac(lineKey(seed));
  }

  /** The key of an epoch; undefined when it takes too many steps to get there. */
  at(epoch: number): LineMac | undefined {
    if (epoch === this.#epoch) return this.#mac;
    const steps = epoch > this.#epoch ? epoch - this.#epoch : epoch;
    if (epoch !== this.#epoch + 1) {
      if (this.jumped + steps > this.#limit) return undefined;
      this.jumped += steps;
    }
    this.#seed = seedAfter(epoch > this.#epoch ? this.#seed : this.#first, steps);
    this.#epoch = epoch;
    this.#mac = new LineMac(lineKey(this.#seed));
    return this.#mac;
  }
}

/** a line looked at beforehand */
export interface Sample {
  readonly bytes: Buffer;
  readonly form: RecordForm;
}

export interface ChainKey {
  readonly index: number;
  /** of the chain's epoch 0 */
  readonly seed: Buffer;
}

/** indexes tried one after the other where nothing tells the right one */
const searchLimit = 2000;
/** samples looked at for each of them */
const searchSamples = 4;

/**
 * Which chain of the user with this first key the samples are of: one whose key made the mac of at least one.
 * @param claimed indexes that are told somewhere, likeliest first
 * @param search whether others are tried, too
 */
export function findChainKey(
  firstKey: Uint8Array,
  samples: readonly Sample[],
  claimed: readonly number[],
  search: boolean,
): ChainKey | undefined {
  const sandbox = samples[0]?.form.sandbox;
  if (sandbox === undefined) return undefined;
  let left = 2 * jumpLimit;
  const fits = (seed: Buffer, among: readonly Sample[]): boolean => {
    const keys = new EpochKeys(seed, Math.min(left, jumpLimit));
    const found = among.some(({ bytes, form }) => keys.at(form.epoch)?.fits(bytes) === true);
    left -= keys.jumped;
    return found;
  };
  for (const index of new Set(claimed)) {
    if (index > jumpLimit) continue;
    const seed = chainSeed(seedAfter(firstKey, index), sandbox);
    if (fits(seed, samples)) return { index, seed };
  }
  let userSeed: Uint8Array = firstKey;
  for (let index = 0; search && index < searchLimit; index += 1) {
    const seed = chainSeed(userSeed, sandbox);
    if (fits(seed, samples.slice(0, searchSamples))) return { index, seed };
    userSeed = nextSeed(userSeed);
  }
  return undefined;
}
