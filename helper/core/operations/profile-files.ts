/** The verbs that change the user's own profiles, or carry them from and to other machines. A text with errors is never saved. */
import { lstat, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeFileAtomic } from '../../base/atomic-file.ts';
import { claimedIntegrity, exportText, integrityOf, renamedText } from '../../profile/export.ts';
import { checkProfile } from '../../profile/check.ts';
import { badProfile, loadProfile } from '../../profile/load.ts';
import { findProfile } from '../../profile/lookup.ts';
import { profileTemplate } from '../../profile/template.ts';
import { LassoError } from '../../protocol/errors.ts';
import type { Finding } from '../../protocol/finding.ts';
import type { Profile } from '../../protocol/profile/profile.ts';
import type { OperationParams, OperationResult } from '../../protocol/operations.ts';
import type { SavedReason } from '../profiles/history.ts';
import { exists } from '../profiles/store.ts';
import { readTextFile } from '../profiles/profiles.ts';
import type { World } from '../world.ts';
import type { OperationHandlers } from './contract.ts';

type Places = Pick<World, 'sources' | 'profiles' | 'clock' | 'version'>;
type Writing = 'profileNew' | 'profileSave' | 'profileDelete' | 'profileHistory' | 'profileExport' | 'profileImport';
type Saved = OperationResult<'profileSave'>;

export function profileFileOperations(world: Places): Pick<OperationHandlers, Writing> {
  const { sources, profiles } = world;
  return {
    profileNew: async ({ name, from, description }) => {
      await requireFree(name, world);
      const base = await loadProfile(from, sources);
      const text = profileTemplate({ name, description, base: base.source === 'file' ? base.file : from });
      return await save(name, text, 'created', world, true);
    },
    profileSave: async ({ name, from, text, reason }) => {
      if ((from === undefined) === (text === undefined))
        throw new LassoError('BAD_REQUEST', 'Say what to save', `Name the file: \`lasso profile save ${name} --from FILE\`.`);
      await requireOwn(name, world);
      return await save(name, text ?? (await fileText(from ?? '')), reason, world);
    },
    profileDelete: async ({ name }) => {
      if ((await profiles.read(name)) === undefined) await requireOwn(name, world, 'be deleted');
      const { file, version } = await profiles.delete(name);
      return { name, file, version };
    },
    profileHistory: (params) => history(params, world),
    profileExport: (params) => exported(params, world),
    profileImport: (params) => imported(params, world),
  };
}

/** @throws LassoError BAD_PROFILE with every error, BAD_REQUEST when the text names another profile */
async function save(name: string, text: string, reason: SavedReason, { sources, profiles }: Places, onlyNew = false): Promise<Saved> {
  const { profile, findings } = await understood(text, profiles.fileOf(name), sources);
  if (profile.name !== name)
    throw new LassoError(
      'BAD_REQUEST',
      `The text says name = ${JSON.stringify(profile.name)}, and it would be saved as ${name}`,
      'Make both the same.',
    );
  return { name, ...(await profiles.save(name, text, reason, { onlyNew })), findings: [...findings] };
}

async function understood(
  text: string,
  file: string,
  sources: World['sources'],
): Promise<{ readonly profile: Profile; readonly findings: readonly Finding[] }> {
  const { profile, findings } = await checkProfile({ file, text }, sources);
  if (profile === undefined) throw badProfile(file, findings);
  return { profile, findings };
}

async function history(
  { name, show, restore }: OperationParams<'profileHistory'>,
  world: Places,
): Promise<OperationResult<'profileHistory'>> {
  const { profiles } = world;
  if (show !== undefined && restore !== undefined)
    throw new LassoError('BAD_REQUEST', 'A version is either shown or restored', 'Leave out --show or --restore.');
  const text = show === undefined ? undefined : await profiles.versionText(name, show);
  const restored = restore === undefined ? undefined : await save(name, await profiles.versionText(name, restore), 'restored', world);
  return {
    name,
    versions: [...(await profiles.history(name))],
    ...(text === undefined ? {} : { text }),
    ...(restored === undefined ? {} : { restored }),
  };
}

async function exported(
  { profile: reference, output, force }: OperationParams<'profileExport'>,
  { sources, clock, version }: Places,
): Promise<OperationResult<'profileExport'>> {
  const { profile } = await loadProfile(reference, sources);
  const source = `lasso ${version}, profile ${profile.name}`;
  const { text, integrity } = exportText(profile, { exportedAt: clock.now().toISOString(), source, hash: (said) => sources.hash(said) });
  if (output === undefined) return { name: profile.name, integrity, text };
  if (!force && (await lstat(output).catch(() => undefined)) !== undefined)
    throw new LassoError('PROFILE_EXISTS', `There is a file ${output} already`, 'Choose another, or replace it with --force.');
  if ((await stat(dirname(output)).catch(() => undefined))?.isDirectory() !== true)
    throw new LassoError('BAD_REQUEST', `There is no folder ${dirname(output)}`, 'Create it first, or choose another file.');
  await writeFileAtomic(output, text, 0o644);
  return { name: profile.name, integrity, file: output, text };
}

/** @throws LassoError PROFILE_MISMATCH, PROFILE_EXISTS, BAD_PROFILE, BAD_REQUEST */
async function imported({ file, name: wanted, force }: OperationParams<'profileImport'>, world: Places): Promise<Saved> {
  const { sources, profiles } = world;
  const hash = (said: string): string => sources.hash(said);
  const text = await fileText(file);
  requireUnchanged(file, text, hash, force);
  const { profile } = await understood(text, file, sources);
  const name = wanted ?? profile.name;
  if (!force) await requireFree(name, world);
  return await save(name, name === profile.name ? text : renamedText(text, name, hash), 'imported', { ...world, profiles }, !force);
}

function requireUnchanged(file: string, text: string, hash: (said: string) => string, force: boolean): void {
  const claimed = claimedIntegrity(text);
  const found = integrityOf(text, hash);
  // What is no TOML at all is told with its line and column by who reads it next.
  if (found === undefined || claimed === found) return;
  if (claimed === undefined) {
    if (force) return;
    const way = 'If you trust it all the same, import it with --force; `lasso profile export` writes files with a hash.';
    throw new LassoError('PROFILE_MISMATCH', `${file} carries no hash, so nobody can tell whether it was changed`, way);
  }
  throw new LassoError(
    'PROFILE_MISMATCH',
    `${file} is not what was exported: its hash does not fit its content`,
    'Get it again from where it comes from. To take a text you have read yourself, use `lasso profile save NAME --from FILE`.',
    {
      details: [`it says     ${claimed.slice(0, 80)}`, `it has      ${found}`],
    },
  );
}

/** @throws LassoError PROFILE_EXISTS when the name means something already */
async function requireFree(name: string, { sources, profiles }: Places): Promise<void> {
  const file = profiles.fileOf(name);
  if ((await profiles.read(name)) !== undefined) throw exists(name, file);
  await requireOwn(name, { sources, profiles });
}

/** @throws LassoError PROFILE_EXISTS when the name means a profile that is not among the user's own */
async function requireOwn(
  name: string,
  { sources, profiles }: Pick<Places, 'sources' | 'profiles'>,
  verb = 'be saved over',
): Promise<void> {
  const found = await findProfile(name, sources).catch(() => undefined);
  if (found === undefined || found.file === profiles.fileOf(name)) return;
  if (found.source === 'built-in')
    throw new LassoError(
      'PROFILE_EXISTS',
      `${name} is a built-in profile and cannot ${verb}`,
      `Begin one of your own from it: \`lasso profile new NAME --from ${name}\`.`,
    );
  throw new LassoError(
    'PROFILE_EXISTS',
    `${name} lies in ${found.file}, which is only read and cannot ${verb}`,
    'Change that file itself, or choose another name.',
  );
}

/** @throws LassoError UNKNOWN_PROFILE, BAD_PROFILE */
async function fileText(file: string): Promise<string> {
  let text;
  try {
    text = await readTextFile(file);
  } catch (cause) {
    throw new LassoError('BAD_PROFILE', `${file} cannot be read`, 'Check that it is a file and that you may read it.', { cause });
  }
  if (text === undefined) throw new LassoError('UNKNOWN_PROFILE', `There is no file ${file}`, 'Check the path.');
  return text;
}
