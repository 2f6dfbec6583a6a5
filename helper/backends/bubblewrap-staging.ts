/**
 * For root only: starting bubblewrap as the ordinary user a workspace belongs to, so that what the agent makes is that user's
 * and nothing in the sandbox is root outside. What that user could not reach is shown to it in a mount namespace of its own,
 * which goes with the sandbox. Pure.
 */
import { posix } from 'node:path';
import type { SandboxSpec } from './backend.ts';
import { boundSources } from './bubblewrap-words.ts';
import type { SystemRoot } from './system-root.ts';

/** a folder every system has, hidden for this sandbox's starter only */
const stage = '/mnt';

export interface Staging {
  /** words before the second bubblewrap */
  readonly prefix: readonly string[];
  /** host path → path in the stage */
  readonly reachable: ReadonlyMap<string, string>;
}

export function stagingWords(
  spec: SandboxSpec,
  system: SystemRoot,
  program: string,
  setpriv: string,
  isFolder: (path: string) => boolean,
): Staging {
  const reachable = new Map(boundSources(spec, system).map((source, index) => [source, posix.join(stage, `${index}`)]));
  const binds = [...reachable].flatMap(([source, path]) => [...(isFolder(source) ? ['--dir', path] : []), ...['--bind', source, path]]);
  const { hostUid, hostGid } = spec.identity;
  const become = [`--reuid=${hostUid}`, `--regid=${hostGid}`, '--clear-groups', '--inh-caps=-all', '--'];
  return {
    prefix: [
      program,
      '--die-with-parent',
      '--dev-bind',
      '/',
      '/',
      '--perms',
      '0755',
      '--tmpfs',
      stage,
      ...binds,
      '--',
      setpriv,
      ...become,
      program,
    ],
    reachable,
  };
}
