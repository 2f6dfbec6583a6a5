/**
 * A control group made by the user's own systemd (`systemd-run --user --scope`), for those who may make none themselves:
 * somebody logged in on cgroup v2, whose session's group is not theirs to divide.
 */
import { join } from 'node:path';
import type { Host } from '../base/platform.ts';
import type { Limits } from './backend.ts';
import { controllers, type Controller, type GroupEyes } from './control-group-places.ts';

export interface Scope {
  /** absolute path of systemd-run */
  readonly program: string;
  /** what the user's systemd was given to divide */
  readonly controllers: readonly Controller[];
  /** how systemd-run finds it */
  readonly environment: Readonly<Record<string, string>>;
}

const root = '/sys/fs/cgroup';

/** The user's systemd, when it runs and may divide something. */
export async function findScope(host: Host, eyes: GroupEyes, program: string | undefined): Promise<Scope | null> {
  const runtime = host.environment['XDG_RUNTIME_DIR'];
  if (program === undefined || runtime === undefined || host.uid === undefined) return null;
  const service = join(root, 'user.slice', `user-${host.uid}.slice`, `user@${host.uid}.service`, 'cgroup.controllers');
  const given = ((await eyes.read(service)) ?? '').split(/\s+/);
  const usable = controllers.filter((controller) => given.includes(controller));
  if (usable.length === 0 || !(await eyes.writable(join(runtime, 'systemd', 'private')))) return null;
  const bus = host.environment['DBUS_SESSION_BUS_ADDRESS'];
  return {
    program,
    controllers: usable,
    environment: { XDG_RUNTIME_DIR: runtime, ...(bus === undefined ? {} : { DBUS_SESSION_BUS_ADDRESS: bus }) },
  };
}

/** Words that start a program in a scope with these limits; the program takes the place of systemd-run. Pure. */
export function scopeWords(scope: Scope, name: string, limits: Pick<Limits, 'memoryBytes' | 'cpus' | 'pids'>): readonly string[] {
  const settings: Readonly<Record<Controller, readonly string[]>> = {
    memory: [`MemoryMax=${limits.memoryBytes}`, 'MemorySwapMax=0'],
    cpu: [`CPUQuota=${Math.max(1, Math.round(limits.cpus * 100))}%`],
    // One more: bubblewrap itself is in the scope too.
    pids: [`TasksMax=${limits.pids + 1}`],
  };
  const properties = scope.controllers.flatMap((controller) => settings[controller]).flatMap((setting) => ['-p', setting]);
  return [scope.program, '--user', '--scope', '--quiet', '--collect', `--unit=${name}`, ...properties, '--'];
}

/** Folder of the group a process is in, by the text of its /proc/PID/cgroup. */
export function unifiedFolder(membership: string): string | undefined {
  const path = /^0::(\/.*)$/m.exec(membership)?.[1];
  return path === undefined ? undefined : join(root, path);
}
