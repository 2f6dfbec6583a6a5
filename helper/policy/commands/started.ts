/**
 * What a profile says to a program that is about to start, whoever starts it. The first argument proves nothing; the file does,
 * and a name only where the agent cannot write. Pure and total: whatever cannot be told is refused.
 */
import type { Verdict } from '../../protocol/verdict.ts';
import { type CommandPlace, judgeProgram } from './judge.ts';
import { loadedBy } from './loaded.ts';
import { isForbiddenAs, programName } from './names.ts';
import { isProvidedStart } from './provided.ts';
import type { CommandRules } from './rules.ts';

/** one execve, as the kernel tells it; every text may be hostile */
export interface ProgramStart {
  /** path as asked for, absolute or relative to `cwd` */
  readonly asked: string;
  /** file it leads to, links resolved */
  readonly file: string;
  /** first line of a script without "#!"; empty for a binary */
  readonly shebang: string;
  /** file of the script's interpreter; empty for a binary */
  readonly interpreter: string;
  readonly cwd: string;
  readonly argv: readonly string[];
  /** the file has no name, so nobody could look at it later */
  readonly deleted: boolean;
  /** not all arguments are known */
  readonly truncated: boolean;
  /** a debugger inside holds the process, so what it really runs cannot be compared with this */
  readonly traced?: boolean;
  /** its environment puts other code into it */
  readonly loaded?: boolean;
}

/** folders of the read-only system: what is called so in there is that program */
const systemFolders = ['/usr/', '/bin/', '/sbin/', '/lib/', '/lib64/'];
/** programs that are what their first argument says; the last letters of some differ by version */
const manyInOne = /^(busybox|toybox|coreutils|uutils|git|kmod|lvm|mtools|systemctl|sudo|ssh|xtables-[a-z-]*multi)([-._]|$)/;
/** programs that start others by execve and by nothing else, so that a person is asked once: when the other one starts */
const carriers = /^(bash|dash|sh|zsh|ksh|env|timeout|nice|ionice|nohup|setsid|stdbuf|xargs|time|find|flock)$/;

export function judgeStart(start: ProgramStart, rules: CommandRules, place: CommandPlace): Verdict {
  const { file, argv, deleted } = start;
  if (deleted || file === '')
    return deny('nameless-file', 'A program without a file in the sandbox cannot be accounted for; write it to a file and run that.');
  if (start.traced === true) return deny('traced', 'A debugger holds this process, so what it starts cannot be checked.');
  if (start.loaded === true && isBounded(rules))
    return deny(
      'other-code',
      `Its environment (LD_PRELOAD, LD_AUDIT, LD_LIBRARY_PATH, GCONV_PATH, BUN_BE_BUN, BASH_ENV) puts other code into ${baseName(start.file)}; start it without.`,
    );
  if (isProvidedStart(start))
    return { decision: 'allow', stage: 'provided', reason: 'A program of LASSO’s own; what it starts is judged.' };
  const here = { ...place, cwd: start.cwd === '' ? place.cwd : start.cwd };
  const rest = argv.slice(1);
  const judged = waysToSay(start).map(({ names, listed }) =>
    judgeProgram([names, ...rest].flat(), listed ? rules : withoutLists(rules), here, {
      asksInside: !carriers.test(baseName(file)),
      starting: true,
    }),
  );
  const refused = judged.find(({ decision }) => decision === 'deny');
  if (refused) return refused;
  const loads = judgeLoaded(start, rules, here);
  if (loads?.decision === 'deny') return loads;
  const unnamed = unprovenName(start, rules);
  if (unnamed) return unnamed;
  if (start.truncated && dependsOnArguments(start, rules))
    return deny('too-many-arguments', `${baseName(file)} is judged by its arguments, and there are too many; give it fewer at a time.`);
  const asked = [...judged, ...(loads ? [loads] : [])].find(({ decision }) => decision === 'ask');
  return asked ?? judged[0] ?? deny('unknown', 'It could not be told what would start.');
}

interface Way {
  /** the program and what comes before the arguments */
  readonly names: readonly string[];
  /** whether the profile's lists speak about this name; otherwise only what it forbids does */
  readonly listed: boolean;
}

/** The names by which a profile may mean this start, the one its lists speak about first. */
function waysToSay({ asked, file, shebang, interpreter, argv }: ProgramStart): readonly Way[] {
  const called = isSystem(asked) ? asked : file;
  const names = called === file ? [file] : [called, file];
  if (interpreter === '') return [...names.map((name, index) => ({ names: [name], listed: index === 0 })), ...waysToPose(names, argv)];
  // A script the agent may have written is what its interpreter makes of it.
  const own = isSystem(called);
  const interpreted = interpretersOf(shebang, interpreter).map((words, index) => ({
    names: [...words, file],
    listed: !own && index === 0,
  }));
  return [...names.map((name, index) => ({ names: [name], listed: own && index === 0 })), ...interpreted];
}

/** The first argument proves nothing, but some programs obey it. */
function waysToPose(names: readonly string[], [first = '']: readonly string[]): readonly Way[] {
  const posed = baseName(first).replace(/^-/, '');
  if (posed === '' || names.some((name) => baseName(name) === posed)) return [];
  return names.some((name) => manyInOne.test(baseName(name))) ? [{ names: [posed], listed: true }] : [];
}

/** The interpreter with its option, as the script names it first: lists speak of `sh`, wherever a link leads from there. */
function interpretersOf(shebang: string, interpreter: string): readonly (readonly string[])[] {
  const [named = '', ...words] = shebang.trim().split(/[ \t]+/);
  const option = words.length === 0 ? [] : [words.join(' ')];
  // All that `env NAME` does is to start NAME, and that start is judged too.
  if (/^\/(usr\/)?bin\/env$/.test(named) && /^[\w.+-]+$/.test(option[0] ?? '-') && option[0]?.startsWith('-') === false) return [option];
  const system = isSystem(named) && named !== interpreter;
  return [...(system ? [[named, ...option]] : []), [interpreter, ...option]];
}

/** What the loader maps is started without a further question, so it must be a file that nobody inside can have swapped. */
function judgeLoaded(start: ProgramStart, rules: CommandRules, here: CommandPlace): Verdict | undefined {
  const loaded = start.interpreter === '' ? loadedBy([start.asked, start.file], start.argv, here.cwd) : undefined;
  if (loaded === undefined || loaded.kind === 'nothing') return undefined;
  const [path = ''] = loaded.kind === 'program' ? loaded.argv : [];
  if (loaded.kind === 'unknown' || !isSystem(path) || start.truncated) {
    const what = path === '' ? 'a program' : path;
    return deny('loader', `${baseName(start.file)} would run ${what} without it being looked at; start that program itself.`);
  }
  return judgeStart({ ...start, asked: path, file: path, shebang: '', interpreter: '', argv: loaded.argv }, rules, here);
}

/** In a writable folder anything may have a listed name, so a list of names does not let it through. */
function unprovenName({ asked, file, interpreter }: ProgramStart, rules: CommandRules): Verdict | undefined {
  if (isSystem(asked) || isSystem(file) || interpreter !== '') return undefined;
  const lists = [
    ...(rules.list === 'whitelist' ? [{ names: rules.whitelist, rule: 'commands.whitelist' }] : []),
    ...(rules.mode === 'observe' ? [{ names: rules.observeWhitelist, rule: 'commands.observe_whitelist' }] : []),
    ...(rules.mode === 'assist' ? [{ names: rules.assistWhitelist, rule: 'commands.assist_whitelist' }] : []),
  ];
  const silent = lists.find(({ names }) => !names.includes(file));
  if (silent === undefined) return undefined;
  const reason = `${file} lies where the agent can write, so its name proves nothing; to let it run, put its whole path on the list.`;
  return deny('unproven-name', reason, silent.rule);
}

function withoutLists(rules: CommandRules): CommandRules {
  return { ...rules, mode: 'autonomous', list: 'blacklist', blacklist: rules.list === 'blacklist' ? rules.blacklist : [] };
}

function dependsOnArguments({ asked, file, interpreter }: ProgramStart, rules: CommandRules): boolean {
  const listed = [...rules.workspaceOnly, ...rules.blockedArguments.keys(), ...rules.askedArguments.keys()];
  return [asked, file, interpreter].some((path) => path !== '' && listed.some((entry) => isForbiddenAs(entry, programName(path))));
}

/** Where only named programs may run, a name must stand for its code. */
const isBounded = ({ list, mode, undecided }: CommandRules): boolean =>
  list === 'whitelist' || mode !== 'autonomous' || undecided === 'deny';

const isSystem = (path: string): boolean => systemFolders.some((folder) => path.startsWith(folder)) && !path.split('/').includes('..');
const baseName = (path: string): string => path.split('/').at(-1) ?? path;

function deny(stage: string, reason: string, rule?: string): Verdict {
  return { decision: 'deny', stage, reason, ...(rule === undefined ? {} : { rule }) };
}
