/**
 * What is written down about a running sandbox so that the next helper finds what is left of it: process, owner, control
 * groups. A sandbox without its helper ends by itself; its groups and files do not.
 */
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readFileIfAny } from '../base/atomic-file.ts';
import type { FoundSandbox } from './backend.ts';
import { endProcess, isAlive } from './process-mark.ts';
import { removeGroup } from './control-group.ts';

const mark = z.object({ pid: z.number().int().positive(), startTime: z.string() });
const remains = z.object({
  id: z.string(),
  owner: z.string(),
  /** bubblewrap, and pid 1 of the sandbox */
  bubblewrap: mark,
  guest: mark,
  /** folders of its control group */
  groups: z.array(z.string()),
});
export type Remains = z.infer<typeof remains>;

/** how long bubblewrap may take to follow its sandbox, in ms */
export const graceMs = 500;
const fileName = 'bubblewrap.json';

export async function noteRemains(scratch: string, value: Remains): Promise<void> {
  // Not synced to the disk: after a crash of the whole machine there is nothing left to find.
  await writeFile(join(scratch, fileName), `${JSON.stringify(value)}\n`, { flag: 'wx', mode: 0o600 });
}

/** Pid and start time, as one word. */
export function engineIdOf(mark: { readonly pid: number; readonly startTime: string }): string {
  return `${mark.pid}.${mark.startTime}`;
}

/** Every sandbox of this owner that left a note below the runtime folder. */
export async function findLeft(runtime: string, owner: string): Promise<readonly FoundSandbox[]> {
  const found: FoundSandbox[] = [];
  for (const id of await readdir(runtime).catch(() => [])) {
    const note = await readRemains(join(runtime, id, 'scratch'));
    if (note?.owner !== owner) continue;
    found.push({
      id: note.id,
      engineId: engineIdOf(note.bubblewrap),
      running: (await isAlive(note.guest)) || (await isAlive(note.bubblewrap)),
    });
  }
  return found;
}

/** Ends what still runs and removes its groups and its note; idempotent. */
export async function discardLeft(found: FoundSandbox, scratch: string): Promise<void> {
  const note = await readRemains(scratch);
  if (note !== undefined && note.id === found.id) {
    await endProcess(note.guest, 0);
    await endProcess(note.bubblewrap, graceMs);
    await removeGroup(note.groups);
  }
  await emptyFolder(scratch);
}

export async function emptyFolder(folder: string): Promise<void> {
  for (const entry of await readdir(folder).catch(() => [])) await rm(join(folder, entry), { recursive: true, force: true });
}

async function readRemains(scratch: string): Promise<Remains | undefined> {
  const text = await readFileIfAny(join(scratch, fileName)).catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return remains.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
