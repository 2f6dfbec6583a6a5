/** The verbs by which a person has a say about what a folder brings: agree to its profile, pin it, or write one. */
import type { WorkspaceProfile } from '../../protocol/profile-operations.ts';
import type { OperationParams, OperationResult } from '../../protocol/operations.ts';
import { LassoError } from '../../protocol/errors.ts';
import { badProfile, loadProfile } from '../../profile/load.ts';
import { isFileReference } from '../../profile/lookup.ts';
import { resolveWorkspace } from '../creation.ts';
import { considerProfile, effectiveProfile } from '../profiles/effective.ts';
import type { ProfilePlaces } from '../profiles/places.ts';
import { lockChanges, lockFile, lockOf, readLock, removeLock, writeLock } from '../profiles/lock.ts';
import { remember } from '../profiles/trust.ts';
import type { World } from '../world.ts';
import { isTaken, workspaceFile, writeOwn } from '../profiles/workspace-files.ts';
import { workspaceSettings, workspaceTemplate } from '../workspace-start.ts';
import type { OperationHandlers } from './contract.ts';

type Verbs = 'profileApprove' | 'profileLock' | 'folderInit';

export function trustOperations(world: World): Pick<OperationHandlers, Verbs> {
  return {
    profileApprove: (params) => approve(world, params),
    profileLock: (params) => lock(world, params),
    folderInit: (params) => folderInit(world, params),
  };
}

async function placesOf({ sources, folders, settings }: World): Promise<ProfilePlaces> {
  return { sources, folders, config: await settings.sound() };
}

async function approve(world: World, params: OperationParams<'profileApprove'>): Promise<WorkspaceProfile> {
  const places = await placesOf(world);
  const dir = await resolveWorkspace(world, params.dir);
  const wish = { reference: params.profile, dir };
  const { named, considered } = await considerProfile(wish, places);
  if (considered === undefined) return nowhere();
  const { workspace, reading } = considered;
  if (params.digest !== undefined && params.digest !== workspace.digest)
    throw new LassoError(
      'PROFILE_MISMATCH',
      'The profile of this folder is not the one that was shown',
      'It has changed meanwhile: look at it again.',
    );
  if (params.look || workspace.state === 'none') return workspace;
  if (workspace.state === 'broken' && !params.decline) throw badProfile(reading.files[0]?.file ?? dir, workspace.findings);
  const { digest, files } = reading;
  await remember({ workspace: dir, name: named }, { agreed: !params.decline, digest, files, at: world.clock.now() }, world.folders);
  const after = await considerProfile(wish, places);
  return after.considered?.workspace ?? workspace;
}

async function lock(world: World, params: OperationParams<'profileLock'>): Promise<OperationResult<'profileLock'>> {
  const dir = await resolveWorkspace(world, params.dir);
  const file = lockFile(dir);
  if (params.verify && params.remove)
    throw new LassoError('BAD_REQUEST', 'profile lock: --verify and --remove exclude each other', 'Try `lasso profile lock -h`.');
  if (params.remove) return { file, state: (await removeLock(dir)) ? 'removed' : 'absent', changes: [] };
  const profile = await effectiveProfile({ reference: params.profile, dir }, await placesOf(world));
  const now = await lockOf(profile, dir, world.version, world.sources);
  const said = { file, profile: now.profile, digest: now.digest };
  if (!params.verify) {
    await writeLock(dir, now);
    return { ...said, state: 'locked', locked: now.digest, changes: [] };
  }
  const before = await readLock(dir);
  if (before === undefined) return { ...said, state: 'absent', changes: [] };
  const changes = [...lockChanges(before, now)];
  return { ...said, state: changes.length === 0 ? 'matches' : 'differs', locked: before.digest, changes };
}

async function folderInit(world: World, params: OperationParams<'folderInit'>): Promise<OperationResult<'folderInit'>> {
  const dir = await resolveWorkspace(world, params.dir);
  const { defaults } = await world.settings.sound();
  const base = params.profile ?? (params.fromConfig ? defaults.profile : undefined);
  const agent = params.agent ?? (params.fromConfig ? defaults.agent : undefined);
  if (base !== undefined) {
    if (isFileReference(base))
      throw new LassoError('BAD_REQUEST', 'init: --profile takes the name of a profile, not a file', 'Save the file under a name first.');
    await loadProfile(base, world.sources);
  }
  const texts: readonly (readonly [name: string, text: string])[] = [
    ['profile.toml', workspaceTemplate(dir, base)],
    ...(agent === undefined ? [] : [['config.toml', workspaceSettings(agent)] as const]),
  ];
  for (const [name] of texts)
    if (!params.force && (await isTaken(workspaceFile(dir, name))))
      throw new LassoError('PROFILE_EXISTS', `${workspaceFile(dir, name)} exists already`, 'Edit it, or replace it with --force.');
  const files: string[] = [];
  for (const [name, text] of texts) files.push(await writeOwn(dir, name, text));
  return {
    files,
    workspace: await agreed(
      world,
      dir,
      texts.map(([, text]) => text),
    ),
  };
}

/** Who writes a profile has agreed to it; not to what somebody in a sandbox may have put in its place meanwhile. */
async function agreed(world: World, dir: string, written: readonly string[]): Promise<WorkspaceProfile> {
  const places = await placesOf(world);
  const { considered } = await considerProfile({ dir }, places);
  if (considered === undefined) return nowhere();
  const { workspace, reading } = considered;
  const same = reading.files.length === written.length && reading.files.every(({ text }, index) => text === written[index]);
  if (workspace.state === 'broken' || !same) return workspace;
  const { digest, files } = reading;
  await remember({ workspace: dir, name: undefined }, { agreed: true, digest, files, at: world.clock.now() }, world.folders);
  return (await considerProfile({ dir }, places)).considered?.workspace ?? workspace;
}

function nowhere(): never {
  throw new LassoError('INTERNAL', 'No folder was looked at', 'This is a fault of LASSO: please report it.');
}
