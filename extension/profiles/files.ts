/** The files whose change may change a profile. */
import { homedir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { profileFolders } from './documents.ts';

/** The user's, and what the folders of the window bring. The caller disposes of the watchers. */
export function watchProfileFiles(): vscode.FileSystemWatcher[] {
  const folders = [path.join(homedir(), '.lasso', 'profiles'), ...profileFolders(process.env)];
  const own = folders.map((folder) => new vscode.RelativePattern(vscode.Uri.file(folder), '*.toml'));
  return ['**/.lasso/**/*.toml', '**/*.lasso.toml', ...own].map((pattern) => vscode.workspace.createFileSystemWatcher(pattern));
}
