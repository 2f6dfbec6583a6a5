/**
 * A profile's text and those it builds on, read and located, one after the other. What stops the reading comes back as a finding;
 * the texts may be hostile, so their number is bounded.
 */
import type { Finding, Fix, Range } from '../protocol/finding.ts';
import { locate } from './locate.ts';
import { findProfile, profileNames } from './lookup.ts';
import { nearestName } from './nearest.ts';
import { parseText } from './parse.ts';
import type { ProfileDocument, ProfileSources } from './sources.ts';
import { type Table, treeOf } from './tree.ts';

/** profiles that may build on one another */
const chainLimit = 8;

export interface Chain {
  /** this one first */
  readonly trees: readonly Table[];
  readonly findings: readonly Finding[];
  readonly files: readonly string[];
  /** by file */
  readonly texts: ReadonlyMap<string, string>;
  /** whether nothing is missing: every text was read, every base found */
  readonly complete: boolean;
}

export async function readChain(first: Omit<ProfileDocument, 'source'>, sources: ProfileSources): Promise<Chain> {
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
