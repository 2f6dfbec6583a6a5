/** Which documents are profiles: those named so, those in a `.lasso` folder, and those in the user's own profile folders. Pure. */
import path from 'node:path';

export interface Filter {
  readonly scheme: 'file';
  readonly language?: string;
  readonly pattern?: string;
}

/** What the language server is asked about. Nothing of the extension's own read-only documents, which have another scheme. */
export function profileDocuments(environment: NodeJS.ProcessEnv): Filter[] {
  const patterns = ['**/*.lasso.toml', '**/.lasso/**/*.toml', ...profileFolders(environment).map((folder) => `${slashed(folder)}/*.toml`)];
  return [{ scheme: 'file', language: 'lasso-profile' }, ...patterns.map((pattern) => ({ scheme: 'file', pattern }) as const)];
}

/** Folders of the user's own profiles that no name gives away; `~/.lasso/profiles` is known by its name. */
export function profileFolders(environment: NodeJS.ProcessEnv): readonly string[] {
  const home = environment['LASSO_HOME'];
  const listed = (environment['LASSO_PROFILE_DIR'] ?? '').split(path.delimiter);
  return [...(home === undefined ? [] : [path.join(home, 'profiles')]), ...listed]
    .filter((folder) => path.isAbsolute(folder))
    .map((folder) => path.normalize(folder));
}

/** True for a profile that lies directly in one of `folders`. */
export function liesIn(file: string, folders: readonly string[]): boolean {
  const own = path.dirname(path.normalize(file));
  return file.endsWith('.toml') && folders.some((folder) => folder.replace(/[\\/]+$/, '') === own);
}

const slashed = (folder: string): string => folder.replaceAll('\\', '/').replace(/\/+$/, '');
