/**
 * Which paths of the host a secret, or a program that tells one, may lie at: none that an agent can write, and none that is
 * reached through a link that somebody else made. Reads only; what it has found may change, so files are opened without links.
 */
import { lstat, readlink, realpath } from 'node:fs/promises';
import nodePath from 'node:path';
import { errnoOf } from '../base/atomic-file.ts';
import type { Host } from '../base/platform.ts';
import { LassoError } from '../protocol/errors.ts';
import { unavailable } from './unavailable.ts';

export type PathFacts = Pick<Host, 'home' | 'uid' | 'platform'>;

/** links one path may lead through, as on Linux */
const linkLimit = 40;

/** The absolute path somebody wrote. @throws LassoError SECRET_UNAVAILABLE for one that depends on where a program runs */
export function absolutePath(path: string, { home, platform }: PathFacts): string {
  const rules = platform === 'win32' ? nodePath.win32 : nodePath.posix;
  const spelled = /^~[/\\]/.test(path) ? rules.join(home, path.slice(2)) : path;
  if (!rules.isAbsolute(spelled) || spelled.includes('\0'))
    throw unavailable(`${JSON.stringify(path)} is no absolute path`, 'Write the whole path, or one that begins with ~/.');
  return rules.normalize(spelled);
}

/**
 * The same place without links.
 * @param writable folders an agent can write, without links
 * @throws LassoError SECRET_UNAVAILABLE: an agent can write there, a link is another user's, or nothing is there
 */
export async function safePath(path: string, writable: readonly string[], facts: PathFacts): Promise<string> {
  const real = facts.platform === 'win32' ? await realOn(path) : await resolved(path, writable, facts);
  for (const place of [path, real]) refuseWritable(place, writable, facts);
  return real;
}

/** @throws LassoError SECRET_UNAVAILABLE */
export function refuseWritable(path: string, writable: readonly string[], { platform }: PathFacts): void {
  const rules = platform === 'win32' ? nodePath.win32 : nodePath.posix;
  const folder = writable.find((each) => {
    const way = rules.relative(each, path);
    return way === '' || (way !== '..' && !way.startsWith(`..${rules.sep}`) && !rules.isAbsolute(way));
  });
  if (folder !== undefined)
    throw unavailable(`${path} is in ${folder}, which the agent can write`, 'Keep it in a folder that no sandbox is given.');
}

async function realOn(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** Follows links one by one: those of this user and of the system only, and none that an agent can change. */
async function resolved(path: string, writable: readonly string[], facts: PathFacts): Promise<string> {
  let left = path.split('/').filter((part) => part !== '');
  let real = '/';
  for (let links = 0; ;) {
    const [part, ...rest] = left;
    if (part === undefined) return real;
    left = rest;
    const next = nodePath.posix.join(real, part);
    try {
      const status = await lstat(next);
      if (!status.isSymbolicLink()) {
        real = next;
        continue;
      }
      refuseWritable(next, writable, facts);
      if (status.uid !== 0 && status.uid !== facts.uid)
        throw unavailable(`${next} is a link that another user made`, 'Name the file itself, or make the link yourself.');
      links += 1;
      if (links > linkLimit) throw unavailable(`${path} leads through too many links`, 'Name the file itself.');
      const target = await readlink(next);
      if (target.startsWith('/')) real = '/';
      left = [...target.split('/').filter((piece) => piece !== '' && piece !== '.'), ...left];
    } catch (error) {
      throw unreadable(path, error);
    }
  }
}

/** What the system says about a file that could not be read, in words; what is in words already stays as it is. */
export function unreadable(path: string, error: unknown): LassoError {
  if (error instanceof LassoError) return error;
  const code = errnoOf(error);
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return unavailable(`there is no file ${path}`, 'Check the path, or sign in with the program that writes the file.');
  if (code === 'ELOOP') return unavailable(`${path} has become a link`, 'Name the file itself.');
  return unavailable(`${path} cannot be read (${code ?? 'unknown error'})`, 'Check that it is yours and that you may read it.');
}
