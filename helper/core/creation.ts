/**
 * From a request to everything that is decided before a sandbox exists: profile, folder, mounts, environment, backend and
 * who the agent is inside. Changes nothing; every refusal names the place and the way out.
 */
import { realpath, stat, access, constants } from 'node:fs/promises';
import { basename, isAbsolute } from 'node:path';
import type { OperationParams } from '../protocol/operations.ts';
import type { ReadProfile, World } from './world.ts';
import type { SavedSandbox } from './state.ts';
import type { BindMount } from '../backends/backend.ts';
import { identityFor } from '../backends/identity.ts';
import { profileWithAgent } from './agents/profile.ts';
import { errnoOf } from '../base/atomic-file.ts';
import type { HostFacts } from '../policy/places.ts';
import { judgeMount, parseMount } from '../policy/mounts.ts';
import { judgeWorkspace } from '../policy/workspace.ts';
import { requestedEnvironment } from '../policy/environment.ts';
import { LassoError } from '../protocol/errors.ts';
import { isolation as isolationLevels, type Isolation } from '../protocol/sandbox.ts';
import type { ProfileWish } from './profiles/effective.ts';
import { recordOptionsOf } from './records/options.ts';
import { selectBackend, type Selection } from './selection.ts';

export interface Plan {
  readonly saved: SavedSandbox;
  readonly profile: ReadProfile;
  readonly selection: Selection;
}

/** parameters every verb that makes a sandbox shares */
export type CreationParams = Omit<OperationParams<'create'>, 'request'>;

/** How to find the profile of a saved sandbox again. */
export const wishOf = ({ profile, workspace, ignoreWorkspaceProfile, agent }: SavedSandbox): ProfileWish => ({
  reference: profile,
  dir: workspace,
  ignoreWorkspaceProfile,
  agent,
});

/** @throws LassoError WORKSPACE_MISSING, WORKSPACE_REFUSED, MOUNT_REFUSED, BAD_REQUEST, what `readProfile` throws, and what `selectBackend` throws */
export async function planSandbox(world: World, params: CreationParams): Promise<Plan> {
  const workspace = await resolveWorkspace(world, params.dir);
  const { ignoreWorkspaceProfile } = params;
  const read = await world.readProfile({ reference: params.profile, dir: workspace, ignoreWorkspaceProfile });
  const { defaults } = await world.settings.sound();
  const agent = params.agent ?? read.agent ?? defaults.agent;
  const profile = await profileWithAgent(read, agent, world);
  const mounts = await Promise.all(params.mount.map((text) => resolveMount(world, text)));
  const environment = requireVariables(params.env);
  const isolation = params.isolation ?? strongerIsolation(profile.policy.isolation, defaults.isolation);
  const selection = await selectBackend(world.probes, {
    backend: params.backend ?? defaults.backend,
    isolation,
    link: params.link,
    enforcement: profile.policy.enforcement,
  });
  const owner = await stat(workspace);
  const identity = identityFor(world.host, selection.probe, owner);
  const saved: SavedSandbox = {
    version: 1,
    id: world.random.hex(6),
    name: params.name ?? '',
    state: 'creating',
    createdAt: world.clock.now().toISOString(),
    profile: profile.reference,
    profileDigest: profile.digest,
    ignoreWorkspaceProfile,
    backend: selection.backend.name,
    isolation,
    ...(params.link === undefined ? {} : { wantedLink: params.link }),
    link: selection.link,
    rootless: selection.probe.rootless,
    ...(agent === undefined ? {} : { agent }),
    ephemeral: params.ephemeral,
    workspace,
    mounts,
    environment,
    identity,
    image: null,
    token: world.random.hex(32),
    record: recordOptionsOf(profile.content.audit),
    notices: [...selection.notices, ...profile.notices, ...(await writableNotice(workspace))],
  };
  return { saved, profile, selection };
}

/** What the settings say where a command says nothing never weakens a profile. */
function strongerIsolation(own: Isolation, usual: Isolation | undefined): Isolation {
  const order = isolationLevels.options;
  return usual !== undefined && order.indexOf(usual) > order.indexOf(own) ? usual : own;
}

/** Real path of a folder that may become a workspace. */
export async function resolveWorkspace(world: World, dir: string | undefined): Promise<string> {
  if (dir === undefined || !isAbsolute(dir))
    throw new LassoError('BAD_REQUEST', 'The workspace must be an absolute path', 'Give the folder with --dir.');
  const resolved = await realpathOr(
    dir,
    () => new LassoError('WORKSPACE_MISSING', `The folder ${dir} does not exist`, 'Create it, or choose another with --dir.'),
  );
  if (!(await stat(resolved)).isDirectory())
    throw new LassoError('WORKSPACE_REFUSED', `${dir} is not a folder`, 'Choose the folder that holds your project.');
  const judged = judgeWorkspace(resolved, placesOf(world));
  if (!judged.ok) throw new LassoError('WORKSPACE_REFUSED', `${resolved} cannot be a workspace: ${judged.reason}`, judged.hint);
  return resolved;
}

async function resolveMount(world: World, text: string): Promise<BindMount> {
  const parsed = parseMount(text, { home: world.host.home, platform: world.host.platform });
  if (!parsed.ok) throw new LassoError('MOUNT_REFUSED', `Mount ${JSON.stringify(text)}: ${parsed.reason}`, parsed.hint);
  const { mount } = parsed;
  const source = await realpathOr(
    mount.source,
    () =>
      new LassoError(
        'MOUNT_REFUSED',
        `Mount ${JSON.stringify(text)}: ${mount.source} does not exist`,
        'Create it first, or leave the mount out.',
      ),
  );
  const judged = judgeMount({ ...mount, source }, placesOf(world));
  if (!judged.ok) throw new LassoError('MOUNT_REFUSED', `Mount ${JSON.stringify(text)}: ${judged.reason}`, judged.hint);
  return { ...mount, source };
}

/**
 * Judges the folders of a saved sandbox again: what ran in it, or beside it, may have put a link where a folder was.
 * @throws LassoError WORKSPACE_MISSING, WORKSPACE_REFUSED, MOUNT_REFUSED
 */
export async function judgeAgain(world: World, { workspace, mounts }: Pick<SavedSandbox, 'workspace' | 'mounts'>): Promise<void> {
  if ((await resolveWorkspace(world, workspace)) !== workspace) {
    throw new LassoError(
      'WORKSPACE_REFUSED',
      `${workspace} has become a link to another folder`,
      'Look at what it leads to, then make a new sandbox.',
    );
  }
  for (const mount of mounts) {
    const refusal = (reason: string): LassoError =>
      new LassoError('MOUNT_REFUSED', `Mount of ${mount.source}: ${reason}`, 'Put the folder back as it was, or make a new sandbox.');
    const source = await realpathOr(mount.source, () => refusal('it does not exist any more'));
    if (source !== mount.source) throw refusal('it has become a link to another place');
    const judged = judgeMount(mount, placesOf(world));
    if (!judged.ok) throw refusal(judged.reason);
  }
}

/** Folders and sockets no workspace and no mount may be, or contain. */
function placesOf(world: World): HostFacts {
  return { ...world.closedPlaces, platform: world.host.platform };
}

/** `NAME=VALUE` pairs; a bare `NAME` is for the face that has its value. @throws LassoError BAD_REQUEST */
export function requireVariables(pairs: readonly string[]): Readonly<Record<string, string>> {
  const answer = requestedEnvironment(pairs, {});
  if (!answer.ok) throw new LassoError('BAD_REQUEST', answer.reason, answer.hint);
  return answer.variables;
}

async function realpathOr(path: string, missing: () => LassoError): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    const code = errnoOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') throw missing();
    throw new LassoError('WORKSPACE_REFUSED', `${path} cannot be read: ${code ?? 'unknown error'}`, 'Check its permissions and links.', {
      cause: error,
    });
  }
}

async function writableNotice(workspace: string): Promise<readonly string[]> {
  try {
    await access(workspace, constants.W_OK);
    return [];
  } catch {
    return ['The folder is read-only for you, so it is for the agent.'];
  }
}

/** The name asked for, or a free one made from the folder's. @throws LassoError NAME_TAKEN */
export function nameFor(wanted: string, workspace: string, taken: ReadonlySet<string>): string {
  if (wanted === '') return freeName(basename(workspace), taken);
  if (!taken.has(wanted)) return wanted;
  throw new LassoError(
    'NAME_TAKEN',
    `A sandbox named ${wanted} exists already`,
    `Choose another name, or remove it with \`lasso rm ${wanted}\`.`,
  );
}

/** A name made from a folder's: `My App` → `my-app`, `my-app-2` where that is taken. */
export function freeName(folder: string, taken: ReadonlySet<string>): string {
  const plain = folder
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 32)
    .replace(/-+$/, '');
  const base = plain === '' || plain === 'all' ? 'sandbox' : plain;
  if (!taken.has(base)) return base;
  for (let n = 2; ; n += 1) if (!taken.has(`${base}-${n}`)) return `${base}-${n}`;
}
