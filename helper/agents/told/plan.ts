/**
 * What is to become of agents' files in a workspace: which texts, and what is written down about them. Pure: it is given what is there
 * and gives what shall be there, so that it can be shown before anything is touched.
 */
import type { AgentFileChange, AgentFinding, AgentName } from '../../protocol/agent.ts';
import { agentNames } from '../../protocol/agent.ts';
import type { Agent } from '../agent.ts';
import type { Brief } from '../brief.ts';
import { combine, type CombinedFile } from './combine.ts';
import { believed, type KnownFiles, knownFiles } from './known-files.ts';
import { type FileRecord, type Manifest, manifestPath, manifestText, readManifest } from './manifest.ts';
import { mergeFile, stillThere, takeOutFile } from '../merging/merge.ts';
import { digestOf } from '../merging/marks.ts';
import { isRefusal, type Mark } from '../merging/outcome.ts';

/** what lies at a path of the workspace */
export interface Present {
  /** null: nothing, or nothing that can be read */
  readonly text: string | null;
  /** why it is left alone */
  readonly reason?: string;
  /** folders above it that are not there */
  readonly missing: readonly string[];
}

export interface PlanWish {
  readonly agents: Readonly<Record<AgentName, Agent>>;
  readonly brief: Brief;
  /** none: those that were told before, for taking out; the caller finds them for telling */
  readonly names: readonly AgentName[];
  readonly remove: boolean;
  readonly present: ReadonlyMap<string, Present>;
  /** whether this user's own LASSO wrote the notes that are there */
  readonly own: boolean;
}

export interface FilesPlan {
  readonly agents: readonly AgentName[];
  readonly files: readonly AgentFileChange[];
  readonly findings: readonly AgentFinding[];
  /** folders that go when nothing is left in them, innermost first */
  readonly emptied: readonly string[];
  /** what is written down while files change, so that one that was not reached is known again */
  readonly journal: string | null;
  readonly digest: string;
}

/** Every path that must be looked at first. */
export const pathsToLookAt = (agents: Readonly<Record<AgentName, Agent>>, brief: Brief): readonly string[] => [
  manifestPath,
  ...knownFiles(agents, brief).keys(),
];

export function planFiles(wish: PlanWish): FilesPlan {
  const { agents, brief, names, remove, present } = wish;
  const state = stateOf(wish);
  const { manifest, records } = state;
  const told = toldBefore(state);
  const gone = remove ? (names.length === 0 ? (told.length === 0 ? [...agentNames] : told) : names) : [];
  const speaking = agentNames.filter((name) =>
    remove ? told.includes(name) && !gone.includes(name) : told.includes(name) || names.includes(name),
  );
  const rendered = speaking.map((name) => [name, agents[name].render(brief)] as const);
  const wanted = combine(rendered.map(([name, { files }]) => [name, files]));
  const mark: Mark = { profile: brief.profile.name, digest: brief.profile.digest };
  const paths = new Set([...wanted.keys(), ...records.keys(), ...(remove ? pathsOf(agents, gone, brief) : [])]);
  const outcomes = [...paths].map((path) => outcomeAt(path, { present, records, wanted, remove, gone, mark }));
  const kept = outcomes.flatMap(({ record }) => (record ? [record] : []));
  const next: Manifest | undefined =
    kept.length === 0 ? undefined : { profile: remove && manifest ? manifest.profile : mark, agents: speaking, files: kept };
  const after = next ? manifestText(next) : null;
  const files = [...outcomes.flatMap(({ change }) => (change ? [change] : [])), ...manifestChange(present.get(manifestPath), after)];
  const findings = remove
    ? []
    : rendered.flatMap(([name, { findings: found }]) => (names.length === 0 || names.includes(name) ? found : []));
  return {
    agents: remove ? gone.filter((name) => told.includes(name) || names.includes(name)) : speaking,
    files,
    findings: distinct([...state.findings, ...outcomes.flatMap(({ notes }) => notes), ...findings]),
    emptied: outcomes.flatMap(({ emptied }) => emptied).sort((a, b) => b.length - a.length),
    journal: journalOf(next, records),
    digest: digestOf(JSON.stringify([remove, files])),
  };
}

interface State {
  readonly manifest: Manifest | undefined;
  readonly records: ReadonlyMap<string, FileRecord>;
  readonly known: KnownFiles;
  readonly findings: readonly AgentFinding[];
}

export function stateOf({ agents, brief, present, own }: Pick<PlanWish, 'agents' | 'brief' | 'present' | 'own'>): State {
  const text = present.get(manifestPath)?.text ?? null;
  const manifest = text === null ? undefined : readManifest(text);
  const known = knownFiles(agents, brief);
  const told = agentNames.filter((name) => manifest?.agents.includes(name) === true);
  const combined = combine(told.map((name) => [name, agents[name].render(brief).files]));
  const rendered = new Map([...combined].flatMap(([path, { file }]) => (file.kind === 'values' ? [[path, file.value] as const] : [])));
  const records = believed(manifest, known, { textOf: (path) => present.get(path)?.text ?? null, rendered, own });
  const lost = text !== null && (manifest === undefined || manifest.files.length > records.size);
  const finding: AgentFinding = {
    severity: 'warning',
    code: 'notes-not-believed',
    file: manifestPath,
    message: 'What it says LASSO wrote here is not, or not all, what LASSO writes',
    hint: 'Only marked parts are replaced or taken out; look at the other files yourself.',
  };
  return { manifest, records, known, findings: lost ? [finding] : [] };
}

export const toldBefore = ({ manifest, records }: State): readonly AgentName[] => {
  const read = new Set([...records.values()].flatMap(({ agents }) => agents));
  return agentNames.filter((name) => manifest?.agents.includes(name) === true && read.has(name));
};

/** Where these agents may have been told something that nobody wrote down. */
const pathsOf = (agents: PlanWish['agents'], names: readonly AgentName[], brief: Brief): Iterable<string> =>
  knownFiles(Object.fromEntries(names.map((name) => [name, agents[name]])), brief).keys();

interface Facts {
  readonly present: PlanWish['present'];
  readonly records: ReadonlyMap<string, FileRecord>;
  readonly wanted: ReadonlyMap<string, CombinedFile>;
  readonly remove: boolean;
  readonly gone: readonly AgentName[];
  readonly mark: Mark;
}

interface Outcome {
  readonly change?: AgentFileChange;
  readonly record?: FileRecord;
  readonly notes: readonly AgentFinding[];
  readonly emptied: readonly string[];
}

function outcomeAt(path: string, facts: Facts): Outcome {
  const record = facts.records.get(path);
  const there = facts.present.get(path) ?? { text: null, missing: [] };
  const combined = facts.wanted.get(path);
  const untouched: Outcome = { ...(record ? { record } : {}), notes: [], emptied: [] };
  if (facts.remove && record && !record.agents.some((agent) => facts.gone.includes(agent))) return untouched;
  // Taking one agent out changes only what it shares with others.
  if (facts.remove && combined && !record) return untouched;
  return combined ? written(path, combined, there, facts, record) : takenOut(path, there, facts, record);
}

function written(path: string, { file, agents }: CombinedFile, there: Present, { mark }: Facts, record: FileRecord | undefined): Outcome {
  const refused = (reason: string): Outcome => ({
    change: { path, agents: [...agents], change: 'refused', before: there.text, after: there.text, reason },
    ...(record ? { record } : {}),
    notes: [],
    emptied: [],
  });
  if (there.reason !== undefined) return refused(there.reason);
  const merged = mergeFile(there.text, file, mark, record);
  if (isRefusal(merged)) return refused(merged.refused);
  const change = there.text === null ? 'create' : there.text === merged.text ? 'same' : 'update';
  const folders = [...new Set([...(record?.folders ?? []), ...there.missing])];
  return {
    change: { path, agents: [...agents], change, before: there.text, after: merged.text },
    record: { path, agents: [...agents], folders, ...merged.record },
    notes: record && there.text !== null && change === 'update' && !stillThere(there.text, record) ? [edited(path, 'is replaced')] : [],
    emptied: [],
  };
}

function takenOut(path: string, there: Present, { remove }: Facts, record: FileRecord | undefined): Outcome {
  const nothing: Outcome = { notes: [], emptied: record?.folders ?? [] };
  const agents = record?.agents ?? [];
  if (!remove && !record) return nothing;
  if (there.reason !== undefined && record)
    return { change: { path, agents, change: 'refused', before: null, after: null, reason: there.reason }, record, notes: [], emptied: [] };
  if (there.text === null) return nothing;
  const left = takeOutFile(there.text, record);
  if (isRefusal(left)) {
    if (!record) return nothing;
    const reason = left.refused;
    return { change: { path, agents, change: 'refused', before: there.text, after: there.text, reason }, record, notes: [], emptied: [] };
  }
  if (left.text === there.text) return nothing;
  const change = left.text === null ? 'delete' : 'update';
  const notes = record && !stillThere(there.text, record) ? [edited(path, 'goes, where it stands in LASSO’s part')] : [];
  return { ...nothing, change: { path, agents, change, before: there.text, after: left.text }, notes };
}

const edited = (file: string, what: string): AgentFinding => ({
  severity: 'warning',
  code: 'edited',
  file,
  message: `What LASSO wrote there was changed since; that change ${what}`,
  hint: 'Look at the difference before you agree.',
});

function manifestChange(there: Present | undefined, after: string | null): readonly AgentFileChange[] {
  const before = there?.text ?? null;
  const common = { path: manifestPath, agents: [] };
  if (there?.reason !== undefined) return [{ ...common, change: 'refused', before: null, after: null, reason: there.reason }];
  if (before === null && after === null) return [];
  const change = before === after ? 'same' : before === null ? 'create' : after === null ? 'delete' : 'update';
  return [{ ...common, change, before, after }];
}

function journalOf(next: Manifest | undefined, records: ReadonlyMap<string, FileRecord>): string | null {
  if (!next) return null;
  const files = next.files.map((record) => {
    const earlier = records.get(record.path);
    return earlier && earlier.text !== record.text ? { ...record, earlier } : record;
  });
  return manifestText({ ...next, files });
}

const distinct = (findings: readonly AgentFinding[]): readonly AgentFinding[] => [
  ...new Map(findings.map((finding) => [JSON.stringify(finding), finding])).values(),
];
