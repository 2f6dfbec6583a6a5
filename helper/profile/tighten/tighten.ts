/**
 * The meet of what a user chose and what a workspace's own profile says: never more than the user's, in no respect. Only what
 * the workspace's files say counts, no default does. Pure; a workspace that asks for what it may not have is refused as a whole.
 */
import type { HostGroups } from '../../policy/network/rules.ts';
import type { Finding } from '../../protocol/finding.ts';
import { type Profile, profileSchema } from '../../protocol/profile/profile.ts';
import { type KeyPath, keyPathText } from '../key-path.ts';
import type { LoadedProfile } from '../load.ts';
import { commonPrograms, meetCommands, sameProgram } from './commands.ts';
import { meetNetwork } from './network.ts';
import { type Row, rows } from './rows.ts';
import {
  type Met,
  type Remark,
  common,
  commonRange,
  itemsOf,
  joined,
  joinedById,
  joinedByKey,
  leaf,
  sameValue,
  smaller,
  stronger,
  textOf,
  unchanged,
} from './values.ts';
import { baseTree, withChanges } from './tree.ts';
import type { Table, Tree } from '../tree.ts';

/** a profile of a workspace, its own chain merged */
export interface SaidProfile {
  readonly profile: Profile;
  /** what its files say */
  readonly tree: Table;
  /** whether a file is the workspace's; what it builds on may be the user's */
  readonly owns: (file: string) => boolean;
  /** read, this one first, then what it builds on */
  readonly files: readonly string[];
}

export type TightenBase = Pick<LoadedProfile, 'profile' | 'raw' | 'origins'>;

export interface Tightened {
  /** absent when a finding is an error; it bears the base's name */
  readonly result?: TightenBase;
  readonly findings: readonly Finding[];
}

/** items a list of a workspace may have */
const listLimit = 1000;

export function tighten(base: TightenBase, said: SaidProfile, groups: HostGroups): Tightened {
  const before = baseTree(base);
  const refusals: Finding[] = [];
  const remarks: Remark[] = [];
  const changes = new Map<string, Tree>();
  const take = (key: string, { value, remarks: found }: Met): void => {
    remarks.push(...found);
    if (value !== undefined) changes.set(key, value);
  };
  const asked = new Map(keysOf(said.tree));
  for (const [key, tree] of asked) {
    const path = key.split('.');
    const row = rowOf(key);
    if (itemsOf(tree).length > listLimit && said.owns(tree.origin.file))
      refusals.push(refusal('too-large', tree, path, `has more than ${listLimit} items, which is too many for the profile of a workspace`));
    else if (row.how === 'forbidden') {
      const found = refused(row, treeAt(before, path), tree, path, said);
      refusals.push(...found.refusals);
      if (found.value !== undefined) changes.set(key, found.value);
    } else take(key, meet(row, treeAt(before, path) ?? leaf(undefined, tree), tree, path, base.profile));
  }
  refusals.push(...allowRules(asked.get('network.rules'), said));
  if (refusals.length === 0) together(base, before, said, asked, groups, changes, remarks);
  const findings = [...refusals, ...remarks.filter(({ at }) => said.owns(at.origin.file)).map(information)];
  if (refusals.length > 0) return { findings };
  const result = withChanges(base, changes);
  const parsed = profileSchema.safeParse(result.raw);
  if (parsed.success) return { result: { ...result, profile: parsed.data }, findings };
  const message = `This cannot be held together with your profile: ${parsed.error.issues[0]?.message ?? 'unknown reason'}`;
  return { findings: [...findings, { ...refusal('cannot-combine', said.tree, [], ''), message }] };
}

/** What has no row may not be said. */
function rowOf(key: string): Row {
  return (Object.hasOwn(rows, key) ? rows[key] : undefined) ?? { how: 'forbidden', why: 'nobody knows how it would tighten' };
}

/** What the tree says, one entry a row; tables that have rows for their keys are opened. */
function keysOf(tree: Table): readonly (readonly [string, Tree])[] {
  return [...tree.entries].flatMap(([key, inner]) => {
    if (Object.hasOwn(rows, key) || inner.kind !== 'table') return [[key, inner] as const];
    return [...inner.entries].map(([name, value]) => [`${key}.${name}`, value] as const);
  });
}

function meet(row: Exclude<Row, { how: 'forbidden' }>, base: Tree, said: Tree, path: KeyPath, profile: Profile): Met {
  switch (row.how) {
    case 'own':
    case 'together':
      return unchanged;
    case 'minimum':
      return smaller(base, said, path, row.unlimited);
    case 'strongest':
      return stronger(base, said, path, row.order);
    case 'union':
      if (row.by === 'program') return joinedByKey(base, said, path, sameProgram);
      return row.by === 'id' ? joinedById(base, said, path) : joined(base, said, path);
    case 'intersection':
      switch (row.of) {
        case 'programs':
          return commonPrograms(base, said, path);
        case 'ranges':
          return common(base, said, path, (a, b) => commonRange(a, b, profile.network.blocked_cidrs));
        case 'repositories':
          return common(base, said, path, (a, b) => (textOf(a).toLowerCase() === textOf(b).toLowerCase() ? a : undefined));
      }
  }
}

function refused(
  row: Extract<Row, { how: 'forbidden' }>,
  base: Tree | undefined,
  said: Tree,
  path: KeyPath,
  { owns }: SaidProfile,
): { readonly value?: Tree; readonly refusals: readonly Finding[] } {
  if (row.unless !== undefined && said.kind === 'leaf' && said.value === row.unless) return { value: said, refusals: [] };
  // A map is refused entry by entry; one that is the base's own, or says nothing, takes nothing and gives nothing.
  const parts = said.kind === 'table' ? [...said.entries].map(([key, tree]) => ({ tree, at: [...path, key] })) : [{ tree: said, at: path }];
  const harmless = ({ tree, at }: (typeof parts)[number]): boolean => {
    const own = at.length === path.length ? base : base?.kind === 'table' ? base.entries.get(String(at.at(-1))) : undefined;
    return !owns(tree.origin.file) || (tree.kind === 'list' && tree.items.length === 0) || (own !== undefined && sameValue(own, tree));
  };
  return {
    refusals: parts
      .filter((part) => !harmless(part))
      .map(({ tree, at }) => refusal('not-for-a-workspace', tree, at, `may not be set by the profile of a workspace: ${row.why}`)),
  };
}

function allowRules(tree: Tree | undefined, { profile, owns }: SaidProfile): readonly Finding[] {
  return itemsOf(tree).flatMap((item, index) => {
    if (!owns(item.origin.file) || profile.network.rules[index]?.action !== 'allow') return [];
    const why = 'may not allow anything in the profile of a workspace: a rule here can only deny or ask';
    return [refusal('not-for-a-workspace', item, ['network', 'rules', index], why)];
  });
}

function together(
  base: TightenBase,
  before: Table,
  said: SaidProfile,
  asked: ReadonlyMap<string, Tree>,
  groups: HostGroups,
  changes: Map<string, Tree>,
  remarks: Remark[],
): void {
  const own = (key: string): Tree => treeAt(before, key.split('.')) ?? leaf(undefined, before);
  const mode = changes.get('mode');
  const lists = meetCommands(
    {
      mode: own('commands.mode'),
      whitelist: own('commands.whitelist'),
      blacklist: own('commands.blacklist'),
      observe_whitelist: own('commands.observe_whitelist'),
    },
    saidOf(asked, 'commands', ['mode', 'whitelist', 'blacklist', 'observe_whitelist']),
    {
      before: base.profile.mode,
      after: mode === undefined ? base.profile.mode : said.profile.mode,
      lowered: mode,
      assist: own('commands.assist_whitelist'),
    },
  );
  const network = meetNetwork(
    {
      network: base.profile.network,
      trees: {
        mode: own('network.mode'),
        allowed_domains: own('network.allowed_domains'),
        allowed_ports: own('network.allowed_ports'),
        unlisted: own('network.unlisted'),
        rules: own('network.rules'),
      },
    },
    {
      network: said.profile.network,
      trees: saidOf(asked, 'network', ['mode', 'allowed_domains', 'allowed_ports', 'unlisted', 'rules']),
    },
    groups,
  );
  for (const [key, tree] of Object.entries(lists.values)) changes.set(`commands.${key}`, tree);
  for (const [key, tree] of Object.entries(network.values)) changes.set(`network.${key}`, tree);
  remarks.push(...lists.remarks, ...network.remarks);
}

function saidOf<K extends string>(asked: ReadonlyMap<string, Tree>, section: string, keys: readonly K[]): Partial<Record<K, Tree>> {
  const said: Partial<Record<K, Tree>> = {};
  for (const key of keys) {
    const tree = asked.get(`${section}.${key}`);
    if (tree !== undefined) said[key] = tree;
  }
  return said;
}

function treeAt(tree: Tree, path: KeyPath): Tree | undefined {
  const [step, ...rest] = path;
  if (step === undefined) return tree;
  const inner = tree.kind === 'table' && typeof step === 'string' ? tree.entries.get(step) : undefined;
  return inner && treeAt(inner, rest);
}

function refusal(code: string, tree: Tree, path: KeyPath, what: string): Finding {
  const message = `${keyPathText(path)} ${what}`;
  const hint = 'Take it out here; whoever works with this workspace may put it into a profile of their own.';
  return { severity: 'error', code, message, hint, file: tree.origin.file, path: [...path], range: tree.origin.key };
}

function information({ at, path, message }: Remark): Finding {
  return { severity: 'information', code: 'no-effect', message, file: at.origin.file, path: [...path], range: at.origin.value };
}
