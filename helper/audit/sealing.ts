/**
 * A batch of entries made into the lines that follow a chain's last: numbers, times, keys, and a line of its own where an epoch ends
 * or the wall clock was set. It writes nothing; whoever does takes the new end of the chain when the lines are in the file.
 */
import type { KeyObject } from 'node:crypto';
import type { RecordEntry } from '../protocol/record.ts';
import { sealLine } from './chain.ts';
import { lineKey, nextSeed } from './key-schedule.ts';
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
  const lines: string[] = [];
  const numbers: number[] = [];
  let now = end;
  let bytes = 0;
  const add = (entry: RecordEntry, at: Moment): void => {
    // Entries are written in the order they came in, and lines of the writer's own, made later, before them.
    const mono = Math.max(at.monotonicMs, now.monotonicMs ?? at.monotonicMs);
    const place = { sandbox, seq: now.seq + 1, epoch: now.epoch, ts: new Date(at.wallMs).toISOString(), mono, prev: now.digest };
    const { line, digest } = sealLine(now.key, place, entry);
    lines.push(line, '\n');
    bytes += line.length + 1;
    const grown = { seq: place.seq, digest, lineEpoch: place.epoch, last: at, monotonicMs: mono };
    now = endsEpoch(entry)
      ? { ...endInEpoch({ ...grown, epoch: now.epoch + 1, seed: nextSeed(now.seed) }), ...grown }
      : { ...now, ...grown, epochBeganMs: now.epochBeganMs ?? mono };
  };
  for (const { entry, at } of entries) {
    const step = now.last === undefined ? 0 : at.wallMs - now.last.wallMs - (at.monotonicMs - now.last.monotonicMs);
    if (now.last !== undefined && Math.abs(step) > clockStepMs) add(clockEntry(at, step), at);
    add(entry, at);
    numbers.push(now.seq);
    if (bytes >= roomBytes) break;
  }
  return { bytes: Buffer.from(lines.join(''), 'latin1'), end: now, numbers };
}

function clockEntry({ wallMs }: Moment, step: number): RecordEntry {
  return chainEntry('clock', { from: new Date(wallMs - step).toISOString(), to: new Date(wallMs).toISOString() });
}
