/** A workspace with closed files, the programs that try them from inside, and what must be left of it. */
import assert from 'node:assert/strict';
import { cpSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** what the programs here take to be closed */
export const closedPatterns = ['.envrc', '.vscode/', '**/.git/hooks/', '**/.git/config', '.github/workflows/'] as const;

const present = ['.vscode/settings.json', '.git/config', '.git/HEAD'] as const;
const text = 'as it was\n';
const line = z.object({ name: z.string(), error: z.string().nullable() });

/** attempts that the kernel itself answers, each with what it says */
const otherwise: Readonly<Record<string, string>> = {
  'cut by a descriptor for reading': 'EINVAL',
  mapped: 'EACCES',
  'moved out of where it is free': 'EXDEV',
  'moved out with all around it': 'EXDEV',
  'pid 1’s descriptor': 'EACCES',
  'pid 1’s root': 'EACCES',
  'pid 1’s memory': 'EACCES',
  'by one whose memory cannot be read': 'EACCES',
  openat2: 'ENOSYS',
};

/** Lays out what is there before, and the programs beside it. */
export function layOutClosed(folder: string): void {
  for (const name of present) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  layOutAttacks(folder);
}

/** The programs alone. */
export function layOutAttacks(folder: string): void {
  for (const name of ['attack.py', 'everyday.py']) cpSync(join(import.meta.dirname, name), join(folder, name));
}

/** Fails unless every attempt was refused, and in the way it must be where the workspace is the one laid out here. */
export function assertRefused(output: string, { exact }: { readonly exact: boolean }): void {
  const attempts = output
    .trimEnd()
    .split('\n')
    .map((said) => line.parse(JSON.parse(said)));
  assert.ok(attempts.length > (exact ? 60 : 45), `only ${attempts.length} attempts were made`);
  const wrong = attempts.filter(({ name, error }) => error === null || (exact && error !== (otherwise[name] ?? 'EPERM')));
  assert.deepEqual(wrong, []);
}

/** Every closed file and folder with its mode and what is in it, to be compared with what was there before. */
export function closedIn(folder: string): readonly string[] {
  const closed = /^(?!node_modules)(.*\/)?(\.envrc|\.vscode|\.git\/(hooks|config)|\.github)(\/|$)/i;
  return namesIn(folder)
    .filter((name) => closed.test(name))
    .map((name) => {
      const about = lstatSync(join(folder, name));
      return `${name} ${about.mode.toString(8)} ${about.isFile() ? readFileSync(join(folder, name), 'utf8') : ''}`;
    })
    .sort();
}

/** Everything in a folder, by its path in it; links are not followed. */
const namesIn = (folder: string, under = ''): readonly string[] =>
  readdirSync(join(folder, under), { withFileTypes: true }).flatMap((entry) => {
    const path = join(under, entry.name);
    return entry.isDirectory() ? [path, ...namesIn(folder, path)] : [path];
  });
