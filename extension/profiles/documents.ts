/** Which documents are profiles: those named so, those in a `.lasso` folder, and those in the user's own profile folders. */
import path from 'node:path';

interface Filter {
  readonly scheme: 'file';
  readonly language?: string;
  readonly pattern?: string;
}

export function profileDocuments(environment: NodeJS.ProcessEnv): Filter[] {
  const home = environment['LASSO_HOME'];
  const listed = (environment['LASSO_PROFILE_DIR'] ?? '').split(path.delimiter);
  const folders = [...(home === undefined ? [] : [path.join(home, 'profiles')]), ...listed].filter((folder) => path.isAbsolute(folder));
  const patterns = ['**/*.lasso.toml', '**/.lasso/**/*.toml', ...folders.map((folder) => `${folder.replaceAll('\\', '/')}/*.toml`)];
  return [{ scheme: 'file', language: 'lasso-profile' }, ...patterns.map((pattern) => ({ scheme: 'file', pattern }) as const)];
}
