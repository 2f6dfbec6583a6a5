/** Looks at this machine the way a start would, and says for each thing what is wrong and what to do. Changes nothing. */
import { lstat, statfs } from 'node:fs/promises';
import type { OperationResult } from '../protocol/operations.ts';
import type { Probe } from '../backends/backend.ts';
import { agentChecks } from './agents/agent-checks.ts';
import { keyChecks } from './records/key-checks.ts';
import type { World } from './world.ts';
import { describe } from '../base/log.ts';

type Check = OperationResult<'doctor'>['checks'][number];

const scarceBytes = 1024 * 1024 * 1024;

export async function examine(world: World): Promise<OperationResult<'doctor'>> {
  const probes = await Promise.all(world.probes.backends.map((backend) => world.probes.of(backend, true)));
  const usable = probes.some(({ available, missing }) => available && missing.length === 0);
  const checks: Check[] = [
    { name: 'lasso', status: 'ok', message: `${world.version} on Node ${process.versions.node}, ${world.host.platform} ${process.arch}` },
    ...probes.flatMap((probe) => checkBackend(probe, usable)),
    usable
      ? { name: 'sandboxes', status: 'ok', message: 'A sandbox with every limit of the standard profile can be started' }
      : {
          name: 'sandboxes',
          status: 'problem',
          message: 'No backend can start a sandbox that keeps every promise',
          hint: 'Install Docker, Podman or bubblewrap, or mend what the lines above say.',
        },
    await checkProfile(world),
    await checkFolder('home folder', world.folders.home),
    await checkFolder('runtime folder', world.folders.runtime),
    ...(await keyChecks(world)),
    ...(await agentChecks(world)),
    await checkSpace(world),
  ];
  return { checks, healthy: checks.every(({ status }) => status !== 'problem') };
}

function checkBackend(probe: Probe, usable: boolean): readonly Check[] {
  const { backend: name } = probe;
  if (!probe.available) {
    const absent = probe.failure === 'absent';
    const status = absent || usable ? 'absent' : 'problem';
    return [
      {
        name,
        status: probe.failure === 'permission' && !usable ? 'problem' : status,
        message: probe.reason ?? 'not available',
        ...(probe.hint === undefined ? {} : { hint: probe.hint }),
      },
    ];
  }
  const how = [probe.version, probe.rootless ? 'rootless' : '', probe.endpoint ?? '']
    .filter((part) => part !== undefined && part !== '')
    .join(', ');
  return [
    { name, status: 'ok', message: how },
    ...probe.isolations.map(({ level, available, runtime, reason }): Check => ({
      name: `${name} ${level}`,
      status: available ? 'ok' : 'absent',
      message: available ? `runtime ${runtime ?? 'default'}` : (reason ?? 'not available'),
    })),
    ...probe.missing.map(({ control, reason }): Check => ({
      name: `${name} ${control}`,
      status: 'warning',
      message: `cannot be enforced: ${reason}`,
      hint: 'Profiles that require it will not start here.',
    })),
    ...probe.notices.map((message): Check => ({ name, status: 'warning', message })),
  ];
}

async function checkProfile(world: World): Promise<Check> {
  try {
    const { name, digest } = await world.readProfile({ reference: 'standard' });
    return { name: 'profile', status: 'ok', message: `${name} loads (${digest.slice(0, 12)})` };
  } catch (error) {
    return {
      name: 'profile',
      status: 'problem',
      message: error instanceof Error ? error.message : describe(error),
      hint: 'A file of that name in your profile folder hides the built-in one.',
    };
  }
}

async function checkFolder(name: string, folder: string): Promise<Check> {
  try {
    const found = await lstat(folder);
    const open = (found.mode & 0o077) !== 0 && process.platform !== 'win32';
    return open
      ? { name, status: 'warning', message: `${folder} can be read by others`, hint: `chmod 700 ${folder}` }
      : { name, status: 'ok', message: folder };
  } catch (error) {
    return {
      name,
      status: 'problem',
      message: `${folder}: ${error instanceof Error ? error.message : describe(error)}`,
      hint: 'Create it, owned by you, mode 0700.',
    };
  }
}

async function checkSpace(world: World): Promise<Check> {
  try {
    const { bavail, bsize } = await statfs(world.folders.home);
    const free = bavail * bsize;
    const message = `${(free / 1024 / 1024 / 1024).toFixed(1)} GiB free for records and images`;
    return free < scarceBytes
      ? { name: 'disk', status: 'warning', message, hint: 'A record that cannot be written stops new commands. Free some space.' }
      : { name: 'disk', status: 'ok', message };
  } catch (error) {
    return { name: 'disk', status: 'warning', message: error instanceof Error ? error.message : describe(error) };
  }
}
