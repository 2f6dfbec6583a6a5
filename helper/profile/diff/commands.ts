/**
 * How commands are judged differently by two sets of command rules: every command and every argument either of them names, and a
 * command that neither does, is asked about.
 */
import { judgeProgram } from '../../policy/commands/judge.ts';
import type { CommandRules } from '../../policy/commands/rules.ts';
import type { PolicyChange } from '../../protocol/profile-operations.ts';
import { byEffect, effectOf, listed } from './words.ts';

/** commands, and refused arguments, that are asked about: a text made to be slow must not hold anybody up */
const nameLimit = 1_000;

const argumentMaps = ['blockedArguments', 'askedArguments', 'unaskedArguments'] as const;
const keys = { blockedArguments: 'blocked_args', askedArguments: 'ask_args', unaskedArguments: 'ask_except' } as const;

/** how far a command may go */
type Reach = 'denied' | 'workspace' | 'allowed';

interface Step {
  readonly effect: 'allowed' | 'denied';
  /** what is added after the names of the commands */
  readonly where: string;
}

const steps: Readonly<Record<`${Reach} ${Reach}`, Step | undefined>> = {
  'denied denied': undefined,
  'workspace workspace': undefined,
  'allowed allowed': undefined,
  'denied workspace': { effect: 'allowed', where: ', inside the workspace only' },
  'denied allowed': { effect: 'allowed', where: '' },
  'workspace allowed': { effect: 'allowed', where: ' outside the workspace, too' },
  'workspace denied': { effect: 'denied', where: '' },
  'allowed denied': { effect: 'denied', where: '' },
  'allowed workspace': { effect: 'denied', where: ' outside the workspace' },
};

export function commandChanges(before: CommandRules, after: CommandRules): readonly PolicyChange[] {
  const all = namesByDifference(before, after);
  const names = all.slice(0, nameLimit);
  const step = (name: string): Step | undefined => steps[`${reachOf(name, before)} ${reachOf(name, after)}`];
  const others = step(unlistedName(all));
  const sameForAll = (found: Step | undefined): boolean => found?.effect === others?.effect && found?.where === others?.where;
  const single = new Map<string, { step: Step; names: string[] }>();
  for (const name of names) {
    const found = step(name);
    if (found === undefined || sameForAll(found)) continue;
    const key = `${found.effect}${found.where}`;
    const entry = single.get(key) ?? { step: found, names: [] };
    entry.names.push(name);
    single.set(key, entry);
  }
  const path =
    before.list === after.list && before.mode === after.mode
      ? `commands.${after.list}`
      : before.mode === after.mode
        ? 'commands.mode'
        : 'mode';
  return [
    ...(others === undefined
      ? []
      : [
          {
            effect: others.effect,
            text: `every command ${others.effect === 'allowed' ? 'that no list bans' : 'that no list names'}${others.where}`,
            path,
          },
        ]),
    ...[...single.values()].map(({ step: { effect, where }, names: those }) => ({ effect, text: `${listed(those)}${where}`, path })),
    ...argumentChanges(before, after),
    ...switches(before, after),
    ...uncompared(all.length - names.length, 'commands'),
  ];
}

/** Arguments of commands that may run under both; for others the command itself is told. */
function argumentChanges(before: CommandRules, after: CommandRules): readonly PolicyChange[] {
  const all = [...new Set([before, after].flatMap((rules) => argumentMaps.flatMap((key) => [...rules[key].keys()])))];
  const programs = all.slice(0, nameLimit);
  const lines = programs
    .filter((program) => reachOf(program, before) !== 'denied' && reachOf(program, after) !== 'denied')
    .flatMap((program) => {
      const found = new Map<string, ArgumentLine>();
      for (const key of argumentMaps)
        for (const pattern of [before, after].flatMap((rules) => rules[key].get(program) ?? []))
          if (!found.has(pattern)) found.set(pattern, argumentLine(program, pattern, key));
      return [...found.values()];
    });
  const changed = byEffect(lines.slice(0, nameLimit), ({ argv }) =>
    effectOf(judgeProgram(argv, before).decision, judgeProgram(argv, after).decision),
  );
  const told = changed.flatMap(([effect, those]) => those.map(({ text, path }) => ({ effect, text, path })));
  return [...told, ...uncompared(Math.max(0, lines.length - nameLimit) + all.length - programs.length, 'refused arguments')];
}

interface ArgumentLine {
  readonly argv: readonly string[];
  readonly text: string;
  readonly path: string;
}

function argumentLine(program: string, pattern: string, key: (typeof argumentMaps)[number]): ArgumentLine {
  const words = pattern.split(/\s+/).filter((word) => word !== '');
  const any = key === 'askedArguments' && pattern.trim() === '*';
  const argv = [program, ...(any ? ['some-file'] : words)];
  return { argv, text: any ? `${program}, whatever its arguments` : argv.join(' '), path: `commands.${keys[key]}.${program}` };
}

/** What is about no command in particular. */
function switches(before: CommandRules, after: CommandRules): readonly PolicyChange[] {
  const rows: readonly (readonly [before: boolean, after: boolean, text: string, path: string])[] = [
    [before.shellOperators, after.shellOperators, 'pipes, redirections and lists of commands', 'commands.allow_shell_operators'],
    [before.undecided === 'exec', after.undecided === 'exec', 'command lines whose text does not tell what they run', 'commands.undecided'],
    [!before.hidesGitHistory, !after.hidesGitHistory, 'reading old contents of files through git', 'git_access.block_git_history_content'],
  ];
  return rows.flatMap(([was, is, text, path]) =>
    was === is ? [] : [{ effect: is ? ('allowed' as const) : ('denied' as const), text, path }],
  );
}

function reachOf(name: string, rules: CommandRules): Reach {
  const { decision } = judgeProgram([name, 'some-file'], rules);
  if (decision === 'deny') return 'denied';
  return rules.workspaceOnly.includes(name) ? 'workspace' : 'allowed';
}

/** Every name once, those first that are not on the same lists on both sides. */
function namesByDifference(before: CommandRules, after: CommandRules): readonly string[] {
  const [was, is] = [listsOf(before), listsOf(after)];
  const names = [...new Set([...was.keys(), ...is.keys()])];
  const moved = (name: string): boolean => was.get(name) !== is.get(name);
  return [...names.filter(moved), ...names.filter((name) => !moved(name))];
}

/** name → the lists it is on */
function listsOf(rules: CommandRules): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const { whitelist, blacklist, observeWhitelist, assistWhitelist, workspaceOnly } = rules;
  [whitelist, blacklist, observeWhitelist, assistWhitelist, workspaceOnly].forEach((list, index) => {
    for (const name of new Set(list)) found.set(name, `${found.get(name) ?? ''}${index}`);
  });
  return found;
}

function uncompared(count: number, what: string): readonly PolicyChange[] {
  return count <= 0 ? [] : [{ effect: 'changed', text: `commands: ${count} more ${what} were too many to compare`, path: 'commands' }];
}

function unlistedName(names: readonly string[]): string {
  const known = new Set(names);
  let number = 0;
  while (known.has(`a-command-no-list-names-${number}`)) number += 1;
  return `a-command-no-list-names-${number}`;
}
