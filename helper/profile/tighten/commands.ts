/**
 * What two profiles' lists of programs allow together. Names are compared by asking the gate itself, so that a list never means
 * one thing here and another there.
 */
import { judgeProgram } from '../../policy/commands/judge.ts';
import type { CommandRules } from '../../policy/commands/rules.ts';
import type { ProfileMode } from '../../protocol/profile/profile.ts';
import type { KeyPath } from '../key-path.ts';
import { type Met, type Remark, idle, itemsOf, leaf, listOf, notAllowed, remark, sameValue, saidList, shown, textOf } from './values.ts';
import type { Tree } from '../tree.ts';

/** values of `[commands]` that are decided together; what a workspace does not say is absent */
export interface CommandLists<T = Tree> {
  readonly mode: T;
  readonly whitelist: T;
  readonly blacklist: T;
  readonly observe_whitelist: T;
}

export interface MetCommands {
  readonly values: Partial<CommandLists>;
  readonly remarks: readonly Remark[];
}

/**
 * @param modes the base's own mode, and the one that results: who may only look runs what both modes would have let run
 * `lowered`: where it was said, if they differ; `assist`: the base's `assist_whitelist`
 */
export function meetCommands(
  base: CommandLists,
  said: Partial<CommandLists>,
  modes: { readonly before: ProfileMode; readonly after: ProfileMode; readonly lowered: Tree | undefined; readonly assist: Tree },
): MetCommands {
  const lists = meetLists(base, said);
  const observe = said.observe_whitelist && commonPrograms(base.observe_whitelist, said.observe_whitelist, at('observe_whitelist'));
  const looking = observe?.value ?? base.observe_whitelist;
  const lowered = modes.before === 'assist' && modes.after === 'observe' ? modes.lowered : undefined;
  const both = lowered && listOf(commonItems(itemsOf(looking), itemsOf(modes.assist)), said.observe_whitelist ?? lowered);
  const narrowed = both && !sameValue(both, looking) ? both : observe?.value;
  return {
    values: { ...lists.values, ...(narrowed === undefined ? {} : { observe_whitelist: narrowed }) },
    remarks: [...lists.remarks, ...(observe?.remarks ?? [])],
  };
}

function meetLists(base: CommandLists, said: Partial<CommandLists>): MetCommands {
  const mode = said.mode && textOf(said.mode);
  // A list that the mode it stands beside does not consult says nothing.
  const only = mode === 'blacklist' ? undefined : said.whitelist && saidList(said.whitelist, at('whitelist'));
  const never = mode === 'whitelist' ? undefined : said.blacklist && saidList(said.blacklist, at('blacklist'));
  const banned = [...(never?.items ?? []), ...(only?.without ?? [])];
  const remarks: Remark[] = [
    ...(said.whitelist && only === undefined ? idle(said.whitelist, at('whitelist'), 'commands.mode is "blacklist"').remarks : []),
    ...(said.blacklist && never === undefined ? idle(said.blacklist, at('blacklist'), 'commands.mode is "whitelist"').remarks : []),
  ];
  const asked = only !== undefined && only.without === undefined ? only.items : undefined;
  if (textOf(base.mode) === 'whitelist') {
    if (said.mode && mode === 'blacklist') remarks.push(...idle(said.mode, at('mode'), 'your profile says "whitelist"').remarks);
    const before = itemsOf(base.whitelist);
    const common = asked && said.whitelist ? commonItems(before, asked) : before;
    if (asked) remarks.push(...asked.filter((item) => !allows(before, item)).map((item) => notAllowed(item, at('whitelist'))));
    const place = said.whitelist ?? said.blacklist ?? base.whitelist;
    const whitelist = listOf(without(common, banned), place);
    return { values: sameValue(whitelist, base.whitelist) ? {} : { whitelist }, remarks };
  }
  const place = said.mode ?? said.whitelist;
  if (asked === undefined && mode !== 'whitelist') return { ...ban(base, said, banned), remarks };
  const before = itemsOf(base.blacklist);
  const wanted = asked ?? itemsOf(base.whitelist);
  const kept = without(wanted, [...before, ...banned]);
  const lost = wanted.filter((item) => asked !== undefined && !kept.includes(item) && without([item], before).length === 0);
  remarks.push(...lost.map((item) => remark(item, at('whitelist'), `${shown(item)} has no effect here: your profile blacklists it`)));
  const origin = place ?? base.whitelist;
  return { values: { mode: leaf('whitelist', origin), whitelist: listOf(kept, said.whitelist ?? origin) }, remarks };
}

function ban(base: CommandLists, said: Partial<CommandLists>, banned: readonly Tree[]): Pick<MetCommands, 'values'> {
  const known = new Set(itemsOf(base.blacklist).map(shown));
  const added = banned.filter((item) => !known.has(shown(item)));
  if (added.length === 0) return { values: {} };
  return { values: { blacklist: listOf([...itemsOf(base.blacklist), ...added], said.blacklist ?? said.whitelist ?? base.blacklist) } };
}

const at = (key: keyof CommandLists): KeyPath => ['commands', key];

/** What both whitelists let run. */
export function commonPrograms(base: Tree, said: Tree, path: KeyPath): Met {
  const { items, without: gone } = saidList(said, path);
  const before = itemsOf(base);
  const kept = gone === undefined ? commonItems(before, items) : without(before, gone);
  const result = listOf(kept, said);
  return {
    ...(sameValue(result, base) ? {} : { value: result }),
    remarks: items.filter((item) => !allows(before, item)).map((item) => notAllowed(item, path)),
  };
}

/** The narrower name of each pair that means the same program; the base's where both do. */
function commonItems(base: readonly Tree[], said: readonly Tree[]): readonly Tree[] {
  const kept = base.filter((item) => allows(said, item));
  const narrower = said.filter((item) => !allows(kept, item) && allows(base, item));
  return [...kept, ...narrower];
}

/** Those that mean no program any of `banned` means. */
function without(items: readonly Tree[], banned: readonly Tree[]): readonly Tree[] {
  let kept = items.filter((item) => deniedBy(banned, item) === undefined);
  for (const item of banned)
    for (let found = deniedBy(kept, item); found !== undefined; found = deniedBy(kept, item)) {
      const index = found;
      kept = kept.filter((_, other) => other !== index);
    }
  return kept;
}

/** Whether a whitelist lets a program of this name run. */
function allows(list: readonly Tree[], name: Tree): boolean {
  const text = textOf(name);
  if (list.some((item) => textOf(item) === text)) return true;
  return judgeProgram([text], { ...open, list: 'whitelist', whitelist: list.map(textOf) }).rule !== 'commands.whitelist';
}

/** Index of the item that bans a program of this name. */
function deniedBy(list: readonly Tree[], name: Tree): number | undefined {
  const index = /^commands\.blacklist\[(\d+)\]$/.exec(
    judgeProgram([textOf(name)], { ...open, blacklist: list.map(textOf) }).rule ?? '',
  )?.[1];
  return index === undefined ? undefined : Number(index);
}

/** Whether two names mean the same program to the gate, or one of them means the other as well. */
export function sameProgram(a: string, b: string): boolean {
  const bans = (banned: string, name: string): boolean =>
    judgeProgram([name], { ...open, blacklist: [banned] }).rule === 'commands.blacklist[0]';
  return a === b || bans(a, b) || bans(b, a);
}

/** rules that ban nothing by themselves, so that only the list in question speaks */
const open: CommandRules = {
  mode: 'autonomous',
  list: 'blacklist',
  whitelist: [],
  blacklist: [],
  observeWhitelist: [],
  assistWhitelist: [],
  workspaceOnly: [],
  blockedArguments: new Map(),
  askedArguments: new Map(),
  unaskedArguments: new Map(),
  shellOperators: true,
  undecided: 'exec',
  hidesGitHistory: false,
  guarded: [],
};
