/** What lies where LASSO would write: a text, nothing, or something that is left alone and why. Follows no link and never waits. */
import { constants, lstat, open } from 'node:fs/promises';
import { errnoOf } from '../../base/atomic-file.ts';
import type { Present } from '../told/plan.ts';
import { type Folder, isWritable, reachFolder } from './folder.ts';

/** longer is no settings file */
export const fileLimitBytes = 1024 * 1024;

export interface Place {
  /** real path of the workspace */
  readonly root: string;
  readonly platform: NodeJS.Platform;
  /** numbers of users whose files these may be: one's own, and the folder's owner */
  readonly owners: ReadonlySet<number>;
}

export interface Looked extends Present {
  readonly status?: { readonly mode: number; readonly uid: number; readonly gid: number };
}

/** @param path in the workspace, with “/” */
export async function lookAt({ root, platform, owners }: Place, path: string): Promise<Looked> {
  const reached = await reachFolder(root, path, platform, false);
  if ('refused' in reached) return left(reached.refused);
  if ('missing' in reached) return reached.writable ? { text: null, missing: reached.missing } : left(closedFolder);
  const { folder } = reached;
  try {
    return await lookIn(folder, nameOf(path), owners);
  } catch (error) {
    const code = errnoOf(error);
    if (code === undefined) throw error;
    return left(code === 'ELOOP' ? link : `it cannot be read (${code}): look at what is there`);
  } finally {
    await folder.close();
  }
}

/** What lies in a folder that is known. @throws the system's error */
export async function lookIn(folder: Folder, name: string, owners: ReadonlySet<number>): Promise<Looked> {
  const place = folder.at(name);
  const found = await lstat(place).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  const { mode: above } = await lstat(folder.at('.'));
  if (found === undefined) return isWritable(above) ? { text: null, missing: [] } : left(closedFolder);
  if (found.isSymbolicLink()) return left(link);
  if (!found.isFile()) return left('it is no file: move it aside');
  // Whatever takes its place meanwhile is neither followed nor waited for.
  const handle = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const status = await handle.stat();
    if (!status.isFile()) return left('it is no file: move it aside');
    if (owners.size > 0 && !owners.has(status.uid))
      return left('it belongs to another user: have them change it, or copy it and make it yours');
    if (status.size > fileLimitBytes) return left('it is longer than 1 MiB, which is no settings file: make it shorter, or move it aside');
    if (!isWritable(status.mode)) return left('it is read-only: allow writing first, if it is meant to be changed');
    if (!isWritable(above)) return left(closedFolder);
    const bytes = Buffer.alloc(status.size + 1);
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
    const text = textOf(bytes.subarray(0, bytesRead));
    if (text === undefined) return left('it is not text in UTF-8: save it as such, or move it aside');
    const { mode, uid, gid } = status;
    return { text, missing: [], status: { mode, uid, gid } };
  } finally {
    await handle.close();
  }
}

export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

const link = 'it is a link, and LASSO writes through none: put the file itself there, or remove the link';
const closedFolder = 'its folder is read-only: allow writing first, if it is meant to be changed';
const left = (reason: string): Looked => ({ text: null, reason, missing: [] });

function textOf(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}
