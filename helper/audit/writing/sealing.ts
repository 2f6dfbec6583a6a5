/**
 * A batch of entries made into the lines that follow a chain's last: numbers, times, keys, and a line of its own where an epoch ends
 * or the wall clock was set. It writes nothing; whoever does takes the new end of the chain when the lines are in the file.
 */
import type { KeyObject } from 'node:crypto';
import type { RecordEntry } from '../../protocol/record.ts';
import { sealLine } from '../form/chain.ts';
import { lineKey, nextSeed } from '../form/key-schedule.ts';
import type { Torn } from './tail.ts';

/** how far wall and monotonic time may run apart between two lines, in milliseconds */
const clockStepMs = 2000;

/** everything the next line depends on */
export interface ChainEnd {
  /** number of the last line, -1 for none */
  readonly seq: number;
  readonly digest: string;
  readonly epoch: number;
  readonly seed: Buffer;
  readonly key: KeyObject;
  /** when this process was handed its last entry; undefined before its first */
  readonly last?: Moment;
  /** epoch of the last line; that of the next is `epoch` */
  readonly lineEpoch: number;
  /** monotonic milliseconds its last line says; never less than those of the line before */
  readonly monotonicMs?: number;
  /** monotonic milliseconds of the epoch's first line by this process; undefined before it */
  readonly epochBeganMs?: number;
}

export interface Moment {
  readonly wallMs: number;
  readonly monotonicMs: number;
}

/** an entry and when it was handed over */
export interface Timed {
  readonly entry: RecordEntry;
  readonly at: Moment;
}

const writerActor = { kind: 'system', face: 'helper' } as const;

/** An entry of type `chain`. */
export function chainEntry(action: string, detail: RecordEntry['detail'] = {}): RecordEntry {
  return { type: 'chain', action, outcome: 'success', actor: writerActor, detail };
}

/** The last line of an epoch. */
export const epochEntry = (epoch: number): RecordEntry => chainEntry('epoch', { next: epoch + 1 });

/** What was torn off a file and set aside. */
export function tornEntry({ file, bytes, sha256 }: Torn): RecordEntry {
  return { type: 'gap', action: 'torn-line', outcome: 'unknown', actor: writerActor, detail: { file, bytes, sha256 } };
}

/** Whether a line is the last one of its epoch. */
export const endsEpoch = ({ type, action }: { readonly type: string; readonly action: string }): boolean =>
  type === 'chain' && (action === 'epoch' || action === 'rotated');

/** The end of a chain at the beginning of an epoch. */
export function endInEpoch(place: Pick<ChainEnd, 'seq' | 'digest' | 'lineEpoch' | 'epoch' | 'seed'>): ChainEnd {
  const { seq, digest, lineEpoch, epoch, seed } = place;
  return { seq, digest, lineEpoch, epoch, seed, key: lineKey(seed) };
}

export interface Sealed {
  /** lines, each with its newline */
  readonly bytes: Buffer;
  readonly end: ChainEnd;
  /** number of each entry's line, in the entries' order; entries without one were left out */
  readonly numbers: readonly number[];
}

/** Lines for `entries`, in their order, after `end`; those at the end are left out when the lines reach `roomBytes`. */
export function seal(sandbox: string, end: ChainEnd, entries: readonly Timed[], roomBytes = Infinity): Sealed {
  const numbers: number[] = [];
  let text = '';
  let { seq, digest, lineEpoch, epoch, seed, key, last, monotonicMs, epochBeganMs } = end;
  const add = (entry: RecordEntry, at: Moment): void => {
    // Entries are written in the order they came in, and lines of the writer's own, made later, before them.
    monotonicMs = Math.max(at.monotonicMs, monotonicMs ?? at.monotonicMs);
    seq += 1;
    const place = { sandbox, seq, epoch, ts: new Date(at.wallMs).toISOString(), mono: monotonicMs, prev: digest };
    const sealed = sealLine(key, place, entry);
    text += `${sealed.line}\n`;
    digest = sealed.digest;
    lineEpoch = epoch;
    last = at;
    epochBeganMs ??= monotonicMs;
    if (!endsEpoch(entry)) return;
    ({ epoch, seed, key } = endInEpoch({ seq, digest, lineEpoch, epoch: epoch + 1, seed: nextSeed(seed) }));
    epochBeganMs = undefined;
  };
  for (const { entry, at } of entries) {
    const step = last === undefined ? 0 : at.wallMs - last.wallMs - (at.monotonicMs - last.monotonicMs);
    if (Math.abs(step) > clockStepMs) add(clockEntry(at, step), at);
    add(entry, at);
    numbers.push(seq);
    if (text.length >= roomBytes) break;
  }
  const moments = {
    ...(last && { last }),
    ...(monotonicMs !== undefined && { monotonicMs }),
    ...(epochBeganMs !== undefined && { epochBeganMs }),
  };
  return { bytes: Buffer.from(text, 'latin1'), end: { seq, digest, lineEpoch, epoch, seed, key, ...moments }, numbers };
}

function clockEntry({ wallMs }: Moment, step: number): RecordEntry {
  return chainEntry('clock', { from: new Date(wallMs - step).toISOString(), to: new Date(wallMs).toISOString() });
}
