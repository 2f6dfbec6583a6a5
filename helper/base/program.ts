/**
 * Finding programs of the host by name. Relative entries of PATH are never looked at: what lies in the current folder, and so
 * what a repository brought along, cannot become a program of ours.
 */
import { accessSync, constants, statSync } from 'node:fs';
import nodePath from 'node:path';

/** folders looked at after PATH, where distributions and package managers of macOS put engines */
const customary: readonly string[] = [
  '/usr/local/bin',
  '/usr/bin',
  '/bin',
  '/usr/local/sbin',
  '/usr/sbin',
  '/sbin',
  '/opt/homebrew/bin',
  '/opt/podman/bin',
];

/** Absolute path of the program `name`, or undefined; `path` is a PATH, `platform` decides its separator and suffixes. */
export function findProgram(name: string, path: string | undefined, platform: NodeJS.Platform = process.platform): string | undefined {
  const windows = platform === 'win32';
  const rules = windows ? nodePath.win32 : nodePath.posix;
  const folders = [...(path ?? '').split(rules.delimiter), ...(windows ? [] : customary)];
  const names = windows && !/\.(exe|cmd)$/i.test(name) ? [`${name}.exe`] : [name];
  for (const folder of folders) {
    if (!rules.isAbsolute(folder)) continue;
    for (const file of names) {
      const candidate = rules.join(folder, file);
      if (isProgram(candidate)) return candidate;
    }
  }
  return undefined;
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
