/**
 * Agents' files in a folder: looked at, planned, written. What is planned is what is written, or nothing is; who reads a plan may
 * hold it against what is there when it is carried out. A folder whose own profile nobody agreed to gets nothing written.
 */
import { stat } from 'node:fs/promises';
import { lookAt, type Looked, type Place } from '../../agents/disk/look.ts';
import { type FileWrite, writeAll } from '../../agents/disk/write.ts';
import { agents } from '../../agents/index.ts';
import type { Brief } from '../../agents/brief.ts';
import { briefOf } from '../../agents/make-brief.ts';
import { manifestPath, readManifest } from '../../agents/told/manifest.ts';
import { type FilesPlan, pathsToLookAt, planFiles } from '../../agents/told/plan.ts';
import { type Standings, standingsOf } from '../../agents/told/standing.ts';
import { policyOf } from '../../policy/policy.ts';
import type { AgentFinding, AgentName } from '../../protocol/agent.ts';
import { agentName } from '../../protocol/agent.ts';
import type { AgentPlan } from '../../protocol/agent-operations.ts';
import { LassoError } from '../../protocol/errors.ts';
import { profileName } from '../../protocol/profile/profile.ts';
import { resolveWorkspace } from '../creation.ts';
import { effectiveProfile, type ProfileWish } from '../profiles/effective.ts';
import type { World } from '../world.ts';
import { detectedIn } from './detecting.ts';
import { isOwn, seal } from './seals.ts';

export interface FolderWish {
  readonly dir?: string | undefined;
  readonly profile?: string | undefined;
  readonly ignoreWorkspaceProfile: boolean;
}

export interface PlanWish extends FolderWish {
  readonly agents: readonly AgentName[];
  readonly remove: boolean;
}

/** what is known of a folder */
export interface Folder {
  readonly place: Place;
  readonly brief: Brief;
  readonly present: ReadonlyMap<string, Looked>;
  readonly notices: readonly string[];
}

interface Planned {
  readonly folder: Folder;
  readonly plan: FilesPlan;
  readonly told: AgentPlan;
}

/** @throws LassoError as `resolveWorkspace` and `effectiveProfile` */
export async function planAgents(world: World, wish: PlanWish): Promise<Planned> {
  // Taking out must not wait for anybody's word.
  const folder = await lookAtFolder(world, wish, wish.remove ? 'leave-out' : 'refuse');
  const { names, findings } = wish.remove ? { names: wish.agents, findings: [] } : await namesFor(world, wish, folder);
  const { brief, present, place } = folder;
  const own = await isOwn(place.root, present.get(manifestPath)?.text ?? null, world.folders);
  const plan = planFiles({ agents, brief, names, remove: wish.remove, present, own });
  const { name, digest } = brief.profile;
  const all = [...findings, ...folder.notices.map(noticed), ...plan.findings];
  const told = {
    profile: name,
    profileDigest: digest,
    agents: [...plan.agents],
    files: [...plan.files],
    findings: all,
    digest: plan.digest,
  };
  return { folder, plan, told };
}

/** @throws LassoError PROFILE_MISMATCH where it is not what was looked at, WORKSPACE_REFUSED; nothing has changed then */
export async function writeAgents(world: World, wish: PlanWish & { readonly expect?: string | undefined }): Promise<AgentPlan> {
  const { folder, plan, told } = await planAgents(world, wish);
  if (wish.expect !== undefined && wish.expect !== plan.digest)
    throw new LassoError(
      'PROFILE_MISMATCH',
      'This is not any more what was shown',
      'Files or the profile have changed meanwhile: look at it again.',
    );
  const noted = plan.files.find(({ path }) => path === manifestPath);
  if (noted?.change === 'refused')
    throw new LassoError(
      'WORKSPACE_REFUSED',
      `${manifestPath}: ${noted.reason ?? 'it cannot be written'}`,
      'LASSO writes down there what it changes, and changes nothing without it.',
    );
  const writes = writesOf(plan);
  const notes = writes.filter(({ path }) => path === manifestPath).map(({ after }) => after);
  await seal(folder.place.root, notes, world.folders);
  await writeAll(folder.place, writes, plan.emptied);
  return told;
}

/** @throws LassoError as `planAgents` */
export async function lookAtFolder(world: World, wish: FolderWish, unapproved: ProfileWish['unapproved']): Promise<Folder> {
  const root = await resolveWorkspace(world, wish.dir);
  const place = await placeOf(world, root);
  const { sources, folders, settings } = world;
  const { profile, ignoreWorkspaceProfile } = wish;
  const places = { sources, folders, config: await settings.sound() };
  const held = await effectiveProfile({ reference: profile, dir: root, ignoreWorkspaceProfile, unapproved }, places);
  const brief = briefOf(policyOf(held.profile, sources.hostGroups, held.digest), sources.hostGroups);
  const present = new Map<string, Looked>();
  for (const path of pathsToLookAt(agents, brief)) present.set(path, await lookAt(place, path));
  return { place, brief, present, notices: held.notices };
}

/** The folder as it stands to the profile its files were written from, or to the one that was asked for. */
export async function lookAtStandings(world: World, wish: FolderWish): Promise<{ readonly folder: Folder; readonly standings: Standings }> {
  const root = await resolveWorkspace(world, wish.dir);
  const written = readManifest((await lookAt(await placeOf(world, root), manifestPath)).text ?? '')?.profile.profile;
  const known = wish.profile === undefined && written !== undefined && profileName.safeParse(written).success ? written : undefined;
  const folder = await lookAtFolder(world, known === undefined ? wish : { ...wish, profile: known }, 'leave-out').catch(
    (error: unknown) => {
      // A profile that is gone cannot be what the files say.
      if (known === undefined || !(error instanceof LassoError) || error.code !== 'UNKNOWN_PROFILE') throw error;
      return lookAtFolder(world, wish, 'leave-out');
    },
  );
  return { folder, standings: standingsOf(agents, folder.brief, folder.present) };
}

async function placeOf({ host }: World, root: string): Promise<Place> {
  const { uid } = await stat(root);
  return { root, platform: host.platform, owners: new Set(host.uid === undefined ? [] : [host.uid, uid]) };
}

/** Who is to be told something: those named, else those the folder uses or LASSO told before, else the one of the settings. */
async function namesFor(
  world: World,
  wish: PlanWish,
  { place, brief, present }: Folder,
): Promise<{ readonly names: readonly AgentName[]; readonly findings: readonly AgentFinding[] }> {
  if (wish.agents.length > 0) return { names: wish.agents, findings: [] };
  const { made, agents: told } = standingsOf(agents, brief, present);
  const found = (await detectedIn(place.root, made)).map(({ name }) => name);
  if (found.length > 0 || told.size > 0) return { names: found, findings: [] };
  const usual = agentName.safeParse((await world.settings.sound()).defaults.agent);
  if (usual.success) return { names: [usual.data], findings: [] };
  const message = 'No agent is known to be used in this folder';
  return { names: [], findings: [{ severity: 'information', code: 'no-agent', message, hint: 'Name one: `lasso init --agent claude`.' }] };
}

/** Notes first, with what was there before, so that a run that was cut short is understood; files; the notes as they stay. */
function writesOf({ files, journal }: FilesPlan): readonly FileWrite[] {
  const notes = files.find(({ path }) => path === manifestPath);
  const changes = files.filter(({ path, change }) => path !== manifestPath && change !== 'refused' && change !== 'same');
  const plain = changes.map(({ path, before, after }) => ({ path, before, after }));
  if (notes === undefined || (changes.length === 0 && notes.change === 'same')) return plain;
  const { path, before, after } = notes;
  const begun = journal ?? before;
  const beginning = begun === null || begun === after || begun === before ? [] : [{ path, before, after: begun }];
  return [...beginning, ...plain, { path, before, after }];
}

const noticed = (message: string): AgentFinding => ({ severity: 'information', code: 'profile-notice', message });
