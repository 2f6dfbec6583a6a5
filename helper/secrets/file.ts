/**
 * A secret in a file of the host: the whole text, or a field of a JSON document. It is read again whenever it is used. A file
 * that says when its value expires is renewed by the program the profile names, and by nothing else.
 */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Clock } from '../base/clock.ts';
import { fieldOf } from './field.ts';
import { absolutePath, type PathFacts, safePath, unreadable } from './safe-path.ts';
import type { SecretSource } from './store.ts';
import { unavailable } from './unavailable.ts';

export interface FileWish {
  readonly path: string;
  /** field of a JSON document; absent: the whole text */
  readonly field?: string;
  readonly writable: readonly string[];
  /** renews the file; absent: nothing does */
  readonly renew?: () => Promise<void>;
}

const limitBytes = 1_000_000;
/** a value that ends this soon is renewed, in milliseconds */
const soonMs = 60_000;

export function fileSource(wish: FileWish, facts: PathFacts, clock: Pick<Clock, 'now'>): SecretSource {
  const { path, field, writable, renew } = wish;
  const find = async (): Promise<{ readonly value: string; readonly leftMs: number }> => {
    const text = await readSecretFile(absolutePath(path, facts), writable, facts);
    if (field === undefined) return { value: text, leftMs: Infinity };
    const found = fieldOf(text, field);
    if (!found.ok)
      throw unavailable(`${path}: ${found.reason}`, 'Check the field, or sign in again with the program that writes the file.');
    return { value: found.value, leftMs: (found.expiresMs ?? Infinity) - clock.now().getTime() };
  };
  return {
    freshMs: 2000,
    read: async () => {
      let found = await find();
      if (found.leftMs < soonMs && renew !== undefined) {
        await renew();
        found = await find();
      }
      if (found.leftMs > 0) return found.value;
      const hint = 'Sign in again with the program that writes the file';
      throw unavailable(
        `${path} says that it has expired`,
        renew === undefined ? `${hint}, or name one that renews it with \`refresh\`.` : `${hint}.`,
      );
    },
  };
}

/**
 * Text of a file that is this user's or the system's, and that nobody else can write.
 * @throws LassoError SECRET_UNAVAILABLE
 */
export async function readSecretFile(path: string, writable: readonly string[], facts: PathFacts): Promise<string> {
  const real = await safePath(path, writable, facts);
  const windows = facts.platform === 'win32';
  let handle;
  try {
    // A FIFO or device must not block, and what was no link a moment ago must not be one now.
    handle = await open(real, constants.O_RDONLY | (windows ? 0 : constants.O_NOFOLLOW | constants.O_NONBLOCK));
  } catch (error) {
    throw unreadable(path, error);
  }
  try {
    const status = await handle.stat();
    if (!status.isFile()) throw unavailable(`${path} is not a regular file`, 'Name a file.');
    if (!windows && status.uid !== 0 && status.uid !== facts.uid)
      throw unavailable(`${path} belongs to another user`, 'Whoever can write it could put another value there: use a file of your own.');
    if (!windows && (status.mode & 0o002) !== 0) throw unavailable(`${path} can be written by everybody`, `Run: chmod o-w ${path}`);
    if (status.size > limitBytes) throw unavailable(`${path} has more than 1 MB`, 'Name the file that holds the secret.');
    // One byte more than allowed tells a file that has grown meanwhile.
    const buffer = Buffer.alloc(limitBytes + 1);
    let length = 0;
    for (let bytes = -1; bytes !== 0 && length <= limitBytes; length += bytes)
      ({ bytesRead: bytes } = await handle.read(buffer, length, buffer.length - length, length));
    if (length > limitBytes) throw unavailable(`${path} has more than 1 MB`, 'Name the file that holds the secret.');
    return new TextDecoder('utf-8', { fatal: true }).decode(buffer.subarray(0, length));
  } catch (error) {
    throw error instanceof TypeError ? unavailable(`${path} is not text`, 'Name a file with text in UTF-8.') : error;
  } finally {
    await handle.close();
  }
}
