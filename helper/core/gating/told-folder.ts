/**
 * Which folder an agent's hook on this machine is about: the nearest one above that agents were told of by LASSO, since agents also
 * work in folders of their folder. What it says was told is only believed as far as it makes the answer stricter.
 */
import { realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { lookAt } from '../../agents/disk/look.ts';
import { manifestPath, readManifest } from '../../agents/told/manifest.ts';

export interface ToldFolder {
  /** absolute, without links */
  readonly folder: string;
  /** name of the profile its agents were told; hostile */
  readonly profile?: string;
}

/** most folders above that are looked at */
const mostAbove = 64;

/** `dir`: absolute; itself where none above it was told of. Never rejects. */
export async function toldFolder(dir: string, platform: NodeJS.Platform): Promise<ToldFolder> {
  const start = await reallyAt(dir);
  for (let [folder, steps] = [start, 0]; steps < mostAbove; steps += 1) {
    const { text } = await lookAt({ root: folder, platform, owners: new Set() }, manifestPath).catch(() => ({ text: null }));
    const manifest = text === null ? undefined : readManifest(text);
    if (manifest) return { folder, profile: manifest.profile.profile };
    if (dirname(folder) === folder) break;
    folder = dirname(folder);
  }
  return { folder: start };
}

/** A path without links, as far as it exists. */
export async function reallyAt(path: string): Promise<string> {
  const above = dirname(path);
  return await realpath(path).catch(async () => (above === path ? path : join(await reallyAt(above), basename(path))));
}
