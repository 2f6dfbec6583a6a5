/**
 * `.lasso/profile.lock`: the profile of a folder as it was when somebody pinned it. A lock comes with the workspace, so it is
 * hostile and can only refuse: it names nothing that is loaded and allows nothing.
 */
import { realpath } from 'node:fs/promises';
import { basename, relative, sep } from 'node:path';
import { z } from 'zod';
import type { LoadedProfile } from '../../profile/load.ts';
import { parseText } from '../../profile/parse.ts';
import type { ProfileSources } from '../../profile/sources.ts';
import { LassoError } from '../../protocol/errors.ts';
import { readTextFile } from './profiles.ts';
import { removeOwn, workspaceFile, writeOwn } from './workspace-files.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const lockSchema = z.strictObject({
  version: z.literal(1),
  profile: z.string().describe('as it was chosen; a file by its name alone'),
  digest: sha256,
  lasso: z.string(),
  files: z.array(z.strictObject({ name: z.string(), sha256 })).max(100),
});
export type Lock = z.infer<typeof lockSchema>;

const lockName = 'profile.lock';
export const lockFile = (workspace: string): string => workspaceFile(workspace, lockName);

type Pinned = Pick<LoadedProfile, 'digest' | 'files'> & { readonly reference: string };

/** The lock of a folder, if there is one. @throws LassoError PROFILE_MISMATCH when it cannot be understood */
export async function readLock(workspace: string): Promise<Lock | undefined> {
  const file = lockFile(workspace);
  const unclear = (reason: string): LassoError =>
    new LassoError('PROFILE_MISMATCH', `${file} cannot be used: ${reason}`, 'Write it again with `lasso profile lock`, or remove it.');
  const real = await realpath(file).catch(() => undefined);
  if (real === undefined) return undefined;
  if (real !== file) throw unclear('it is a link');
  const text = await readTextFile(file).catch(() => undefined);
  if (text === undefined) throw unclear('it is not a plain file');
  const parsed = parseText(text, file);
  const lock = parsed.ok ? lockSchema.safeParse(parsed.raw) : undefined;
  if (!lock?.success) throw unclear('it is damaged');
  return lock.data;
}

/** What a lock of this profile says. */
export async function lockOf(profile: Pinned, workspace: string, version: string, sources: ProfileSources): Promise<Lock> {
  const files = await Promise.all(
    profile.files.map(async (file) => {
      const builtIn = sources.builtIns.find((one) => one.file === file);
      const text = builtIn?.text ?? (await readTextFile(file)) ?? '';
      return { name: builtIn ? `built-in:${builtIn.name}` : shortName(file, workspace), sha256: sources.hash(text) };
    }),
  );
  return { version: 1, profile: pinnedName(profile.reference), digest: profile.digest, lasso: version, files };
}

export async function writeLock(workspace: string, lock: Lock): Promise<string> {
  return await writeOwn(workspace, lockName, lockText(lock));
}

export async function removeLock(workspace: string): Promise<boolean> {
  return await removeOwn(workspace, lockName);
}

/** In words, what differs between what a lock says and what is; empty when nothing does. */
export function lockChanges(lock: Lock, now: Lock): readonly string[] {
  if (lock.profile !== now.profile) return [`the lock is about the profile ${lock.profile}, and this is ${now.profile}`];
  if (lock.digest === now.digest) return [];
  const before = new Map(lock.files.map((file) => [file.name, file.sha256]));
  const after = new Map(now.files.map((file) => [file.name, file.sha256]));
  const changes = [
    ...[...after].filter(([name]) => !before.has(name)).map(([name]) => `${name} is new`),
    ...[...after].filter(([name, hash]) => before.has(name) && before.get(name) !== hash).map(([name]) => `${name} has changed`),
    ...[...before.keys()].filter((name) => !after.has(name)).map((name) => `${name} is not used any more`),
  ];
  const cause =
    lock.lasso === now.lasso ? 'what the files say together has changed' : `LASSO ${now.lasso} reads them differently from ${lock.lasso}`;
  return changes.length === 0 ? [cause] : changes;
}

/** @throws LassoError PROFILE_MISMATCH when the folder's lock is about this profile and says something else */
export async function requireLocked(profile: Pinned, workspace: string, version: string, sources: ProfileSources): Promise<void> {
  const lock = await readLock(workspace);
  if (lock?.profile !== pinnedName(profile.reference) || lock.digest === profile.digest) return;
  const details = lockChanges(lock, await lockOf(profile, workspace, version, sources));
  throw new LassoError(
    'PROFILE_MISMATCH',
    `The profile ${lock.profile} is not the one this folder is locked to`,
    'Look at it with `lasso profile show`, then agree with `lasso profile lock`, or take the lock away with `lasso profile lock --remove`.',
    { details },
  );
}

const pinnedName = (reference: string): string => (/[/\\]/.test(reference) ? basename(reference) : reference);

function shortName(file: string, workspace: string): string {
  const path = relative(workspace, file);
  return path.startsWith('..') || path === '' || path.includes(':') ? basename(file) : path.split(sep).join('/');
}

/** JSON strings without escapes beyond the basic ones are TOML strings. */
function lockText({ version, profile, digest, lasso, files }: Lock): string {
  const pinned = files.map(({ name, sha256: hash }) => `\n[[files]]\nname = ${tomlText(name)}\nsha256 = "${hash}"\n`);
  return [
    '# Written by `lasso profile lock`. Sandboxes of this folder refuse another content of this profile until it is locked again.',
    `version = ${version}`,
    `profile = ${tomlText(profile)}`,
    `digest = "${digest}"`,
    `lasso = ${tomlText(lasso)}`,
    ...pinned,
  ].join('\n');
}

const tomlText = (text: string): string => JSON.stringify(text).replaceAll('\u007f', '\\u007f');
