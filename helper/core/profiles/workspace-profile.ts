/** What a folder brings, held against what the user chose and against what a person has said about it before. Changes nothing. */
import { realpath } from 'node:fs/promises';
import { type LoadedProfile, profileDigest } from '../../profile/load.ts';
import { diffPolicies } from '../../profile/diff/diff.ts';
import { type SaidProfile, tighten } from '../../profile/tighten/tighten.ts';
import { type WorkspaceReader, type WorkspaceReading, readWorkspace, workspaceProfilePath } from '../../profile/workspace.ts';
import type { ProfileSources } from '../../profile/sources.ts';
import type { Finding } from '../../protocol/finding.ts';
import type { WorkspaceProfile } from '../../protocol/profile-operations.ts';
import type { ProfilePlaces } from './places.ts';
import { readTextFile } from './profiles.ts';
import { type Opinion, type TrustSubject, opinionOn } from './trust.ts';

export interface ConsideredWorkspace {
  readonly workspace: WorkspaceProfile;
  /** what would hold; absent where it brings nothing that can be used */
  readonly tightened?: LoadedProfile;
  /** what was read, which is what a person may agree to */
  readonly reading: WorkspaceReading;
}

const readerOf = (dir: string): WorkspaceReader => ({ dir, readFile: readTextFile, realPath: (path) => realpath(path) });

/** Whether a workspace has a profile of this name, readable or not. */
export async function bringsNamed(dir: string, name: string, sources: ProfileSources): Promise<boolean> {
  return realpath(sources.resolvePath(dir, ...workspaceProfilePath(name))).then(
    () => true,
    () => false,
  );
}

/** @param subject its `wanted` is the profile that was asked for */
export async function considerWorkspace(
  base: LoadedProfile,
  subject: TrustSubject & { readonly wanted: string },
  { sources, folders }: Pick<ProfilePlaces, 'sources' | 'folders'>,
): Promise<ConsideredWorkspace> {
  const reading = await readWorkspace(readerOf(subject.workspace), subject.name, sources);
  const opinion = await opinionOn(subject, folders);
  if (reading.files.length === 0) return { ...(await withoutAny(base, subject, opinion, sources)), reading };
  const held = holdTogether(base, reading.said, sources);
  const shadow = await shadowed(subject, sources);
  const findings = [...reading.findings, ...held.findings, ...shadow].filter(
    ({ severity, code }) => severity !== 'information' || code === 'no-effect' || code === 'shadowed',
  );
  let changes: WorkspaceProfile['changes'] | undefined;
  const workspace: WorkspaceProfile = {
    state: stateOf(reading.digest, findings, opinion),
    digest: reading.digest,
    files: filesOf(reading, opinion),
    // Only a person reads them, and every start of a sandbox comes by here.
    get changes() {
      changes ??= held.tightened ? [...diffPolicies(base, held.tightened, sources.hostGroups)] : [];
      return changes;
    },
    findings: [...findings],
  };
  return { workspace, reading, ...(held.tightened ? { tightened: held.tightened } : {}) };
}

function stateOf(digest: string, findings: readonly Finding[], { approved, declined }: Opinion): WorkspaceProfile['state'] {
  if (digest === declined?.digest) return 'declined';
  if (findings.some(({ severity }) => severity === 'error')) return 'broken';
  if (digest === approved?.digest) return 'approved';
  return approved === undefined ? 'new' : 'changed';
}

function filesOf({ files }: Pick<WorkspaceReading, 'files'>, { approved }: Opinion): WorkspaceProfile['files'] {
  const before = approved?.files ?? [];
  const present = files.map(({ file, name, text }) => {
    const earlier = before.find((other) => other.name === name);
    return { file, text, ...(earlier === undefined ? {} : { approved: earlier.text }) };
  });
  const gone = before.filter(({ name }) => !files.some((file) => file.name === name));
  return [...present, ...gone.map(({ file, text }) => ({ file, text: '', approved: text }))];
}

/** What was approved and is not there any more may have been taken away by what it held back. */
async function withoutAny(
  base: LoadedProfile,
  subject: TrustSubject,
  opinion: Opinion,
  sources: ProfileSources,
): Promise<Pick<ConsideredWorkspace, 'workspace'>> {
  const { approved } = opinion;
  if (approved === undefined) return { workspace: { state: 'none', files: [], changes: [], findings: [] } };
  const texts = new Map(approved.files.map(({ name, text }) => [sources.resolvePath(subject.workspace, name), text]));
  const reader = { dir: subject.workspace, readFile: async (path: string) => texts.get(path), realPath: async (path: string) => path };
  const { said } = await readWorkspace(reader, subject.name, sources);
  const { tightened } = holdTogether(base, said, sources);
  return {
    workspace: {
      state: 'gone',
      digest: sources.hash('[]'),
      files: filesOf({ files: [] }, opinion),
      changes: tightened ? [...diffPolicies(tightened, base, sources.hostGroups)] : [],
      findings: [],
    },
  };
}

/** The base tightened by each in turn; absent where one of them may not be used, or there is none. */
function holdTogether(
  base: LoadedProfile,
  said: readonly SaidProfile[],
  sources: ProfileSources,
): { readonly tightened?: LoadedProfile; readonly findings: readonly Finding[] } {
  const findings: Finding[] = [];
  let held = base;
  for (const one of said) {
    const { result, findings: found } = tighten(held, one, sources.hostGroups);
    findings.push(...found);
    if (result === undefined) return { findings };
    held = { ...held, ...result, files: [...held.files, ...one.files.filter((file) => !held.files.includes(file))] };
  }
  if (said.length === 0) return { findings };
  return { tightened: { ...held, digest: profileDigest(held.profile, sources) }, findings };
}

async function shadowed(subject: TrustSubject & { readonly wanted: string }, sources: ProfileSources): Promise<readonly Finding[]> {
  const { workspace, name, wanted } = subject;
  if (name !== undefined || wanted === '' || /[/\\]|\.toml$/.test(wanted) || !(await bringsNamed(workspace, wanted, sources))) return [];
  return [
    {
      severity: 'information',
      code: 'shadowed',
      message: `The workspace's profile ${JSON.stringify(wanted)} is ignored: there is one of that name already`,
      hint: 'Give it another name.',
      file: sources.resolvePath(workspace, ...workspaceProfilePath(wanted)),
      path: [],
      range: { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } },
    },
  ];
}
