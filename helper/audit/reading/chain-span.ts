/**
 * The files of one chain laid end to end, so that one number is a place in all of them. Looks again when asked to, and says when
 * what it knew no longer holds: a file was replaced, cut or removed underneath.
 */
import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { errnoOf } from '../../base/atomic-file.ts';
import { wholeLines, type Block } from './blocks.ts';
import type { ChainFile } from '../form/chain-files.ts';
import { openForReading } from '../form/lines.ts';

export interface Span {
  readonly file: ChainFile;
  readonly ino: number;
  readonly changedMs: number;
  /** place of its first byte */
  readonly base: number;
  readonly bytes: number;
}

/** a look through all of a chain, which goes on where it stopped */
export interface Pass {
  /** place up to which it has looked */
  at: number;
  /** Takes the next whole lines; `place` is that of the block's first byte. */
  take(block: Block, place: number): void;
}

/** how long a write may take between changing a file's time and its size, in milliseconds */
const settleMs = 20;

export class ChainSpan {
  readonly #list: () => Promise<readonly ChainFile[]>;
  #spans: readonly Span[] = [];
  /** counts how often what was known had to be forgotten */
  #generation = 0;
  #refreshing: Promise<void> | undefined;

  constructor(list: () => Promise<readonly ChainFile[]>) {
    this.#list = list;
  }

  get spans(): readonly Span[] {
    return this.#spans;
  }
  get generation(): number {
    return this.#generation;
  }
  get bytes(): number {
    const last = this.#spans.at(-1);
    return last === undefined ? 0 : last.base + last.bytes;
  }

  /** Looks at the files again. Rejects with the system's error. */
  refresh(): Promise<void> {
    // One look at a time: an older one must not undo what a newer one saw.
    this.#refreshing ??= this.#look().finally(() => (this.#refreshing = undefined));
    return this.#refreshing;
  }

  async #look(): Promise<void> {
    const found: Span[] = [];
    for (const file of await this.#list()) {
      const old = this.#spans.find((span) => span.file.path === file.path);
      let status = await statIfAny(file.path);
      // A write moves the time before the size: only what stays as it is was written over.
      if (status !== undefined && status.size === old?.bytes && status.mtimeMs !== old.changedMs) {
        await delay(settleMs);
        status = await statIfAny(file.path);
      }
      if (status?.isFile() !== true) continue;
      const before = found.at(-1);
      found.push({
        file,
        ino: status.ino,
        changedMs: status.mtimeMs,
        base: before === undefined ? 0 : before.base + before.bytes,
        bytes: status.size,
      });
    }
    if (!goesOn(this.#spans, found)) this.#generation += 1;
    this.#spans = found;
  }

  /** The file that holds a place, or the last file for the place after all. */
  spanAt(place: number): Span | undefined {
    return this.#spans.find(({ base, bytes }) => place < base + bytes) ?? this.#spans.at(-1);
  }

  /**
   * Leads passes that are at one place to the end as it was when asked; false when it stopped early, because `wanted` said so or
   * files were replaced.
   */
  async lead(passes: readonly Pass[], wanted: () => boolean): Promise<boolean> {
    const generation = this.#generation;
    let at = passes[0]?.at ?? 0;
    const move = (to: number): void => {
      at = to;
      for (const pass of passes) pass.at = to;
    };
    for (const { file, base, bytes } of [...this.#spans]) {
      if (at >= base + bytes) continue;
      const handle = await openForReading(file.path);
      try {
        for await (const block of wholeLines(handle, at - base, bytes)) {
          if (generation !== this.#generation || !wanted()) return false;
          for (const pass of passes) pass.take(block, base + block.at);
          move(base + block.at + block.bytes);
        }
      } finally {
        await handle.close();
      }
      // What a crash tore off behind the last newline of a file that is followed by another is nobody's line.
      if (this.#spans.some((span) => span.base === base + bytes && span.bytes > 0)) move(base + bytes);
    }
    return generation === this.#generation;
  }
}

/** A file that is removed between listing and looking was not there. */
async function statIfAny(path: string): Promise<Stats | undefined> {
  return await stat(path).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  });
}

/** Whether everything known before is still where it was. */
function goesOn(before: readonly Span[], now: readonly Span[]): boolean {
  return before.every((old, index) => {
    const found = now[index];
    if (found === undefined || found.file.path !== old.file.path || found.ino !== old.ino) return false;
    if (found.bytes === old.bytes) return found.changedMs === old.changedMs;
    return index === before.length - 1 && found.bytes > old.bytes;
  });
}
