/** Files and the addresses editors give them. A document that is no file is called by its address. */
import { isAbsolute } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export function fileOf(uri: string): string {
  try {
    return uri.startsWith('file:') ? fileURLToPath(uri) : uri;
  } catch {
    return uri;
  }
}

export const uriOf = (file: string): string => (isAbsolute(file) ? pathToFileURL(file).href : file);

/** Settings lie beside profiles and are none. */
export const isSettings = (file: string): boolean => /[/\\]\.lasso[/\\]config\.toml$/.test(file);
