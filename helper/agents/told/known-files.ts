/**
 * Which files of a workspace LASSO may ever touch: those some agent's renderer names, under the profile at hand or one that says
 * everything a profile can say. What was written down about any other file is not believed.
 */
import type { Agent, GeneratedFile, JsonObject } from '../agent.ts';
import type { Brief } from '../brief.ts';
import type { FileRecord, Manifest } from './manifest.ts';
import { digestOf } from '../merging/marks.ts';
import { common, isObject } from '../merging/values.ts';

interface KnownFile {
  readonly kinds: ReadonlySet<string>;
  /** names of values on the outside of the file */
  readonly keys: ReadonlySet<string>;
}

export interface Belief {
  readonly textOf: (path: string) => string | null;
  readonly rendered: ReadonlyMap<string, JsonObject>;
  /** whether this user's own LASSO wrote the notes */
  readonly own: boolean;
}

export type KnownFiles = ReadonlyMap<string, KnownFile>;

export function knownFiles(agents: Readonly<Record<string, Agent>>, brief: Brief): KnownFiles {
  const known = new Map<string, { kinds: Set<string>; keys: Set<string> }>();
  for (const agent of Object.values(agents))
    for (const file of [brief, everything, everythingElse].flatMap((each) => agent.render(each).files)) {
      const there = known.get(file.path) ?? { kinds: new Set(), keys: new Set() };
      there.kinds.add(kindOf(file));
      if (file.kind === 'values') for (const key of Object.keys(file.value)) there.keys.add(key);
      known.set(file.path, there);
    }
  return known;
}

/**
 * Records about known files that only speak of what LASSO puts there, by path. Where writing was cut short, the one that fits the text.
 * Notes this user's LASSO did not write are believed about what it would put there itself, and bring nothing back.
 * @param rendered what is put into each file by the profile at hand
 */
export function believed(
  manifest: Manifest | undefined,
  known: KnownFiles,
  { textOf, rendered, own }: Belief,
): ReadonlyMap<string, FileRecord> {
  const records = new Map<string, FileRecord>();
  for (const { earlier, ...record } of manifest?.files ?? []) {
    const text = textOf(record.path);
    const fitting = earlier && text !== null && digestOf(text) === earlier.text ? { ...earlier, path: record.path } : record;
    const file = known.get(record.path);
    if (file && !records.has(record.path) && isCredible(fitting, file))
      records.set(record.path, own ? fitting : narrowed(fitting, rendered.get(record.path)));
  }
  return records;
}

/** A record of somebody else's: a value is taken out where LASSO would put the same one, and kept where it was there before. */
function narrowed(record: FileRecord, rendered: JsonObject | undefined): FileRecord {
  const { put, was } = record;
  const ours = common(put, rendered);
  const kept = common(was, put);
  return { ...record, undo: undefined, put: put && (isObject(ours) ? ours : {}), was: isObject(kept) ? kept : undefined };
}

function isCredible({ path, kind, form, put = {}, was = {}, folders }: FileRecord, known: KnownFile): boolean {
  return (
    known.kinds.has(kind === 'values' ? `values ${form ?? ''}` : kind) &&
    [...Object.keys(put), ...Object.keys(was)].every((key) => known.keys.has(key)) &&
    folders.every((folder) => path.startsWith(`${folder}/`))
  );
}

const kindOf = (file: GeneratedFile): string => (file.kind === 'values' ? `values ${file.form}` : file.kind);

const everything: Brief = {
  profile: { name: 'all', digest: '', mode: 'autonomous' },
  commands: {
    denied: ['dd'],
    deniedArguments: [{ program: 'git', words: 'push', rule: 'commands.blocked_args.git[0]' }],
    asked: [{ program: 'npm', words: 'publish', rule: 'commands.ask_args.npm[0]' }],
    allowed: null,
    workspaceOnly: ['rm'],
    operators: false,
  },
  files: { writable: false, hidden: ['.env'], readonly: ['LICENSE'], guarded: ['.git/hooks/'] },
  network: {
    mode: 'restricted',
    allowed: ['one.example'],
    blocked: ['two.example'],
    finer: ['network.rules[0]'],
    asksUnlisted: true,
    groups: ['npm'],
  },
  rules: [{ id: 'one', text: 'Be careful.', severity: 'critical' }],
};
const everythingElse: Brief = {
  ...everything,
  commands: { ...everything.commands, denied: [], allowed: ['ls'] },
  files: { ...everything.files, writable: true },
  network: { ...everything.network, mode: 'none', allowed: [] },
};
