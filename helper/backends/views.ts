/**
 * Views of host folders for an engine: the same folder under another path, with its owner mapped to the agent, or under a name
 * that the engine's own mount syntax cannot misread. All of them lie in a sandbox's scratch folder and go with it.
 */
import { readFileSync } from 'node:fs';
import { chown, lstat, mkdir, readdir, rmdir, symlink, unlink } from 'node:fs/promises';
import nodePath from 'node:path';
import { LassoError } from '../protocol/errors.ts';
import { runChild } from '../base/child.ts';
import type { SandboxSpec } from './backend.ts';
import { userMounts } from './spec.ts';

export interface ViewTools {
  /** who runs this */
  readonly uid: number | undefined;
  /** static program that makes id-mapped mounts; undefined where there is none for this machine */
  readonly idmapProgram: string | undefined;
  /** absolute path of umount */
  readonly umountProgram: string | undefined;
}

const shortMs = 10_000;
/** characters with a meaning in an engine's own syntax for mounts */
const misread = /[,"'\\:\n]/;

/** True where files the agent makes would belong to somebody else without an id-mapped mount. */
export function needsMapping(spec: SandboxSpec, tools: ViewTools): boolean {
  return tools.uid === 0 && spec.identity.hostUid !== spec.identity.uid && !spec.waived.includes('ownership');
}

/**
 * Makes every view this spec needs, and gives the agent's user the link and the generated files. Source → view.
 * @throws LassoError CANNOT_ENFORCE where ids cannot be mapped; what was made before goes with `dropViews`
 */
export async function makeViews(spec: SandboxSpec, tools: ViewTools, mapped: boolean): Promise<ReadonlyMap<string, string>> {
  const views = new Map<string, string>();
  const maps = mapped && needsMapping(spec, tools);
  for (const [index, mount] of userMounts(spec).entries()) {
    if (views.has(mount.source)) continue;
    const view = nodePath.join(spec.scratch, `mount-${index}`);
    if (maps && (await lstat(mount.source)).isDirectory()) {
      await mapOwner(spec, mount.source, view, tools);
      views.set(mount.source, view);
    } else if (misread.test(mount.source)) {
      await mkdir(spec.scratch, { recursive: true, mode: 0o700 });
      await symlink(mount.source, view);
      views.set(mount.source, view);
    }
  }
  if (tools.uid === 0) await grant(spec);
  return views;
}

/** Undoes all views below `scratch`, also those of a helper that died; idempotent. Never enters a view. */
export async function dropViews(scratch: string, tools: ViewTools): Promise<void> {
  const names = await readdir(scratch).catch(() => []);
  for (const name of names.filter((entry) => /^mount-\d+$/.test(entry))) {
    const view = nodePath.join(scratch, name);
    if ((await lstat(view)).isSymbolicLink()) {
      await unlink(view);
      continue;
    }
    for (let tries = 0; tries < 8 && isMountPoint(view) && tools.umountProgram !== undefined; tries += 1) {
      await runChild(tools.umountProgram, ['--lazy', view], { timeoutMs: shortMs });
    }
    if (!isMountPoint(view)) await rmdir(view);
  }
}

/** True while something is mounted exactly there. */
export function isMountPoint(folder: string): boolean {
  const wanted = folder.replaceAll(/[\\ \t\n]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`);
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .some((line) => line.split(' ')[4] === wanted);
}

async function mapOwner(spec: SandboxSpec, source: string, view: string, tools: ViewTools): Promise<void> {
  const { uid, gid, hostUid, hostGid } = spec.identity;
  const refuse = (why: string): LassoError =>
    new LassoError(
      'CANNOT_ENFORCE',
      `Files the agent makes in ${source} would belong to the wrong user: ${why}`,
      'Run LASSO as an ordinary user, give the folder to one (chown), or put it on a file system that can map owners (ext4, xfs, btrfs).',
      { details: ['ownership'] },
    );
  if (tools.idmapProgram === undefined) throw refuse('there is no program for mapping owners on this machine.');
  await mkdir(view, { recursive: true, mode: 0o700 });
  const maps = [`${hostUid}:${uid}`, `${hostGid}:${gid}`];
  const result = await runChild(tools.idmapProgram, [source, view, ...maps], { timeoutMs: shortMs });
  if (result.code !== 0) throw refuse(result.failure ?? result.stderr.trim());
}

/** The link and the generated files belong to the agent's user; their parent folder stays closed to others. */
async function grant(spec: SandboxSpec): Promise<void> {
  const { uid, gid } = spec.identity;
  for (const folder of [...(spec.link.kind === 'socket' ? [spec.link.directory] : []), spec.etc]) {
    for (const name of await readdir(folder)) await chown(nodePath.join(folder, name), uid, gid);
    await chown(folder, uid, gid);
  }
}
