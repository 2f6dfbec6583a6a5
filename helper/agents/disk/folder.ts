/**
 * A folder of the workspace, reached step by step from its root and following no link on the way. Programs in a sandbox may put links
 * into a workspace at any moment; where the system can, a folder is therefore held open and its files are reached through it.
 */
import { constants, lstat, mkdir, open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../../base/atomic-file.ts';

export interface Folder {
  /** path by which a file in it is reached */
  readonly at: (name: string) => string;
  /** Whether it is still what it was: false where a link or another folder has taken the place of one on the way. */
  readonly isSame: () => Promise<boolean>;
  readonly close: () => Promise<void>;
}

export type Reached =
  | { readonly folder: Folder; readonly made: readonly string[] }
  /** folders that are not there, outermost first */
  | { readonly missing: readonly string[]; readonly writable: boolean }
  | { readonly refused: string; readonly made: readonly string[] };

interface Step {
  readonly path: string;
  readonly dev: number;
  readonly ino: number;
}

/**
 * @param root real path of the workspace
 * @param path of a file in the workspace, with “/”
 * @param make folders that are missing
 */
export async function reachFolder(root: string, path: string, platform: NodeJS.Platform, make: boolean): Promise<Reached> {
  const parts = path.split('/').slice(0, -1);
  const steps: Step[] = [];
  const made: string[] = [];
  let handle: FileHandle | undefined;
  let plain = root;
  const inside = (name: string): string => (platform === 'linux' && handle ? `/proc/self/fd/${handle.fd}/${name}` : join(plain, name));
  const close = async (): Promise<void> => handle?.close();
  try {
    handle = await opened(root, platform);
    steps.push(await stepAt(root, root));
    for (const [index, part] of parts.entries()) {
      let place = inside(part);
      const said = parts.slice(0, index + 1).join('/');
      const found = await lstat(place).catch(ignoreMissing);
      if (found === undefined && !make) {
        const above = await lstat(inside('.'));
        await close();
        return { missing: parts.map((_, at) => parts.slice(0, at + 1).join('/')).slice(index), writable: isWritable(above.mode) };
      }
      if (found === undefined) {
        if (!isWritable((await lstat(inside('.'))).mode)) throw Object.assign(new Error('read-only'), { code: 'EACCES' });
        await mkdir(place, 0o755);
        made.push(said);
      } else if (!found.isDirectory()) {
        await close();
        return {
          refused: found.isSymbolicLink()
            ? `${said} is a link, and LASSO writes through none: put the folder itself there`
            : `${said} is no folder: move it aside`,
          made,
        };
      }
      const next = await opened(place, platform);
      await close();
      handle = next;
      plain = join(plain, part);
      place = plain;
      steps.push(await stepAt(plain, plain));
    }
  } catch (error) {
    await close();
    const reason = errnoOf(error);
    if (reason === undefined) throw error;
    const link = reason === 'ELOOP' || reason === 'ENOTDIR';
    return {
      refused: link ? 'a link is on the way to it, and LASSO writes through none' : `its folder cannot be reached (${reason})`,
      made,
    };
  }
  return { folder: { at: inside, isSame: () => areSame(steps), close }, made };
}

/** Whether anybody may write, so far as its mode says: to the superuser everything is writable. */
export const isWritable = (mode: number): boolean => (mode & 0o222) !== 0;

/** Where the system cannot open a folder, what `isSame` finds has to do. */
async function opened(path: string, platform: NodeJS.Platform): Promise<FileHandle | undefined> {
  if (platform === 'win32') return undefined;
  return open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
}

async function stepAt(path: string, place: string): Promise<Step> {
  const { dev, ino } = await lstat(place);
  return { path, dev, ino };
}

async function areSame(steps: readonly Step[]): Promise<boolean> {
  for (const { path, dev, ino } of steps) {
    const now = await lstat(path).catch(() => undefined);
    if (now?.isDirectory() !== true || now.dev !== dev || now.ino !== ino) return false;
  }
  return true;
}

function ignoreMissing(error: unknown): undefined {
  if (errnoOf(error) !== 'ENOENT') throw error;
}
