/**
 * What help for one open profile starts from: its text as far as it can be read, and what it builds on. Nothing here judges,
 * and the base is read again only when one of its files says something else.
 */
import { checkProfile } from '../check.ts';
import { extend } from '../extend.ts';
import type { KeyPath } from '../key-path.ts';
import { findProfile } from '../lookup.ts';
import { positionsOf, type Positions } from '../positions.ts';
import type { ProfileDocument, ProfileSources } from '../sources.ts';
import type { Table, Tree } from '../tree.ts';
import { draftOf, treeAt } from './draft.ts';
import type { Outline } from './outline-parts.ts';
import { outlineOf } from './outline.ts';

export interface Base {
  readonly document: ProfileDocument;
  /** with all that it builds on itself; absent when its text cannot be read */
  readonly tree: Table | undefined;
  readonly description: string;
}

export interface Reading {
  readonly file: string;
  readonly text: string;
  readonly outline: Outline;
  readonly positions: Positions;
  /** what this file says */
  readonly draft: Table;
  /** what it builds on */
  readonly base: Base | undefined;
  /** what both say together, before defaults */
  readonly effective: Table;
  readonly sources: ProfileSources;
}

/** A base, read once for every text it and its own bases have. */
export interface BaseReader {
  /** Undefined where there is none that can be read. Never rejects. */
  read(reference: string, from: string): Promise<Base | undefined>;
}

interface Kept {
  readonly base: Base;
  /** what was read for it */
  readonly texts: ReadonlyMap<string, string | undefined>;
}

/** bases that are kept */
const keptLimit = 50;

export function baseReader(sources: ProfileSources): BaseReader {
  const kept = new Map<string, Kept>();
  const holds = async ({ texts }: Kept): Promise<boolean> => {
    for (const [file, text] of texts) if ((await sources.readFile(file)) !== text) return false;
    return true;
  };
  const read = async (reference: string, from: string): Promise<Base | undefined> => {
    const name = JSON.stringify([reference, from]);
    const before = kept.get(name);
    if (before && (await holds(before))) return before.base;
    const texts = new Map<string, string | undefined>();
    const watched: ProfileSources = {
      ...sources,
      readFile: async (path) => {
        const text = await sources.readFile(path);
        texts.set(path, text);
        return text;
      },
    };
    const document = await findProfile(reference, watched, from);
    if (document === undefined) return undefined;
    const { tree } = await checkProfile(document, watched);
    const description = treeAt(tree, ['description']);
    const told = description?.kind === 'leaf' && typeof description.value === 'string' ? description.value : '';
    const base: Base = { document, tree, description: told };
    if (kept.size >= keptLimit) kept.clear();
    kept.set(name, { base, texts });
    return base;
  };
  return { read: (reference, from) => read(reference, from).catch(() => undefined) };
}

export async function readingOf(file: string, text: string, sources: ProfileSources, bases: BaseReader): Promise<Reading> {
  const outline = outlineOf(text);
  const positions = positionsOf(text);
  const draft = draftOf(outline, positions, file);
  const named = treeAt(draft, ['extends']);
  const base = named?.kind === 'leaf' && typeof named.value === 'string' ? await bases.read(named.value, file) : undefined;
  return { file, text, outline, positions, draft, base, effective: extend(base?.tree, draft).tree, sources };
}

/** `standard.toml:12`: enough to recognise a place by. */
export function placeText({ origin: { file, line }, assumed }: Pick<Tree, 'origin' | 'assumed'>): string {
  return assumed ? 'the default' : `${fileName(file)}:${line}`;
}

export const fileName = (file: string): string => file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);

/** What stands at a place before this file says anything. Entries of lists are added, so nothing stands where an index leads. */
export function inheritedAt({ base }: Pick<Reading, 'base'>, path: KeyPath): Tree | undefined {
  return path.some((step) => typeof step === 'number') ? undefined : treeAt(base?.tree, path);
}

/** Items of the list at a place; empty where there is none. */
export function itemsOf(tree: Tree | undefined): readonly Tree[] {
  return tree?.kind === 'list' ? tree.items : [];
}
