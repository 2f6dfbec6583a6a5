/** Looks for the value of a secret in everything that is left of a run: every byte of files, and what processes were started with. */
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { formsOf } from '../../helper/egress/encodings.ts';

/** Paths below `folders` whose bytes, or whose name, hold a value in any of the ways it can be written; links are not followed. */
export function filesWith(value: string, folders: readonly string[]): readonly string[] {
  const forms = formsOf(value);
  const holds = (bytes: Uint8Array): boolean => forms.some((form) => Buffer.from(bytes).includes(form));
  const look = (path: string): readonly string[] => {
    const found = holds(Buffer.from(path)) ? [path] : [];
    const about = lstatSync(path);
    if (about.isDirectory()) return [...found, ...readdirSync(path).flatMap((name) => look(join(path, name)))];
    if (about.isSymbolicLink()) return holds(Buffer.from(readlinkSync(path))) ? [path] : found;
    return about.isFile() && holds(readFileSync(path)) ? [path] : found;
  };
  return folders.flatMap(look);
}

/** Processes of this machine whose arguments or environment hold it. @param besides ids that are not looked at */
export function processesWith(value: string, besides: readonly number[]): readonly string[] {
  const forms = formsOf(value);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && !besides.includes(Number(name)))
    .flatMap((pid) =>
      ['cmdline', 'environ'].flatMap((about) => {
        const bytes = readBytes(`/proc/${pid}/${about}`);
        return forms.some((form) => bytes.includes(form)) ? [`${about} of ${pid}: ${readBytes(`/proc/${pid}/cmdline`).toString()}`] : [];
      }),
    );
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0);
  }
}
