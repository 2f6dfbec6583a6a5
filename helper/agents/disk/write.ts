/**
 * Writes a plan: all of its files or none. Every text stands complete beside its place before the first one takes it; what has taken
 * its place already goes back when another cannot. The only part of this ring that changes anything.
 */
import { randomBytes } from 'node:crypto';
import { chmod, chown, link, lstat, open, readdir, rename, rmdir, unlink, writeFile } from 'node:fs/promises';
import { errnoOf } from '../../base/atomic-file.ts';
import { LassoError } from '../../protocol/errors.ts';
import { type Folder, reachFolder } from './folder.ts';
import { type Looked, lookIn, nameOf, type Place } from './look.ts';

export interface FileWrite {
  /** in the workspace, with “/” */
  readonly path: string;
  /** text as it was looked at; null: none */
  readonly before: string | null;
  /** null: it goes */
  readonly after: string | null;
}

/** the two calls that change what a name means; tests make them fail */
export interface Calls {
  readonly rename: (from: string, to: string) => Promise<void>;
  readonly unlink: (path: string) => Promise<void>;
}

interface Step extends FileWrite {
  readonly folder: Folder;
  readonly looked: Looked;
  /** names beside it: its new text, and what it was */
  readonly fresh: string;
  readonly former: string;
}

/**
 * @param writes in the order in which they happen; the same path may come again
 * @param emptied folders that go when nothing is left in them, innermost first
 * @throws LassoError WORKSPACE_REFUSED, PROFILE_MISMATCH where a file is not any more what was looked at; nothing has changed then
 */
export async function writeAll(
  place: Place,
  writes: readonly FileWrite[],
  emptied: readonly string[],
  calls: Calls = { rename, unlink },
): Promise<void> {
  const folders: Folder[] = [];
  const made: string[] = [];
  const steps: Step[] = [];
  const done: Step[] = [];
  try {
    const seen = new Map<string, string | null>();
    for (const write of writes) {
      steps.push(await prepared(place, write, folders, made, seen.get(write.path)));
      seen.set(write.path, write.after);
    }
    for (const step of steps) await create(step);
    for (const step of steps) {
      done.push(step);
      await carryOut(step, calls);
      if (!(await step.folder.isSame())) throw refused(step.path, 'a folder on the way to it was replaced meanwhile');
    }
  } catch (error) {
    for (const step of done.toReversed()) await putBack(step, calls).catch(() => undefined);
    await clear(steps, calls);
    await removeFolders(place, made.toReversed());
    await closeAll(folders);
    throw error instanceof LassoError ? error : refused(done.at(-1)?.path ?? writes[0]?.path ?? '', errnoOf(error) ?? 'unknown error');
  }
  await clear(steps, calls);
  await removeFolders(place, emptied);
  await closeAll(folders);
}

async function prepared(
  place: Place,
  write: FileWrite,
  folders: Folder[],
  made: string[],
  promised: string | null | undefined,
): Promise<Step> {
  const reached = await reachFolder(place.root, write.path, place.platform, write.after !== null);
  if ('refused' in reached) {
    made.push(...reached.made);
    throw refused(write.path, reached.refused);
  }
  if ('missing' in reached) throw changed(write.path);
  const { folder } = reached;
  folders.push(folder);
  made.push(...reached.made);
  await sweep(folder);
  const looked = await lookIn(folder, nameOf(write.path), place.owners);
  if (looked.reason !== undefined) throw refused(write.path, looked.reason);
  if (promised === undefined && looked.text !== write.before) throw changed(write.path);
  const word = randomBytes(8).toString('hex');
  return { ...write, folder, looked, fresh: `.lasso-${word}.tmp`, former: `.lasso-${word}.old.tmp` };
}

/** Beside its place, synced, with the mode and the owner of what it replaces. */
async function create({ folder, fresh, looked, after }: Step): Promise<void> {
  if (after === null) return;
  const file = folder.at(fresh);
  const handle = await open(file, 'wx', 0o644);
  try {
    await handle.writeFile(after);
    await handle.sync();
  } finally {
    await handle.close();
  }
  if (!looked.status) return;
  const { mode, uid, gid } = looked.status;
  const now = await lstat(file);
  if (now.uid !== uid || now.gid !== gid) await chown(file, uid, gid).catch(() => undefined);
  await chmod(file, mode & 0o7777);
}

async function carryOut({ path, folder, fresh, former, before, after }: Step, calls: Calls): Promise<void> {
  const file = folder.at(nameOf(path));
  const there = await lstat(file).catch(() => undefined);
  if (there) await keepFormer(file, folder.at(former), before ?? '', there.mode);
  if (after !== null) await calls.rename(folder.at(fresh), file);
  else if (there) await calls.unlink(file);
}

/** The file itself under a second name; where there are none, its text. */
async function keepFormer(file: string, former: string, text: string, mode: number): Promise<void> {
  await link(file, former).catch(async (error: unknown) => {
    if (errnoOf(error) === 'EEXIST') throw error;
    await writeFile(former, text, { flag: 'wx', mode: mode & 0o777 });
  });
}

async function putBack({ path, folder, fresh, former, after }: Step, calls: Calls): Promise<void> {
  const file = folder.at(nameOf(path));
  const had = await lstat(folder.at(former)).catch(() => undefined);
  if (had) return await calls.rename(folder.at(former), file);
  // Its new text is still beside it, or it took the place of nothing.
  const waiting = await lstat(folder.at(fresh)).catch(() => undefined);
  if (!waiting && after !== null) await calls.unlink(file);
}

async function clear(steps: readonly Step[], calls: Calls): Promise<void> {
  for (const { folder, fresh, former } of steps)
    for (const name of [fresh, former]) await calls.unlink(folder.at(name)).catch(() => undefined);
}

/** What a run that was cut short left beside its files. */
async function sweep(folder: Folder): Promise<void> {
  for (const name of await readdir(folder.at('.')))
    if (/^\.lasso-[0-9a-f]{16}(?:\.old)?\.tmp$/.test(name)) await unlink(folder.at(name)).catch(() => undefined);
}

async function removeFolders({ root, platform }: Place, paths: readonly string[]): Promise<void> {
  for (const path of new Set(paths)) {
    const reached = await reachFolder(root, path, platform, false);
    if (!('folder' in reached)) continue;
    // One that holds anything stays.
    await rmdir(reached.folder.at(nameOf(path))).catch(() => undefined);
    await reached.folder.close();
  }
}

async function closeAll(folders: readonly Folder[]): Promise<void> {
  for (const folder of folders) await folder.close();
}

const changed = (path: string): LassoError =>
  new LassoError('PROFILE_MISMATCH', `${path} is not any more what was shown`, 'It was changed meanwhile: look at it again.');

const refused = (path: string, reason: string): LassoError =>
  new LassoError('WORKSPACE_REFUSED', `${path}: ${reason}`, 'Nothing was changed. Look at what is there, and try again.');
