/**
 * What became of the files of a workspace while a sandbox ran: looked at soon after the start, and compared at the end. Whoever changed
 * them, the agent or somebody on the host, it is told; what was in them is not.
 */
import type { Stats } from 'node:fs';
import type { RecordValue } from '../../protocol/record.ts';
import { ascii } from '../form/chain.ts';
import { type SeenEntry, type Walked, type WalkFacts, walkFolder } from './folder-walk.ts';

export interface ChangeFacts extends Omit<WalkFacts, 'signal'> {
  /** folder, without links */
  readonly root: string;
  /** when the sandbox started, in milliseconds since 1970 */
  readonly startedMs: number;
}

/** paths of each kind that are listed, and the bytes they may take in a record */
const listLimit = 200;
const listBytes = 30_000;
/** largest file whose digest is told, and of all files together */
const digestBytes = 1_000_000;
const digestedBytes = 64_000_000;

/** changed, or made, after the start but before it was looked at */
const early = { changed: -1, made: -2 } as const;

export class FileChanges {
  readonly #facts: ChangeFacts;
  readonly #before = new Map<string, number>();
  #first: Walked = { complete: false, entries: 0, unlooked: 0 };
  #lookedAt: string | undefined;

  constructor(facts: ChangeFacts) {
    this.#facts = facts;
  }

  /** The first look. May be broken off; then less is known of what was removed. Never rejects. */
  async look(signal: AbortSignal, now: () => Date): Promise<void> {
    const { root, startedMs } = this.#facts;
    this.#first = await walkFolder(root, { ...this.#facts, signal }, (entry) => {
      this.#before.set(keyOf(entry), earlyOf(entry.status, startedMs) ?? printOf(entry.status));
    });
    if (this.#first.complete) this.#lookedAt = now().toISOString();
  }

  /** What is different now, for a record. Once only. Never rejects. */
  async compare(signal: AbortSignal): Promise<{ readonly [key: string]: RecordValue }> {
    const added = new List();
    const changed = new List();
    const removed = new List();
    let digestible = digestedBytes;
    const tell = async (list: List, entry: SeenEntry): Promise<void> => {
      const { path, escaped, status } = entry;
      const digest = list.hasRoom && status.size <= digestible ? await entry.digest(digestBytes) : undefined;
      if (digest !== undefined) digestible -= status.size;
      list.add({ path, ...(escaped ? { escaped } : {}), bytes: status.size, ...(digest === undefined ? {} : { sha256: digest }) });
    };
    const second = await walkFolder(this.#facts.root, { ...this.#facts, signal }, async (entry) => {
      const key = keyOf(entry);
      const before = this.#before.get(key) ?? this.#unseen(entry.status);
      this.#before.delete(key);
      if (before === undefined || before === early.made) await tell(added, entry);
      else if (before !== printOf(entry.status)) await tell(changed, entry);
    });
    if (second.complete)
      for (const key of this.#before.keys()) removed.add({ path: key.slice(1), ...(key[0] === 'x' ? { escaped: true } : {}) });
    this.#before.clear();
    return {
      since: new Date(this.#facts.startedMs).toISOString(),
      looked: { at: this.#lookedAt ?? null, complete: this.#first.complete, entries: this.#first.entries },
      complete: this.#first.complete && second.complete,
      unlooked: second.unlooked,
      counts: { added: added.count, changed: changed.count, removed: removed.count },
      added: added.rows,
      changed: changed.rows,
      removed: removed.rows,
    };
  }

  /** What an entry was that the first look did not see: new, unless that look was not complete and the entry is old. */
  #unseen(status: Stats): number | undefined {
    return this.#first.complete ? undefined : (earlyOf(status, this.#facts.startedMs) ?? printOf(status));
  }
}

class List {
  readonly rows: { readonly [key: string]: RecordValue }[] = [];
  count = 0;
  #room = listBytes;

  get hasRoom(): boolean {
    return this.rows.length < listLimit && this.#room > 0;
  }

  add(row: { readonly [key: string]: RecordValue }): void {
    this.count += 1;
    if (!this.hasRoom) return;
    this.#room -= ascii(JSON.stringify(row)).length;
    if (this.#room >= 0) this.rows.push(row);
  }
}

const keyOf = ({ path, escaped }: SeenEntry): string => `${escaped ? 'x' : '.'}${path}`;

/** A time of change cannot be set by programs, unlike that of the contents. */
const earlyOf = ({ ctimeMs, birthtimeMs }: Stats, startedMs: number): number | undefined =>
  ctimeMs < startedMs ? undefined : birthtimeMs >= startedMs ? early.made : early.changed;

/** One number for what tells that a file is another than before; never negative. */
function printOf({ size, mtimeMs, ctimeMs, ino, mode }: Stats): number {
  let print = mode;
  for (const part of [size, mtimeMs, ctimeMs, ino]) print = (print * 31 + part * 7919 + (part % 1) * 1e6) % 9_007_199_254_740_881;
  return Math.abs(print);
}
