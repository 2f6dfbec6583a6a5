/**
 * Who the agent is inside a sandbox, and to whom on the host the files it makes in the workspace belong. Pure: one table over
 * host, engine and workspace. The agent is never root inside.
 */
import type { Probe, SandboxSpec } from './backend.ts';

export type Identity = SandboxSpec['identity'];

/** user ids, as numbers */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

const usual: Owner = { uid: 1000, gid: 1000 };

/**
 * Ordinary user: the agent has the same ids inside, so nothing needs mapping (rootless Podman keeps them by `keep-id`).
 * Engine in a virtual machine: its file sharing decides; 1000 is what it expects. Root: the agent is the workspace's owner
 * when that is an ordinary user, otherwise 1000, whose files the backend maps to root by an id-mapped mount.
 */
export function identityFor(
  host: { readonly platform: NodeJS.Platform; readonly uid: number | undefined; readonly gid: number | undefined },
  probe: Pick<Probe, 'backend' | 'rootless' | 'remote'>,
  workspaceOwner: Owner,
): Identity {
  if (host.platform !== 'linux' || probe.remote || host.uid === undefined || host.gid === undefined) {
    return of(usual, host.uid === undefined || host.gid === undefined ? usual : { uid: host.uid, gid: host.gid });
  }
  if (host.uid !== 0) return of({ uid: host.uid, gid: host.gid === 0 ? usual.gid : host.gid }, { uid: host.uid, gid: host.gid });
  if (workspaceOwner.uid !== 0) {
    const gid = workspaceOwner.gid === 0 ? usual.gid : workspaceOwner.gid;
    return of({ uid: workspaceOwner.uid, gid }, { uid: workspaceOwner.uid, gid });
  }
  return of(usual, { uid: 0, gid: 0 });
}

const of = (inside: Owner, outside: Owner): Identity => ({
  uid: inside.uid,
  gid: inside.gid,
  hostUid: outside.uid,
  hostGid: outside.gid,
});
