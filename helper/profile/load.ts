/** A profile to be used: found, understood, with its digest and the origin of every value; or an error a person can act on. */
import { LassoError } from '../protocol/errors.ts';
import type { Finding } from '../protocol/finding.ts';
import type { Profile } from '../protocol/profile/profile.ts';
import { canonicalJson } from './canonical.ts';
import { checkProfile } from './check.ts';
import { findProfile, findWorkspaceProfile, isFileReference, profileNames, workspaceProfileNames } from './lookup.ts';
import { nearestName } from './nearest.ts';
import type { ProfileDocument, ProfileSource, ProfileSources } from './sources.ts';
import { type Origin, originsOf, valuesOf } from './tree.ts';

export interface LoadedProfile {
  /** every default filled in */
  readonly profile: Profile;
  /** what the files say together, before defaults */
  readonly raw: unknown;
  /** warnings and remarks; none is an error */
  readonly findings: readonly Finding[];
  /** SHA-256 of the effective profile, hex */
  readonly digest: string;
  /** where each value was written, by key path (`resources.max_pids`, `network.allowed_domains[2]`) */
  readonly origins: ReadonlyMap<string, Origin>;
  /** files read, this one first, then what it builds on */
  readonly files: readonly string[];
  readonly source: ProfileSource;
  readonly file: string;
}

/** @throws LassoError UNKNOWN_PROFILE, BAD_PROFILE */
export async function loadProfile(reference: string, sources: ProfileSources): Promise<LoadedProfile> {
  const document = await read(reference, sources);
  if (document === undefined) throw await unknown(reference, sources);
  const { profile, tree, findings, files } = await checkProfile(document, sources);
  if (profile === undefined || tree === undefined) throw badProfile(document.file, findings);
  return {
    profile,
    raw: valuesOf(tree),
    findings,
    digest: profileDigest(profile, sources),
    origins: originsOf(tree),
    files,
    source: document.source,
    file: document.file,
  };
}

/** SHA-256 of what an effective profile says, hex; dates, stamps and what it is built on do not count. */
export function profileDigest(profile: Profile, { hash }: Pick<ProfileSources, 'hash'>): string {
  return hash(canonicalJson({ ...profile, extends: undefined, created_at: undefined, updated_at: undefined, lasso_metadata: undefined }));
}

export interface ListedProfile {
  /** what to type */
  readonly name: string;
  readonly description: string;
  readonly source: ProfileSource;
  readonly file: string;
  /** as it was written */
  readonly extends?: string;
  readonly tags: readonly string[];
  readonly valid: boolean;
}

/**
 * Every profile that has a name, the user's first, a folder's own last. Broken ones are listed as such.
 * @param dir folder whose own named profiles are listed too; one whose name is taken cannot be used, so it is left out
 */
export async function listProfiles(sources: ProfileSources, dir?: string): Promise<readonly ListedProfile[]> {
  const names = await profileNames(sources);
  const own = dir === undefined ? [] : (await workspaceProfileNames(dir, sources)).filter((name) => !names.includes(name));
  const listed = await Promise.all([
    ...names.map((name) => listedProfile(name, findProfile(name, sources), sources)),
    ...own.map((name) => listedProfile(name, findWorkspaceProfile(name, dir ?? '', sources), sources)),
  ]);
  return listed.filter((entry) => entry !== undefined);
}

async function listedProfile(
  name: string,
  found: Promise<ProfileDocument | undefined>,
  sources: ProfileSources,
): Promise<ListedProfile | undefined> {
  const document = await found.catch(() => undefined);
  if (document === undefined) return undefined;
  const { profile } = await checkProfile(document, sources);
  return {
    name,
    description: profile?.description ?? '',
    source: document.source,
    file: document.file,
    ...(profile?.extends === undefined ? {} : { extends: profile.extends }),
    tags: profile?.tags ?? [],
    valid: profile !== undefined,
  };
}

async function read(reference: string, sources: ProfileSources): Promise<ProfileDocument | undefined> {
  try {
    return await findProfile(reference, sources);
  } catch (cause) {
    const message = `The profile ${JSON.stringify(reference)} cannot be read`;
    throw new LassoError('BAD_PROFILE', message, 'Check that it is a file and that you may read it.', { cause });
  }
}

async function unknown(reference: string, sources: ProfileSources): Promise<LassoError> {
  const shown = JSON.stringify(reference);
  if (isFileReference(reference)) return new LassoError('UNKNOWN_PROFILE', `There is no profile file ${shown}`, 'Check the path.');
  const names = await profileNames(sources).catch(() => []);
  const near = nearestName(reference, names);
  const hint = `${near === undefined ? '' : `Did you mean ${near}? `}Profiles: ${names.join(', ')}.`;
  return new LassoError('UNKNOWN_PROFILE', `There is no profile ${shown}`, hint);
}

/** Every error with its place, for who wrote the text. */
export function badProfile(file: string, findings: readonly Finding[]): LassoError {
  const errors = findings.filter(({ severity }) => severity === 'error');
  const details = errors.map((finding) => {
    const { line, character } = finding.range.start;
    return `${finding.file ?? file}:${line + 1}:${character + 1} ${finding.message}${finding.hint === undefined ? '' : ` (${finding.hint})`}`;
  });
  const count = errors.length === 1 ? 'an error' : `${errors.length} errors`;
  return new LassoError('BAD_PROFILE', `The profile ${file} has ${count}`, 'Correct what is listed, then try again.', { details });
}
