/** `[commands]`: lists that do nothing, names that are no names, and lists that let in more than they say. */
import { judgeProgram } from '../../policy/commands/judge.ts';
import { programName } from '../../policy/commands/names.ts';
import { kin } from '../../policy/commands/rows/kin.ts';
import { type CommandRules, commandRulesOf } from '../../policy/commands/rules.ts';
import type { Finding } from '../../protocol/finding.ts';
import { openerOf } from './programs.ts';
import { type LintSubject, type TextItem, knew, noEffect, placeText, remark, textsAt, treeAt } from './subject.ts';

const lists = ['whitelist', 'blacklist', 'observe_whitelist', 'assist_whitelist', 'workspace_only'] as const;
const argumentKeys = ['blocked_args', 'ask_args'] as const;

/** What the lists do together. */
export function commandFindings(subject: LintSubject): readonly Finding[] {
  return [
    ...modeFindings(subject),
    ...effective(subject).flatMap((item) => openerFindings(item, subject)),
    ...bothFindings(subject),
    ...mootFindings(subject),
    ...refusedQuestions(subject),
  ];
}

/** Names that are none, and arguments that begin with their command. */
export function commandWordFindings(subject: LintSubject): readonly Finding[] {
  const listed = lists.flatMap((key) => textsAt(subject.tree, ['commands', key]));
  return [...listed.flatMap((item) => nameFindings(item, subject)), ...argumentFindings(subject)];
}

/** The items of the list that decides what may run; none where everything but the blacklist may. */
function effective({ profile, tree }: LintSubject): readonly TextItem[] {
  const byMode = profile.mode === 'observe' ? ['observe_whitelist'] : profile.mode === 'assist' ? ['assist_whitelist'] : [];
  const keys = profile.commands.mode === 'whitelist' ? [...byMode, 'whitelist'] : byMode;
  return keys.flatMap((key) => textsAt(tree, ['commands', key]));
}

function modeFindings(subject: LintSubject): readonly Finding[] {
  const { tree, profile } = subject;
  const useless = profile.commands.mode === 'whitelist' ? 'blacklist' : 'whitelist';
  const [said, list] = [treeAt(tree, ['commands', 'mode']), treeAt(tree, ['commands', useless])];
  if (list?.kind !== 'list' || list.items.length === 0) return [];
  if (said !== undefined && !knew(subject, list.origin, said.origin)) return [];
  const because = `commands.mode is "${profile.commands.mode}"${said === undefined ? ' by default' : ''}`;
  return noEffect(subject, ['commands', useless], because, said);
}

function nameFindings({ leaf, path, text }: TextItem, { edits }: LintSubject): readonly Finding[] {
  const [program = '', ...rest] = text.trim().split(/\s+/);
  if (program === text) return [];
  const hint =
    rest.length === 0
      ? 'Take the spaces away.'
      : `Write ${JSON.stringify(program)}, and arguments that are refused in commands.blocked_args.`;
  return remark(leaf, path, {
    severity: 'warning',
    code: 'not-a-command',
    message: `${JSON.stringify(text)} is no name of a program, so nothing is ever matched by it`,
    hint,
    fixes: [program === '' ? undefined : edits.replaced(`Use ${JSON.stringify(program)}`, leaf.origin.value, JSON.stringify(program))],
  });
}

function openerFindings({ leaf, path, text }: TextItem, { profile }: LintSubject): readonly Finding[] {
  const opener = openerOf(text);
  if (opener === undefined) return [];
  const judged = profile.exec_gate === 'required';
  const name = JSON.stringify(text);
  if (judged && opener.kind === 'any-program') return [];
  if (judged)
    return remark(leaf, path, {
      severity: 'information',
      code: 'runs-anything',
      message: `${name} ${opener.how}: programs that the code starts are judged as well, what it does by itself is held only by the sandbox`,
    });
  const gate = profile.exec_gate === 'off' ? 'are not judged' : 'are not judged where the machine cannot do it';
  const more = opener.kind === 'any-code' ? 'any code, and programs that are not listed' : 'programs that are not listed';
  return remark(leaf, path, {
    severity: 'warning',
    code: 'runs-anything',
    message: `${name} lets in ${more}: it ${opener.how}, and with exec_gate = "${profile.exec_gate}" programs it starts ${gate}`,
    hint: 'Set exec_gate = "required", or take it out.',
  });
}

function bothFindings(subject: LintSubject): readonly Finding[] {
  const { tree, profile } = subject;
  const [used, other] =
    profile.commands.mode === 'whitelist' ? (['whitelist', 'blacklist'] as const) : (['blacklist', 'whitelist'] as const);
  const against = new Map(textsAt(tree, ['commands', other]).map(({ text, leaf }) => [text, leaf]));
  return textsAt(tree, ['commands', used]).flatMap(({ leaf, path, text }) => {
    const twin = against.get(text);
    if (twin === undefined || !knew(subject, leaf.origin, twin.origin)) return [];
    const outcome = used === 'whitelist' ? 'so it may run' : 'so it may not run';
    return remark(leaf, path, {
      severity: 'warning',
      code: 'listed-twice',
      message: `${JSON.stringify(text)} is on the ${other} too (${placeText(twin, leaf)}); commands.mode is "${used}", ${outcome}`,
      hint: `Take it out of the ${other}.`,
    });
  });
}

/** Why a command may not run at all, in any of its spellings, whatever is said about its arguments. */
function banOf({ profile: { commands } }: LintSubject): (command: string) => string | undefined {
  if (commands.mode === 'whitelist') {
    const runs = spellingsOf(commands.whitelist);
    const related = (command: string): readonly string[] => [...programName(command).spellings, ...(kin.get(command.toLowerCase()) ?? [])];
    return (command) => (related(command).some((name) => runs.has(name)) ? undefined : 'is not on the whitelist, so it may not run anyway');
  }
  const banned = new Set(commands.blacklist.flatMap((entry) => [entry.toLowerCase(), ...(kin.get(entry.toLowerCase()) ?? [])]));
  return (command) =>
    programName(command).spellings.some((name) => banned.has(name)) ? 'is on the blacklist, so it may not run anyway' : undefined;
}

const spellingsOf = (entries: readonly string[]): ReadonlySet<string> =>
  new Set(entries.flatMap((entry) => [entry, ...programName(entry).spellings]));

/** Rules about commands that may not run anyway, where whoever wrote them knew. */
function mootFindings(subject: LintSubject): readonly Finding[] {
  const { tree, edits, profile } = subject;
  const ban = banOf(subject);
  const decider = treeAt(tree, ['commands', profile.commands.mode]);
  const known = (origin: TextItem['leaf']['origin']): boolean => decider === undefined || knew(subject, origin, decider.origin);
  const keyed = argumentKeys.flatMap((key) => {
    const said = treeAt(tree, ['commands', key]);
    return said?.kind !== 'table' ? [] : [...said.entries].map(([command, place]) => ({ key, command, place }));
  });
  return [
    ...keyed.flatMap(({ key, command, place }) =>
      ban(command) !== undefined && known(place.origin)
        ? noEffect(subject, ['commands', key, command], `${command} ${ban(command) ?? ''}`)
        : [],
    ),
    ...textsAt(tree, ['commands', 'workspace_only']).flatMap(({ leaf, path, text }) =>
      ban(text) === undefined || !known(leaf.origin)
        ? []
        : remark(leaf, path, {
            severity: 'warning',
            code: 'no-effect',
            message: `${JSON.stringify(text)} has no effect here: it ${ban(text) ?? ''}`,
            hint: 'Take it out, or let it run.',
            fixes: [edits.itemRemoved('Remove it', leaf.origin.file, leaf.origin.value)],
          }),
    ),
  ];
}

/** Arguments are written without their command. */
function argumentFindings({ tree, profile, edits }: LintSubject): readonly Finding[] {
  return argumentKeys.flatMap((key) =>
    Object.keys(profile.commands[key]).flatMap((command) =>
      textsAt(tree, ['commands', key, command]).flatMap(({ leaf, path, text }) => {
        if (!text.startsWith(`${command} `)) return [];
        const rest = JSON.stringify(text.slice(command.length + 1).trim());
        const nothing = key === 'ask_args' ? 'asks about nothing' : 'refuses nothing';
        return remark(leaf, path, {
          severity: 'warning',
          code: 'whole-command',
          message: `${JSON.stringify(text)} begins with the command itself, so it means “${command} ${text}” and ${nothing}`,
          hint: `Write ${rest}.`,
          fixes: [edits.replaced(`Use ${rest}`, leaf.origin.value, rest)],
        });
      }),
    ),
  );
}

/** What is asked about and refused as well is refused, where whoever wrote it knew. */
function refusedQuestions(subject: LintSubject): readonly Finding[] {
  const { tree, profile, edits } = subject;
  // Only what is said about arguments counts here.
  const rules: CommandRules = { ...commandRulesOf(profile), mode: 'autonomous', list: 'blacklist', blacklist: [] };
  return Object.keys(profile.commands.ask_args).flatMap((command) =>
    textsAt(tree, ['commands', 'ask_args', command]).flatMap(({ leaf, path, text }) => {
      const words = text.split(/\s+/).filter((word) => word !== '' && word !== '*');
      const { stage, rule } = judgeProgram([command, ...words], rules);
      const [, program, index] = /^commands\.blocked_args\.(.+)\[(\d+)\]$/.exec(rule ?? '') ?? [];
      if (stage !== 'blocked-arguments' || program === undefined) return [];
      const place = treeAt(tree, ['commands', 'blocked_args', program, Number(index)]);
      if (place === undefined || !knew(subject, leaf.origin, place.origin)) return [];
      return remark(leaf, path, {
        severity: 'warning',
        code: 'no-effect',
        message: `${JSON.stringify(text)} has no effect here: ${rule ?? ''} refuses it (${placeText(place, leaf)})`,
        hint: 'Take it out, or take the refusal out.',
        fixes: [edits.itemRemoved('Remove it', leaf.origin.file, leaf.origin.value)],
      });
    }),
  );
}
