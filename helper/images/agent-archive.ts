/**
 * Unpacks an archive of npm's registry. The archive is hostile until its last byte has been counted into its digest: nothing of it
 * lands outside of the folder it is given, no link and no device comes out of it, and it ends where it grows too large.
 */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import nodePath from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract, type Header } from 'tar-stream';
import type { AgentPackage } from './agent-catalog.ts';

export interface UnpackOptions {
  /** bytes of the archive so far */
  readonly onBytes?: (count: number) => void;
  readonly signal?: AbortSignal | undefined;
  readonly limits?: UnpackLimits;
}

export interface UnpackLimits {
  /** of all files together, unpacked */
  readonly bytes: number;
  readonly entries: number;
}

/** an archive that is not what was asked for; the message is a sentence about it */
export class ArchiveFault extends Error {}

const usualLimits: UnpackLimits = { bytes: 2 * 1024 * 1024 * 1024, entries: 20_000 };
const nameLimit = 1024;

/**
 * What is needed of `archive` into `folder`, which is there and empty where it goes. Files are read-only for everybody.
 * @throws ArchiveFault; what was unpacked until then stays, for whoever made the folder to remove
 */
export async function unpack(
  archive: Readable,
  folder: string,
  { keep, integrity }: Pick<AgentPackage, 'keep' | 'integrity'>,
  { onBytes, signal, limits = usualLimits }: UnpackOptions = {},
): Promise<void> {
  const digest = createHash('sha512');
  let received = 0;
  const counted = new Transform({
    transform: (bytes: Buffer, _encoding, done) => {
      digest.update(bytes);
      received += bytes.length;
      onBytes?.(received);
      done(null, bytes);
    },
  });
  const entries = extract();
  const broken = new AbortController();
  let fault: unknown;
  const written = writeEntries(entries, folder, keep, limits, broken.signal).catch((error: unknown) => {
    // What was wrong with an entry says more than that the archive was not read to its end.
    if (!broken.signal.aborted) fault = error;
    entries.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  try {
    await pipeline(archive, counted, createGunzip(), entries, signal === undefined ? {} : { signal });
  } catch (error) {
    fault ??= error;
    broken.abort();
  }
  await written;
  if (signal?.aborted === true) throw signal.reason;
  if (fault instanceof ArchiveFault || isSystemError(fault)) throw fault;
  // A broken archive is told as what it is: not the one that was asked for.
  if (fault !== undefined) throw new ArchiveFault(`it broke off or is damaged (${messageOf(fault)})`, { cause: fault });
  const found = `sha512-${digest.digest('base64')}`;
  if (found !== integrity) throw new ArchiveFault(`it is not the one LASSO knows: ${found} instead of ${integrity}`);
}

type Entries = ReturnType<typeof extract>;

async function writeEntries(
  entries: Entries,
  folder: string,
  keep: readonly string[],
  limits: UnpackLimits,
  signal: AbortSignal,
): Promise<void> {
  const made = new Set<string>();
  let [count, bytes] = [0, 0];
  for await (const entry of entries) {
    const { header } = entry;
    count += 1;
    if (count > limits.entries) throw new ArchiveFault('it holds too many files');
    const name = nameOf(header);
    if (name === undefined || !isKept(name, keep)) {
      entry.resume();
      continue;
    }
    if (header.type !== 'file') throw new ArchiveFault(`it holds a ${header.type} where a file belongs: ${name}`);
    bytes += header.size;
    if (bytes > limits.bytes) throw new ArchiveFault('it is too large');
    const file = nodePath.join(folder, name);
    const parent = nodePath.dirname(file);
    if (!made.has(parent)) await mkdir(parent, { recursive: true, mode: 0o755 });
    made.add(parent);
    const runs = (header.mode & 0o111) !== 0;
    // Flushed, so that a finished folder is finished after a power failure too; and never onto what is there.
    const to = createWriteStream(file, { flags: 'wx', mode: runs ? 0o555 : 0o444, flush: true });
    await pipeline(entry, to, { signal }).catch((error: unknown) => {
      throw codeOf(error) === 'EEXIST' ? new ArchiveFault(`it holds ${name} twice`) : error;
    });
  }
}

/** Without the folder that every package is in; undefined for folders, which come with what is in them. @throws ArchiveFault */
function nameOf({ name, type }: Header): string | undefined {
  if (type === 'directory') return undefined;
  const steps = name.split('/');
  const plain =
    name.length <= nameLimit && steps.every((step) => step !== '' && step !== '.' && step !== '..' && !/[\\\0-\x1f]/.test(step));
  if (!plain) throw new ArchiveFault(`it holds a file with an impossible name: ${JSON.stringify(name.slice(0, 200))}`);
  return steps.slice(1).join('/') || undefined;
}

const isKept = (name: string, keep: readonly string[]): boolean => keep.some((entry) => name === entry || name.startsWith(`${entry}/`));

const codeOf = (error: unknown): unknown => (typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined);
/** of this machine: a full disk, a folder that may not be written */
const isSystemError = (error: unknown): boolean => /^E(NOSPC|DQUOT|ACCES|PERM|ROFS|IO|MFILE|FBIG)$/.test(String(codeOf(error)));
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
