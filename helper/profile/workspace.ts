/**
 * What a workspace brings: `.lasso/profile.toml`, `.lasso/profiles/NAME.toml` where that name was chosen, and settings. All of it is
 * hostile. Its files may build on one another and on profiles the user has, and on no other file of the machine.
 */
import type { Finding } from '../protocol/finding.ts';
import { canonicalJson } from './canonical.ts';
import { checkProfile } from './check.ts';
import { parseText } from './parse.ts';
import type { ProfileSources } from './sources.ts';
import type { SaidProfile } from './tighten/tighten.ts';

/** how files of a workspace are reached */
export interface WorkspaceReader {
  /** the workspace without links */
  readonly dir: string;
  /** Text of a file, undefined where there is none; rejects for what is no plain file. It is asked for files below `.lasso` only. */
  readonly readFile: (path: string) => Promise<string | undefined>;
  /** Path without links; rejects where there is none. */
  readonly realPath: (path: string) => Promise<string>;
}

export interface WorkspaceFile {
  /** absolute */
  readonly file: string;
  /** from the workspace, with "/" */
  readonly name: string;
  /** empty where it could not be read */
  readonly text: string;
}

export interface WorkspaceReading {
  /** all that were read, in order, each once; none where the workspace brings nothing */
  readonly files: readonly WorkspaceFile[];
  /** hash of their names and texts, which is what a person agrees to */
  readonly digest: string;
  /** in the order in which they tighten; empty when a finding is an error */
  readonly said: readonly SaidProfile[];
  /** agent its settings name, beside a profile only; a plain word */
  readonly agent?: string;
  readonly findings: readonly Finding[];
}

const folder = '.lasso';

/** Path of the profile a workspace brings, from the workspace. @param name that of a named one */
export const workspaceProfilePath = (name: string | undefined): readonly string[] =>
  name === undefined ? [folder, 'profile.toml'] : [folder, 'profiles', `${name}.toml`];

/** @param name chosen profile, when only the workspace has one of that name */
export async function readWorkspace(reader: WorkspaceReader, name: string | undefined, sources: ProfileSources): Promise<WorkspaceReading> {
  const read = new Map<string, WorkspaceFile>();
  const own = confined(reader, sources, read);
  const wanted = [workspaceProfilePath(undefined), ...(name === undefined ? [] : [workspaceProfilePath(name)])];
  const findings: Finding[] = [];
  const said: SaidProfile[] = [];
  const readOr = (file: string): Promise<string | undefined> =>
    own.sources.readFile(file).catch((error: unknown) => {
      findings.push(unreadable(file, error));
      return undefined;
    });
  for (const path of wanted) {
    const file = sources.resolvePath(reader.dir, ...path);
    const text = await readOr(file);
    if (text === undefined) continue;
    const check = await checkProfile({ file, text }, own.sources);
    findings.push(...check.findings.map((finding) => own.explained(finding)));
    if (check.profile && check.tree) said.push({ profile: check.profile, tree: check.tree, files: check.files, owns: own.owns });
  }
  const settings = read.size === 0 ? undefined : sources.resolvePath(reader.dir, folder, 'config.toml');
  const agent = settings && agentOf(await readOr(settings), settings);
  const files = [...read.values()];
  const broken = findings.some(({ severity }) => severity === 'error');
  return {
    files,
    digest: sources.hash(canonicalJson(files.map((file) => [file.name, file.text]))),
    said: broken ? [] : said,
    ...(agent === undefined ? {} : { agent }),
    findings,
  };
}

/** The only setting a workspace has; what else its file says is not looked at. */
function agentOf(text: string | undefined, file: string): string | undefined {
  const parsed = parseText(text ?? '', file);
  const defaults: unknown = parsed.ok ? parsed.raw['defaults'] : undefined;
  const agent: unknown = typeof defaults === 'object' && defaults !== null && 'agent' in defaults ? defaults.agent : undefined;
  return typeof agent === 'string' && /^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/.test(agent) ? agent : undefined;
}

interface Confined {
  readonly sources: ProfileSources;
  readonly owns: (file: string) => boolean;
  /** in the words of a workspace */
  readonly explained: (finding: Finding) => Finding;
}

/** The same sources, from which a file of the workspace reaches only files of its own folder. */
function confined({ dir, readFile, realPath }: WorkspaceReader, sources: ProfileSources, read: Map<string, WorkspaceFile>): Confined {
  const own = sources.resolvePath(dir, folder);
  const owns = (file: string): boolean => file.startsWith(own) && /^[/\\]./.test(file.slice(own.length));
  const outside = new Set<string>();
  const inside = async (path: string): Promise<boolean> => owns(await realPath(path));
  const readOwn = async (path: string): Promise<string | undefined> => {
    const known = read.get(path);
    if (known) return known.text;
    const name = path.slice(sources.resolvePath(dir).length + 1).replaceAll('\\', '/');
    try {
      if (!(await inside(path))) throw new Error('it leads out of the folder .lasso');
      const text = await readFile(path);
      if (text === undefined) return undefined;
      // Somebody in a sandbox may be changing links meanwhile.
      if (!(await inside(path))) throw new Error('it leads out of the folder .lasso');
      read.set(path, { file: path, name, text });
      return text;
    } catch (error) {
      if (isMissing(error)) return undefined;
      read.set(path, { file: path, name, text: '' });
      throw error;
    }
  };
  return {
    owns,
    sources: {
      ...sources,
      hostGroups: sources.hostGroups,
      readFile: async (path) => {
        if (outside.has(path)) throw new Error('it lies outside the folder .lasso');
        return owns(path) ? readOwn(path) : sources.readFile(path);
      },
      resolvePath: (...parts) => {
        const path = sources.resolvePath(...parts);
        if (owns(parts[0] ?? '') && !owns(path)) outside.add(path);
        return path;
      },
    },
    explained: (finding) =>
      finding.code === 'unknown-base' && outside.size > 0
        ? {
            ...finding,
            message: `${finding.message}: a profile of a workspace builds on files of its folder .lasso, or on a profile by name`,
            hint: 'Copy the file into .lasso, or name a profile.',
          }
        : finding,
  };
}

function isMissing(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

function unreadable(file: string, error: unknown): Finding {
  const reason = error instanceof Error ? error.message : 'unknown reason';
  return {
    severity: 'error',
    code: 'unreadable',
    message: `This file of the workspace cannot be read: ${reason}`,
    hint: 'It must be a plain file inside the folder .lasso.',
    file,
    path: [],
    range: { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } },
  };
}
