/**
 * One profile's text, with all it builds on, understood as far as it can be: findings always, the profile when none of them
 * is an error. Never throws on what a text says; the text may be hostile.
 */
import type { Finding } from '../protocol/finding.ts';
import type { Profile } from '../protocol/profile/profile.ts';
import { readChain } from './chain.ts';
import { diagnose } from './diagnose.ts';
import { type Edits, editsOf } from './edits.ts';
import { extend } from './extend.ts';
import { deprecatedFindings } from './lint/deprecated.ts';
import { lint } from './lint/lint.ts';
import { soundPart } from './lint/sound.ts';
import { textsAt } from './lint/subject.ts';
import type { ProfileDocument, ProfileSources } from './sources.ts';
import type { Table } from './tree.ts';
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
