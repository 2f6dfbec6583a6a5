/** Which files are a chain: their names, in the order they were written. Looks at names alone and opens nothing. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../../base/atomic-file.ts';

/** one file of a chain */
export interface ChainFile {
  readonly path: string;
  readonly name: string;
  readonly sandbox: string;
  /** 1 for the first */
  readonly number: number;
}

const recordName = /^([a-z0-9][a-z0-9-]{0,63})(?:\.(\d{5,9}))?\.jsonl$/;

/** What a file's name says; undefined for a name no chain has. */
export function chainFileOf(folder: string, name: string): ChainFile | undefined {
  const [, sandbox, digits] = recordName.exec(name) ?? [];
  if (sandbox === undefined) return undefined;
  const number = digits === undefined ? 1 : Number(digits);
  return chainFileName(sandbox, number) === name ? { path: join(folder, name), name, sandbox, number } : undefined;
}

/** `<sandbox>.jsonl`, then `<sandbox>.00002.jsonl` … */
export function chainFileName(sandbox: string, number: number): string {
  return number === 1 ? `${sandbox}.jsonl` : `${sandbox}.${String(number).padStart(5, '0')}.jsonl`;
}

/** Every chain in `folder`, its files oldest first; none where there is no folder. Rejects with the system's error. */
export async function chainsIn(folder: string): Promise<ReadonlyMap<string, readonly ChainFile[]>> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  });
  const files = names.flatMap((name) => chainFileOf(folder, name) ?? []).sort((a, b) => a.number - b.number);
  return Map.groupBy(files, ({ sandbox }) => sandbox);
}

/** The files of one chain, oldest first. Rejects with the system's error. */
export async function chainFiles(folder: string, sandbox: string): Promise<readonly ChainFile[]> {
  return (await chainsIn(folder)).get(sandbox) ?? [];
}
