/**
 * One sandbox's control group: made with its limits, entered by its first process, asked for memory kills, and removed with
 * everything that still runs in it. Version 1 has a folder per controller, version 2 one for all.
 */
import { mkdir, readFile, readdir, rmdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { errnoOf } from '../base/atomic-file.ts';
import type { Limits } from './backend.ts';
import type { Controller, GroupPlace } from './control-group-places.ts';

type GroupLimits = Pick<Limits, 'memoryBytes' | 'cpus' | 'pids'>;

/** length of the period in which processor time is counted, in µs */
const periodMicroseconds = 100_000;
const goneMs = 5_000;

/** Makes a group called `name` in every place. On failure nothing is left. Folders, one a place. */
export async function makeGroup(places: readonly GroupPlace[], name: string, limits: GroupLimits): Promise<readonly string[]> {
  const made: string[] = [];
  try {
    for (const place of places) {
      const folder = join(place.folder, name);
      if (place.version === 2) await handOn(place);
      await mkdir(folder);
      made.push(folder);
      for (const controller of place.controllers) {
        for (const [file, value, required] of settings(place.version, controller, limits)) {
          // Swap accounting may be compiled out; then there is no file, and nothing to limit.
          await writeFile(join(folder, file), value, { flag: 'r+' }).catch((error: unknown) => {
            if (required || errnoOf(error) !== 'ENOENT') throw error;
          });
        }
      }
    }
    return made;
  } catch (error) {
    await removeGroup(made);
    throw error;
  }
}

/** Puts a process, and whatever it starts from now on, into the group. */
export async function enterGroup(folders: readonly string[], pid: number): Promise<void> {
  for (const folder of folders) await writeFile(join(folder, 'cgroup.procs'), `${pid}`, { flag: 'r+' });
}

/** How often the kernel killed something in the group for memory; null where nothing counts it. */
export function memoryKillsOf(folders: readonly string[]): Promise<number | null> {
  return countIn(folders, ['memory.events', 'memory.oom_control'], /^oom_kill (\d+)$/m);
}

/** How often nothing was started in the group for want of processes; null where nothing counts it. */
export function startsRefusedIn(folders: readonly string[]): Promise<number | null> {
  return countIn(folders, ['pids.events'], /^max (\d+)$/m);
}

async function countIn(folders: readonly string[], files: readonly string[], line: RegExp): Promise<number | null> {
  for (const folder of folders) {
    for (const file of files) {
      const count = line.exec(await readFile(join(folder, file), 'utf8').catch(() => ''))?.[1];
      if (count !== undefined) return Number(count);
    }
  }
  return null;
}

/** Kills everything in the group and removes it; idempotent. Only folders that bear a sandbox's name are touched. */
export async function removeGroup(folders: readonly string[]): Promise<void> {
  for (const folder of folders.filter((path) => groupNamePattern.test(basename(path)))) {
    const until = performance.now() + goneMs;
    for (;;) {
      try {
        await rmdir(folder);
        break;
      } catch (error) {
        const code = errnoOf(error);
        if (code === 'ENOENT') break;
        if (performance.now() > until || (code !== 'EBUSY' && code !== 'ENOTEMPTY')) throw error;
      }
      await killGroup(folder);
      await delay(2);
    }
  }
}

/** Kills every process of the group, and of groups made below it. */
export async function killGroup(folder: string): Promise<void> {
  for (const pid of (await readFile(join(folder, 'cgroup.procs'), 'utf8').catch(() => '')).split('\n')) {
    try {
      // Zero is a process this one cannot see; it must never become "my own group".
      if (Number(pid) > 0) process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It ended by itself.
    }
  }
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    if (!entry.isDirectory()) continue;
    await killGroup(join(folder, entry.name));
    await rmdir(join(folder, entry.name)).catch(() => undefined);
  }
}

export const groupName = (id: string): string => `lasso-${id}`;
const groupNamePattern = /^lasso-[0-9a-z-]+$/;

async function handOn(place: GroupPlace): Promise<void> {
  const file = join(place.folder, 'cgroup.subtree_control');
  const handed = (await readFile(file, 'utf8')).split(/\s+/);
  const more = place.controllers.filter((controller) => !handed.includes(controller));
  if (more.length > 0) await writeFile(file, more.map((controller) => `+${controller}`).join(' '), { flag: 'r+' });
}

/** file, value, and whether it must be there */
function settings(version: 1 | 2, controller: Controller, limits: GroupLimits): readonly (readonly [string, string, boolean])[] {
  const quota = `${Math.max(1000, Math.round(limits.cpus * periodMicroseconds))}`;
  const memory = `${limits.memoryBytes}`;
  switch (controller) {
    case 'memory':
      return version === 2
        ? [
            ['memory.max', memory, true],
            ['memory.swap.max', '0', false],
          ]
        : [
            ['memory.limit_in_bytes', memory, true],
            ['memory.memsw.limit_in_bytes', memory, false],
          ];
    case 'cpu':
      return version === 2
        ? [['cpu.max', `${quota} ${periodMicroseconds}`, true]]
        : [
            ['cpu.cfs_period_us', `${periodMicroseconds}`, true],
            ['cpu.cfs_quota_us', quota, true],
          ];
    case 'pids':
      return [['pids.max', `${limits.pids}`, true]];
  }
}
