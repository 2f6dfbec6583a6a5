/**
 * Where this process may make control groups, from what /proc says of its own: version 1, version 2, or both at once.
 * It looks and changes nothing.
 */
import { dirname, join, relative } from 'node:path';

/** the three that LASSO sets limits with */
export const controllers = ['memory', 'cpu', 'pids'] as const;
export type Controller = (typeof controllers)[number];

/** a folder in which a child group may be made, for these controllers */
export interface GroupPlace {
  readonly version: 1 | 2;
  readonly folder: string;
  readonly controllers: readonly Controller[];
}

/** how the caller looks at files; a test gives its own */
export interface GroupEyes {
  /** text of a file, or undefined */
  read(file: string): Promise<string | undefined>;
  /** whether this user may write there (a folder: make entries) */
  writable(path: string): Promise<boolean>;
}

interface Mount {
  readonly point: string;
  readonly root: string;
  readonly version: 1 | 2;
  readonly options: readonly string[];
}

/** Places for as many controllers as can be had; what is in none cannot be limited. */
export async function findGroupPlaces(eyes: GroupEyes): Promise<readonly GroupPlace[]> {
  const own = parseMembership((await eyes.read('/proc/self/cgroup')) ?? '');
  const mounts = parseMounts((await eyes.read('/proc/self/mountinfo')) ?? '');
  const places: GroupPlace[] = [];
  const found = (): readonly Controller[] => places.flatMap((place) => place.controllers);
  for (const controller of controllers) {
    if (found().includes(controller)) continue;
    const mount = mounts.find(({ version, options }) => version === 1 && options.includes(controller));
    const path = own.get(controller);
    if (mount === undefined || path === undefined) continue;
    const folder = folderOf(mount, path);
    if (folder === undefined || !(await eyes.writable(folder)) || !(await eyes.writable(join(folder, 'cgroup.procs')))) continue;
    places.push({ version: 1, folder, controllers: controllers.filter((name) => mount.options.includes(name)) });
  }
  const unified = mounts.find(({ version }) => version === 2);
  const path = own.get('');
  const left = controllers.filter((controller) => !found().includes(controller));
  if (unified !== undefined && path !== undefined && left.length > 0) {
    const place = await unifiedPlace(eyes, unified, path, left);
    if (place !== undefined) places.push(place);
  }
  return places;
}

/**
 * Version 2 keeps processes and controllers apart: a group with processes cannot hand on controllers. So the nearest group at
 * or above this process's own is taken that hands them on already, or can, and that may be written all the way.
 */
async function unifiedPlace(eyes: GroupEyes, mount: Mount, path: string, wanted: readonly Controller[]): Promise<GroupPlace | undefined> {
  let best: GroupPlace | undefined;
  for (let folder = folderOf(mount, path); folder !== undefined; folder = folder === mount.point ? undefined : dirname(folder)) {
    if (!(await eyes.writable(folder)) || !(await eyes.writable(join(folder, 'cgroup.procs')))) break;
    const handed = await wordsIn(eyes, join(folder, 'cgroup.subtree_control'));
    const empty = ((await eyes.read(join(folder, 'cgroup.procs'))) ?? '').trim() === '';
    const canHand =
      empty && (await eyes.writable(join(folder, 'cgroup.subtree_control'))) ? await wordsIn(eyes, join(folder, 'cgroup.controllers')) : [];
    const has = wanted.filter((name) => handed.includes(name) || canHand.includes(name));
    if (has.length > (best?.controllers.length ?? 0)) best = { version: 2, folder, controllers: has };
    if (has.length === wanted.length) break;
  }
  return best;
}

const wordsIn = async (eyes: GroupEyes, file: string): Promise<readonly string[]> => ((await eyes.read(file)) ?? '').split(/\s+/);

/** controller → path of this process's group; '' is version 2. */
function parseMembership(text: string): ReadonlyMap<string, string> {
  const entries = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^\d+:([^:]*):(.*)$/.exec(line);
    for (const controller of match?.[1]?.split(',') ?? []) entries.set(controller, match?.[2] ?? '/');
  }
  return entries;
}

function parseMounts(text: string): readonly Mount[] {
  return text.split('\n').flatMap((line) => {
    const [left, right] = line.split(' - ');
    const [, , , root, point] = left?.split(' ') ?? [];
    const [type, , options] = right?.split(' ') ?? [];
    if (root === undefined || point === undefined || (type !== 'cgroup' && type !== 'cgroup2')) return [];
    return [{ root, point, version: type === 'cgroup' ? 1 : 2, options: options?.split(',') ?? [] } as const];
  });
}

/** Host folder of a group; undefined where the mount does not show it. */
function folderOf(mount: Mount, path: string): string | undefined {
  const inside = relative(mount.root, path);
  return inside.startsWith('..') ? undefined : join(mount.point, inside);
}
