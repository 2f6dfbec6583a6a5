/**
 * One profile's text, with all it builds on, understood as far as it can be: findings always, the profile when none of them
 * is an error. Never throws on what a text says; the text may be hostile.
 */
import type { Finding, Fix, Range } from '../protocol/finding.ts';
import type { Profile } from '../protocol/profile/profile.ts';
import { diagnose } from './diagnose.ts';
import { type Edits, editsOf } from './edits.ts';
import { extend } from './extend.ts';
import { deprecatedFindings } from './lint/deprecated.ts';
import { lint } from './lint/lint.ts';
import { soundPart } from './lint/sound.ts';
import { textsAt } from './lint/subject.ts';
import { locate } from './locate.ts';
import { findProfile, profileNames } from './lookup.ts';
import { nearestName } from './nearest.ts';
import { parseText } from './parse.ts';
import type { ProfileDocument, ProfileSources } from './sources.ts';
import { type Table, treeOf } from './tree.ts';
import { unenforcedFindings } from './unenforced.ts';

export interface ProfileCheck {
  /** absent when a finding is an error */
  readonly profile?: Profile;
  /** what the files say together, before defaults; absent when a text could not be read */
  readonly tree?: Table;
  readonly findings: readonly Finding[];
  /** files read, this one first, then what it builds on */
  readonly files: readonly string[];
}

/** profiles that may build on one another */
const chainLimit = 8;

interface Chain {
  /** this one first */
  readonly trees: readonly Table[];
  readonly findings: readonly Finding[];
  readonly files: readonly string[];
  /** by file */
  readonly texts: ReadonlyMap<string, string>;
  readonly complete: boolean;
}

export async function checkProfile(document: Omit<ProfileDocument, 'source'>, sources: ProfileSources): Promise<ProfileCheck> {
  const { trees, files, texts, complete, findings: reading } = await readChain(document, sources);
  const edits = editsOf(texts);
  const findings = [...reading];
  const result = (rest: Omit<ProfileCheck, 'findings' | 'files'>): ProfileCheck => ({ ...rest, findings: sorted(findings, files), files });
  let tree: Table | undefined;
  for (const layer of trees.toReversed()) {
    const extended = extend(tree, layer);
    tree = extended.tree;
    findings.push(...extended.findings.map((finding) => withRemoval(finding, edits)));
  }
  if (tree === undefined) return result({});
  const diagnosis = diagnose(tree, edits);
  findings.push(...diagnosis.findings);
  for (const layer of trees) findings.push(...unenforcedFindings(layer), ...deprecatedFindings(layer, edits));
  // Without all it builds on, what a profile says as a whole is not known.
  const whole = complete ? soundPart(tree, diagnosis) : undefined;
  if (whole) {
    const machine = await sources.machine?.().catch(() => undefined);
    const fileName = ownName(document.file, sources);
    findings.push(
      ...lint({
        ...whole,
        files,
        edits,
        groups: sources.hostGroups,
        tightens: fileName === undefined && /[/\\]\.lasso[/\\](?:profile|profiles[/\\][^/\\]+)\.toml$/.test(document.file),
        baseTags: trees[1] === undefined ? [] : textsAt(trees[1], ['tags']).map(({ text }) => text),
        ...(fileName === undefined ? {} : { fileName }),
        ...(machine === undefined ? {} : { machine }),
      }),
    );
  }
  const sound = complete && diagnosis.profile && !findings.some(({ severity }) => severity === 'error');
  return result(sound ? { profile: diagnosis.profile, tree } : { tree });
}

/** Remarks on lists are settled by taking the item out that says nothing, or by saying what an empty list does not. */
function withRemoval(finding: Finding, edits: Edits): Finding {
  if (finding.file === undefined) return finding;
  if (finding.code === 'empty-list') return { ...finding, fixes: [edits.replaced('Empty it', finding.range, '["!*"]')] };
  const fix = edits.itemRemoved('Remove it', finding.file, finding.range);
  return fix === undefined ? finding : { ...finding, fixes: [fix] };
}

/** The name by which a file of the user's is found; undefined elsewhere. */
function ownName(file: string, sources: ProfileSources): string | undefined {
  const folder = sources.resolvePath(file, '..');
  if (!file.endsWith('.toml') || !sources.userFolders.some((own) => sources.resolvePath(own) === folder)) return undefined;
  return file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1, -'.toml'.length);
}

async function readChain(first: Omit<ProfileDocument, 'source'>, sources: ProfileSources): Promise<Chain> {
  const trees: Table[] = [];
  const files: string[] = [];
  const texts = new Map<string, string>();
  const stop = (finding?: Finding): Chain => ({ trees, files, texts, findings: finding ? [finding] : [], complete: finding === undefined });
  let next: Omit<ProfileDocument, 'source'> = first;
  for (;;) {
    const parsed = parseText(next.text, next.file);
    files.push(next.file);
    texts.set(next.file, next.text);
    if (!parsed.ok) return stop(parsed.finding);
    const tree = treeOf(parsed.raw, locate(next.text), next.file);
    trees.push(tree);
    const base = tree.entries.get('extends');
    if (base?.kind !== 'leaf' || typeof base.value !== 'string' || base.value === '') return stop();
    const reference = base.value;
    const fail = (code: string, message: string, hint?: string, instead?: string): Chain =>
      stop({
        ...atBase(base.origin, code, message, hint),
        ...(instead === undefined ? {} : { fixes: [renamed(base.origin.value, instead)] }),
      });
    let found: ProfileDocument | undefined;
    try {
      found = await findProfile(reference, sources, next.file);
    } catch {
      return fail('unknown-base', `The profile ${JSON.stringify(reference)} cannot be read`, 'Check the permissions of its file.');
    }
    if (found === undefined && selfNamed(tree, reference))
      return fail('cycle', `The profile builds on itself: ${[...files, next.file].join(' → ')}`, 'Name another profile.');
    if (found === undefined) {
      const near = nearestName(reference, await profileNames(sources).catch(() => []));
      return fail(
        'unknown-base',
        `There is no profile ${JSON.stringify(reference)}`,
        near && `Did you mean ${JSON.stringify(near)}?`,
        near,
      );
    }
    if (files.includes(found.file))
      return fail(
        'cycle',
        `The profiles build on one another in a circle: ${[...files, found.file].join(' → ')}`,
        'Take one “extends” out.',
      );
    if (files.length >= chainLimit) {
      const chain = [...files, found.file].join(' → ');
      return fail('too-many-levels', `Too many profiles build on one another, ${chainLimit} are the most: ${chain}`);
    }
    next = found;
  }
}

/** In reading order, this file before what it builds on. */
function sorted(findings: readonly Finding[], files: readonly string[]): readonly Finding[] {
  const place = ({ file, range: { start } }: Finding): readonly number[] => [files.indexOf(file ?? ''), start.line, start.character];
  return findings.toSorted(
    (a, b) =>
      place(a)
        .map((number, index) => number - (place(b)[index] ?? 0))
        .find((step) => step !== 0) ?? 0,
  );
}

function selfNamed(tree: Table, reference: string): boolean {
  const name = tree.entries.get('name');
  return name?.kind === 'leaf' && name.value === reference;
}

const renamed = (range: Range, name: string): Fix => ({
  title: `Use ${JSON.stringify(name)}`,
  edits: [{ range, text: JSON.stringify(name) }],
});

function atBase(origin: { readonly file: string; readonly value: Range }, code: string, message: string, hint?: string): Finding {
  return { severity: 'error', code, message, ...(hint ? { hint } : {}), file: origin.file, path: ['extends'], range: origin.value };
}
