/**
 * From what somebody typed to a text: an explicit file, then the user's folders, then the built-in profiles. A workspace is
 * searched only by who asks for it, last. The reference may be hostile: a name is a plain name, so it cannot lead out of a folder.
 */
import { profileName } from '../protocol/profile/profile.ts';
import type { ProfileDocument, ProfileSources } from './sources.ts';

const workspaceFolder = ['.lasso', 'profiles'] as const;

export const isFileReference = (reference: string): boolean => /[/\\]/.test(reference) || reference.endsWith('.toml');

/**
 * The document a reference means, or undefined. Rejects only as `readFile` does.
 * @param from file that refers to it: paths are relative to its folder, and its own name means the next one of that name
 */
export async function findProfile(reference: string, sources: ProfileSources, from?: string): Promise<ProfileDocument | undefined> {
  if (reference.includes('\0')) return undefined;
  if (isFileReference(reference)) {
    const file = from === undefined ? sources.resolvePath(reference) : sources.resolvePath(from, '..', reference);
    const text = await sources.readFile(file);
    return text === undefined ? undefined : { file, text, source: 'file' };
  }
  if (!profileName.safeParse(reference).success) return undefined;
  // What a built-in profile means must not depend on what else is installed.
  const folders = sources.builtIns.some(({ file }) => file === from) ? [] : sources.userFolders;
  for (const folder of folders) {
    const file = sources.resolvePath(folder, `${reference}.toml`);
    if (file === from) continue;
    const text = await sources.readFile(file);
    if (text !== undefined) return { file, text, source: 'user' };
  }
  const builtIn = sources.builtIns.find(({ name, file }) => name === reference && file !== from);
  return builtIn && { file: builtIn.file, text: builtIn.text, source: 'built-in' };
}

/** Names that can be used, the user's first; a name that is twice there means the first. */
export async function profileNames(sources: ProfileSources): Promise<readonly string[]> {
  const listed = await Promise.all(sources.userFolders.map((folder) => sources.listFolder(folder)));
  const own = listed.flat().flatMap((entry) => (entry.endsWith('.toml') ? [entry.slice(0, -'.toml'.length)] : []));
  const usable = [...own.sort(), ...sources.builtIns.map(({ name }) => name)].filter((name) => profileName.safeParse(name).success);
  return [...new Set(usable)];
}

/** A profile a workspace brings under a name of its own. Rejects only as `readFile` does; what it says is hostile. */
export async function findWorkspaceProfile(name: string, dir: string, sources: ProfileSources): Promise<ProfileDocument | undefined> {
  if (!profileName.safeParse(name).success) return undefined;
  const file = sources.resolvePath(dir, ...workspaceFolder, `${name}.toml`);
  const text = await sources.readFile(file);
  return text === undefined ? undefined : { file, text, source: 'workspace' };
}

/** Names of the profiles a workspace brings; they may be taken by others, who come first. */
export async function workspaceProfileNames(dir: string, sources: ProfileSources): Promise<readonly string[]> {
  const entries = await sources.listFolder(sources.resolvePath(dir, ...workspaceFolder));
  return entries
    .flatMap((entry) => (entry.endsWith('.toml') ? [entry.slice(0, -'.toml'.length)] : []))
    .filter((name) => profileName.safeParse(name).success)
    .sort();
}

export interface LookedPlace {
  readonly place: string;
  readonly found: boolean;
}

/** Where a reference is looked for, in order; the first found is what it means. */
export async function lookedPlaces(reference: string, sources: ProfileSources, dir?: string): Promise<readonly LookedPlace[]> {
  const look = async (place: string): Promise<LookedPlace> => {
    const text = await sources.readFile(place).catch(() => undefined);
    return { place, found: text !== undefined };
  };
  if (isFileReference(reference)) return [await look(sources.resolvePath(reference))];
  if (!profileName.safeParse(reference).success) return [];
  const builtIn = sources.builtIns.find(({ name }) => name === reference);
  return [
    ...(await Promise.all(sources.userFolders.map((folder) => look(sources.resolvePath(folder, `${reference}.toml`))))),
    builtIn ? { place: builtIn.file, found: true } : { place: 'built-in profiles', found: false },
    ...(dir === undefined ? [] : [await look(sources.resolvePath(dir, ...workspaceFolder, `${reference}.toml`))]),
  ];
}
