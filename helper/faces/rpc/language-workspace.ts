/**
 * What a folder's own profile may not say and what of it has no effect, while it is written: held against the profile its
 * owner chose, as it is when sandboxes are made. It judges the texts an editor has open, and approves nothing.
 */
import { realpath } from 'node:fs/promises';
import { loadProfile } from '../../profile/load.ts';
import type { ProfileSources } from '../../profile/sources.ts';
import { tighten } from '../../profile/tighten/tighten.ts';
import { readWorkspace } from '../../profile/workspace.ts';
import type { Finding } from '../../protocol/finding.ts';

/** Findings beyond those every profile has; none for a file that is no folder's own. Rejects when the chosen profile cannot be used. */
export type WorkspaceFindings = (file: string, known: readonly Finding[]) => Promise<readonly Finding[]>;

/**
 * @param sources with the texts an editor has open in place of those on disk
 * @param usual the profile sandboxes get when none is named
 */
export function workspaceFindings(sources: ProfileSources, usual: () => Promise<string>): WorkspaceFindings {
  return async (file, known) => {
    const place = placeOf(file);
    if (place === undefined || sources.userFolders.some((folder) => sources.resolvePath(file, '..') === folder)) return [];
    const reader = { dir: place.dir, readFile: (path: string) => sources.readFile(path), realPath: realPathIn(place.dir) };
    const { said, findings } = await readWorkspace(reader, place.name, sources);
    const fresh = findings.filter((finding) => !known.some((other) => sameFinding(finding, other)));
    let base = await loadProfile(await usual(), sources);
    for (const one of said) {
      const held = tighten(base, one, sources.hostGroups);
      fresh.push(...held.findings);
      if (held.result === undefined) break;
      base = { ...base, ...held.result };
    }
    return fresh.filter((finding) => finding.file === file);
  };
}

/** The folder whose own profile a file is, and the name it is chosen by. */
function placeOf(file: string): { readonly dir: string; readonly name: string | undefined } | undefined {
  const usual = /^(.+)[/\\]\.lasso[/\\]profile\.toml$/.exec(file);
  if (usual?.[1] !== undefined) return { dir: usual[1], name: undefined };
  const named = /^(.+)[/\\]\.lasso[/\\]profiles[/\\]([A-Za-z0-9][A-Za-z0-9_-]{0,63})\.toml$/.exec(file);
  return named?.[1] === undefined ? undefined : { dir: named[1], name: named[2] };
}

/** Paths without links, as seen from a folder that may itself be reached by one. A file that was never saved leads nowhere else. */
function realPathIn(dir: string): (path: string) => Promise<string> {
  const resolved = (path: string): Promise<string> => realpath(path).catch(() => path);
  return async (path) => {
    const [real, realDir] = [await resolved(path), await resolved(dir)];
    return real.startsWith(realDir) && /^[/\\]/.test(real.slice(realDir.length)) ? dir + real.slice(realDir.length) : real;
  };
}

const sameFinding = (a: Finding, b: Finding): boolean =>
  a.code === b.code && a.file === b.file && JSON.stringify(a.range) === JSON.stringify(b.range);
