/** Specs for bubblewrap with a shell script in the guest's place, so that a backend is tried without anything above it. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import type { RunningSandbox, SandboxEnd, SandboxSpec } from '../../helper/backends/backend.ts';
import { createBubblewrap } from '../../helper/backends/bubblewrap.ts';
import { silentLog } from '../../helper/base/log.ts';
import { systemRandom } from '../../helper/base/random.ts';
import { foldersOf, type Host } from '../../helper/base/platform.ts';

export const thisHost = (): Host => ({
  platform: process.platform,
  environment: { PATH: process.env['PATH'] },
  home: '/nonexistent',
  uid: process.getuid?.(),
  gid: process.getgid?.(),
  user: 'somebody',
  temporary: tmpdir(),
});

export const sampleLimits: SandboxSpec['limits'] = {
  memoryBytes: 64 * 1024 * 1024,
  cpus: 0.5,
  pids: 40,
  openFiles: 100,
  fileSizeBytes: 8 * 1024 * 1024,
  temporaryBytes: 4 * 1024 * 1024,
  homeBytes: 4 * 1024 * 1024,
};

/** A spec whose pid 1 is a shell that runs `script`; its folders go with the test. */
export function scriptSpec(
  t: TestContext,
  script: string,
  change: Partial<SandboxSpec> = {},
): { readonly spec: SandboxSpec; readonly runtime: string } {
  const runtime = mkdtempSync(join(tmpdir(), 'lasso-bubblewrap-'));
  t.after(() => rmSync(runtime, { recursive: true, force: true }));
  return { runtime, spec: { ...specIn(runtime, script), ...change } };
}

/** The same in a folder of the caller's. */
export function specIn(runtime: string, script: string): SandboxSpec {
  const id = `${process.pid.toString(16)}-${systemRandom.hex(3)}`;
  const root = join(runtime, id);
  for (const folder of ['link', 'etc', 'scratch', 'work']) mkdirSync(join(root, folder), { recursive: true });
  const uid = process.getuid?.() ?? 0;
  const inside = uid === 0 ? 1000 : uid;
  const etc = {
    passwd: `agent:x:${inside}:${inside}::/home/agent:/bin/sh\n`,
    group: `agent:x:${inside}:\n`,
    hosts: '',
    'resolv.conf': '',
    hostname: 'box\n',
  };
  for (const [name, body] of Object.entries(etc)) writeFileSync(join(root, 'etc', name), body);
  const program = join(root, 'guest');
  writeFileSync(program, `#!/bin/sh\n${script}\n`);
  chmodSync(program, 0o755);
  return {
    id,
    name: 'box',
    owner: 'owner',
    image: null,
    isolation: 'container',
    guestProgram: program,
    link: { kind: 'stdio', directory: join(root, 'link'), token: 'ab'.repeat(32) },
    identity: { uid: inside, gid: inside, hostUid: uid, hostGid: uid },
    workspace: { source: join(root, 'work'), target: '/workspace', readonly: false },
    overlays: [],
    provided: [],
    home: null,
    mounts: [],
    environment: { PATH: '/usr/bin:/bin' },
    etc: join(root, 'etc'),
    scratch: join(root, 'scratch'),
    hostname: 'box',
    limits: sampleLimits,
    waived: [],
    labels: {},
  };
}

/** Starts it; whatever happens, it is removed at the end of the test. */
export async function startScript(t: TestContext, spec: SandboxSpec, runtime: string): Promise<RunningSandbox> {
  const host = thisHost();
  const folders = { ...foldersOf(host), runtime, cache: join(runtime, 'cache') };
  const portsProgram = join(import.meta.dirname, '..', '..', 'dist', 'ports', `ports-linux-${process.arch}`);
  const backend = createBubblewrap({ host, folders, log: silentLog, portsProgram });
  t.after(() => backend.dispose());
  return backend.start(spec);
}

/** What `script` prints, and how it ended. */
export async function runScript(
  t: TestContext,
  script: string,
  change: Partial<SandboxSpec> = {},
): Promise<{ readonly out: string; readonly end: SandboxEnd }> {
  const { spec, runtime } = scriptSpec(t, script, change);
  const sandbox = await startScript(t, spec, runtime);
  const out = sandbox.stdio === null ? '' : await text(sandbox.stdio);
  const end = await sandbox.ended;
  await sandbox.remove();
  return { out, end };
}
