/**
 * Writes an archive of named members, compressed, into a file that did not exist: whole, or not there at all. Its last member lists
 * the SHA-256 of all others. What goes in is said by the caller; nothing is looked for.
 */
import { createHash, type Hash } from 'node:crypto';
import { once } from 'node:events';
import { constants, createReadStream } from 'node:fs';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack, type Pack } from 'tar-stream';

/** a file, of which so many bytes are taken, or a text */
export type PackMember =
  { readonly name: string; readonly text: string } | { readonly name: string; readonly path: string; readonly bytes: number };

/** name of the member that lists the others, in the form `sha256sum -c` reads */
export const sumsName = 'SHA256SUMS';

/** Digest of the archive, hex, and the names in it. Rejects with the system's error, leaving no file; EEXIST where there is one. */
export async function writePack(
  file: string,
  members: readonly PackMember[],
  { folder, at, signal }: { readonly folder: string; readonly at: Date; readonly signal?: AbortSignal },
): Promise<{ readonly sha256: string; readonly files: readonly string[] }> {
  const handle = await open(file, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    try {
      const sha256 = await written(handle, (archive) => fill(archive, members, { folder, at }), signal);
      await handle.sync();
      return { sha256, files: [...members.map(({ name }) => name), sumsName] };
    } finally {
      await handle.close();
    }
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
}

async function written(handle: FileHandle, filled: (archive: Pack) => Promise<void>, signal: AbortSignal | undefined): Promise<string> {
  const archive = pack();
  // Told by the promises below; a stream that fails without a listener would end the process.
  archive.on('error', ignored);
  const digest = createHash('sha256');
  const sink = async (chunks: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of chunks) {
      digest.update(chunk);
      await handle.writeFile(chunk);
    }
  };
  const out = pipeline(Readable.from(archive), createGzip(), sink, signal === undefined ? {} : { signal });
  // Whichever fails ends the other, and the first to fail says why.
  const ending = (error: unknown): never => {
    archive.destroy(error instanceof Error ? error : new Error(String(error)));
    throw error;
  };
  const both = [filled(archive).catch(ending), out.catch(ending)];
  try {
    await Promise.all(both);
  } finally {
    await Promise.allSettled(both);
  }
  return digest.digest('hex');
}

async function fill(archive: Pack, members: readonly PackMember[], where: { readonly folder: string; readonly at: Date }): Promise<void> {
  const sums: string[] = [];
  for (const member of members) sums.push(`${await add(archive, member, where)}  ${member.name}\n`);
  await add(archive, { name: sumsName, text: sums.join('') }, where);
  archive.finalize();
}

/** SHA-256 of what was put in, hex. */
async function add(archive: Pack, member: PackMember, { folder, at }: { readonly folder: string; readonly at: Date }): Promise<string> {
  const digest = createHash('sha256');
  const header = { name: `${folder}/${member.name}`, mode: 0o644, mtime: at, uid: 0, gid: 0 };
  if ('text' in member) {
    const body = Buffer.from(member.text);
    digest.update(body);
    await new Promise<void>((resolve, reject) => {
      archive.entry({ ...header, size: body.length }, body, (error) => (error ? reject(error) : resolve()));
    });
    return digest.digest('hex');
  }
  await addFile(archive, { ...header, size: member.bytes }, member.path, digest);
  return digest.digest('hex');
}

async function addFile(
  archive: Pack,
  header: { readonly name: string; readonly size: number; readonly mtime: Date },
  path: string,
  digest: Hash,
): Promise<void> {
  const { promise: done, resolve, reject } = Promise.withResolvers<undefined>();
  done.catch(() => undefined);
  const entry = archive.entry({ ...header }, (error) => (error ? reject(error) : resolve(undefined)));
  entry.on('error', ignored);
  let bytes = 0;
  if (header.size > 0)
    for await (const chunk of createReadStream(path, { start: 0, end: header.size - 1 }) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      digest.update(chunk);
      if (!entry.write(chunk)) await Promise.race([once(entry, 'drain'), done]);
    }
  if (bytes !== header.size) throw new Error(`${path} became shorter while it was packed`);
  entry.end(Buffer.alloc(0));
  await done;
}

const ignored = (): void => undefined;
