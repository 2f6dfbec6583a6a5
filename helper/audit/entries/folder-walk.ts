/**
 * Goes through a folder that somebody hostile may be writing in, and tells of everything in it. No link is ever followed, whatever
 * is put in the place of a folder meanwhile; nothing but plain files is ever opened, and nothing is changed.
 */
import { createHash } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, open, readdir } from 'node:fs/promises';

export interface WalkFacts {
  readonly platform: NodeJS.Platform;
  /** breaks it off */
  readonly signal: AbortSignal;
  /** entries looked at before it is broken off */
  readonly limit?: number;
}

/** a file, a link, or something else that is no folder; or a folder that is not looked into */
export interface SeenEntry {
  /** below the folder that is walked; hostile text */
  readonly path: string;
  /** the name is no UTF-8: `path` has `\xHH` for its bytes beyond ASCII, and `\\` */
  readonly escaped: boolean;
  readonly status: Stats;
  /** SHA-256 of a plain file of at most so many bytes, hex; undefined for anything else, and for what is gone */
  digest(limitBytes: number): Promise<string | undefined>;
}

export interface Walked {
  /** everything was seen */
  readonly complete: boolean;
  readonly entries: number;
  /** folders that were not looked into, for their name or their depth */
  readonly unlooked: number;
}

const usualLimit = 100_000;
/** folders below each other that are kept open at a time */
const depthLimit = 64;
/** entries of a folder looked at at once */
const batch = 32;

// Windows has none of these but the first, which Node then leaves out.
const folderFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
/** what was a file may be a pipe by now: opening must not wait for its other end */
const fileFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Calls `visit` for one entry after the other; waits for it. Never rejects: what cannot be read is left out, and it is not complete. */
export async function walkFolder(root: string, facts: WalkFacts, visit: (entry: SeenEntry) => void | Promise<void>): Promise<Walked> {
  const walk = new Walk(facts, visit);
  await walk.folder(root, '', false, 0);
  return walk.result;
}

class Walk {
  readonly #facts: WalkFacts;
  readonly #visit: (entry: SeenEntry) => void | Promise<void>;
  readonly #limit: number;
  #complete = true;
  #entries = 0;
  #unlooked = 0;

  constructor(facts: WalkFacts, visit: (entry: SeenEntry) => void | Promise<void>) {
    this.#facts = facts;
    this.#visit = visit;
    this.#limit = facts.limit ?? usualLimit;
  }

  get result(): Walked {
    return { complete: this.#complete, entries: this.#entries, unlooked: this.#unlooked };
  }

  /** @param place how it is opened: through its parent's own handle, where the system has a way */
  async folder(place: string | Buffer, path: string, escaped: boolean, depth: number): Promise<void> {
    let handle: FileHandle | undefined;
    try {
      handle = await open(place, folderFlags);
      const inside = this.#facts.platform === 'linux' ? `/proc/self/fd/${handle.fd}` : place;
      const names = await readdir(inside, { encoding: 'buffer' });
      for (let at = 0; at < names.length; at += batch) {
        if (this.#facts.signal.aborted || this.#entries >= this.#limit) {
          this.#complete = false;
          return;
        }
        await this.#some(names.slice(at, at + batch), inside, { path, escaped, depth });
      }
    } catch {
      this.#complete = false;
    } finally {
      await handle?.close().catch(() => undefined);
    }
  }

  async #some(
    names: readonly Buffer[],
    inside: string | Buffer,
    parent: { readonly path: string; readonly escaped: boolean; readonly depth: number },
  ): Promise<void> {
    const found = await Promise.all(
      names.map(async (name) => {
        const place = placeOf(inside, name);
        return { name, place, status: await lstat(place).catch(() => undefined) };
      }),
    );
    for (const { name, place, status } of found) {
      if (status === undefined) continue;
      this.#entries += 1;
      const isOdd = !Buffer.from(name.toString()).equals(name);
      const escaped = isOdd || parent.escaped;
      const path = `${parent.path}${parent.path === '' ? '' : '/'}${escaped ? escapedName(name) : name.toString()}`;
      if (status.isDirectory() && !isLeftOut(path) && parent.depth < depthLimit) {
        await this.folder(place, path, escaped, parent.depth + 1);
        continue;
      }
      if (status.isDirectory()) this.#unlooked += 1;
      await this.#visit({ path, escaped, status, digest: (limitBytes) => digestOf(place, status, limitBytes) });
    }
  }
}

/** Folders with very much in them that tools made and can make again. */
const isLeftOut = (path: string): boolean => /(?:^|\/)(?:node_modules|\.git\/objects)$/.test(path);

function placeOf(inside: string | Buffer, name: Buffer): string | Buffer {
  const text = name.toString();
  if (typeof inside === 'string' && Buffer.from(text).equals(name)) return `${inside}/${text}`;
  return Buffer.concat([Buffer.from(inside), Buffer.from('/'), name]);
}

const escapedName = (name: Buffer): string =>
  name.toString('latin1').replace(/[\\\x80-\xff]/g, (char) => (char === '\\' ? '\\\\' : `\\x${char.charCodeAt(0).toString(16)}`));

async function digestOf(place: string | Buffer, seen: Stats, limitBytes: number): Promise<string | undefined> {
  if (!seen.isFile() || seen.size > limitBytes) return undefined;
  let handle: FileHandle | undefined;
  try {
    handle = await open(place, fileFlags);
    const now = await handle.stat();
    if (!now.isFile() || now.ino !== seen.ino || now.size > limitBytes) return undefined;
    const bytes = Buffer.alloc(now.size + 1);
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
    return bytesRead !== now.size ? undefined : createHash('sha256').update(bytes.subarray(0, bytesRead)).digest('hex');
  } catch {
    return undefined;
  } finally {
    await handle?.close().catch(() => undefined);
  }
}
