/** Which files a client tells about when they change on disk: profiles wherever they may lie. */
import type { DidChangeWatchedFilesRegistrationOptions, FileSystemWatcher, Registration } from 'vscode-languageserver';
import { uriOf } from './language-uris.ts';

/** @param userFolders the user's own folders of profiles, which lie outside of an editor's folders */
export function watchers(where: 'workspace' | 'anywhere', userFolders: readonly string[]): Registration {
  const near: FileSystemWatcher[] = ['**/*.lasso.toml', '**/.lasso/**/*.toml'].map((globPattern) => ({ globPattern }));
  const far: FileSystemWatcher[] = userFolders.map((folder) => ({ globPattern: { baseUri: uriOf(folder), pattern: '*.toml' } }));
  const registerOptions: DidChangeWatchedFilesRegistrationOptions = { watchers: where === 'anywhere' ? [...near, ...far] : near };
  return { id: 'lasso-profiles', method: 'workspace/didChangeWatchedFiles', registerOptions };
}
