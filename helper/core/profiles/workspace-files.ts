/**
 * Files LASSO writes into a workspace, all of them in its folder `.lasso`. What lies there may have been put there by anybody,
 * so a link is never followed, neither the folder's nor a file's.
 */
import { lstat, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf, writeFileAtomic } from '../../base/atomic-file.ts';
import { LassoError } from '../../protocol/errors.ts';

const folder = '.lasso';

/** @param name of the file below `.lasso` */
export const workspaceFile = (workspace: string, name: string): string => join(workspace, folder, name);

/** Makes the folder where it is missing. @throws LassoError WORKSPACE_REFUSED when something else has its place */
export async function ownFolder(workspace: string): Promise<void> {
  const path = join(workspace, folder);
  await mkdir(path).catch((error: unknown) => {
    if (errnoOf(error) !== 'EEXIST') throw refused(path, `it cannot be made (${errnoOf(error) ?? 'unknown error'})`);
  });
  // A link to a folder is no folder to lstat.
  if (!(await lstat(path)).isDirectory()) throw refused(path, 'it is a link or a file, not a folder');
}

/** Whether anything has this name, a link that leads nowhere included. */
export async function isTaken(file: string): Promise<boolean> {
  return lstat(file).then(
    () => true,
    () => false,
  );
}

/** Writes one, whole; a link in its place is replaced, not followed. @throws LassoError WORKSPACE_REFUSED */
export async function writeOwn(workspace: string, name: string, text: string): Promise<string> {
  await ownFolder(workspace);
  const file = workspaceFile(workspace, name);
  try {
    await writeFileAtomic(file, text, 0o644);
  } catch (error) {
    throw refused(file, `it cannot be written (${errnoOf(error) ?? 'unknown error'})`);
  }
  return file;
}

/** Removes one; true when there was one. @throws LassoError WORKSPACE_REFUSED */
export async function removeOwn(workspace: string, name: string): Promise<boolean> {
  const file = workspaceFile(workspace, name);
  if (!(await isTaken(file))) return false;
  await ownFolder(workspace);
  await rm(file);
  return true;
}

const refused = (path: string, reason: string): LassoError =>
  new LassoError('WORKSPACE_REFUSED', `${path}: ${reason}`, 'Look at what is there, remove it, and try again.');
