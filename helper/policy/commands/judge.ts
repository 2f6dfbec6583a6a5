/**
 * What a profile says to a command: a line of shell text, or the arguments of one program. Pure and total: whatever the text
 * holds, the answer is a verdict and never an exception, and what the text does not tell is never allowed.
 */
import type { Verdict } from '../../protocol/verdict.ts';
import { type Argument, unknown } from './argument.ts';
import { type Docket, doubt, openDocket, refuse, stagesIn, verdictIn } from './docket.ts';
import { inputFault } from './input.ts';
import { judgeInvocation } from './invocation.ts';
import type { CommandPlace } from './paths.ts';
import type { CommandRules } from './rules.ts';
import type { Scene } from './scene.ts';
import { scopeIn } from './scope.ts';
import { judgeTouch } from './touch.ts';
import { walkLine } from './walk.ts';

export type { CommandPlace } from './paths.ts';

/** one line of an explanation */
export interface CommandStage {
  readonly stage: string;
  readonly text: string;
}

export interface CommandJudgement {
  readonly verdict: Verdict;
  /** every program the line was found to start, in the order of the text, each once */
  readonly programs: readonly string[];
  readonly stages: readonly CommandStage[];
}

const defaultPlace: CommandPlace = { workspace: '/workspace', cwd: '/workspace', home: '/home/agent' };

/** Judges a line as a shell would get it; `text` may be hostile. */
export function judgeCommand(text: string, rules: CommandRules, place: CommandPlace = defaultPlace): CommandJudgement {
  const docket = openDocket(rules);
  const fault = text.trim() === '' ? emptiness : inputFault(text);
  if (fault === undefined) walkLine({ text, splits: false, start: 0, end: text.length }, openScene(docket, place), { kind: 'nothing' });
  else if (fault.kind === 'deceives') refuse(docket, 'input', fault.reason, fault);
  else doubt(docket, fault.reason, fault, 'input');
  return { verdict: inside(verdictIn(docket), text.length), programs: [...docket.programs], stages: stagesIn(docket) };
}

/** The parser may place the end of what is cut short behind the text. */
function inside(verdict: Verdict, end: number): Verdict {
  const { range } = verdict;
  if (range === undefined || range.end <= end) return verdict;
  return { ...verdict, range: { start: Math.min(range.start, end), end } };
}

const emptiness = { kind: 'deceives', reason: 'There is no command; write one.', start: 0, end: 0 } as const;

/**
 * Judges one program by its arguments, the program itself first; they may be hostile. Offsets are in the arguments joined by spaces.
 * @param how asksInside: whether a person is also asked about what it would start, which is not so where that is judged as it starts;
 * starting: it really starts now, and nothing else is known of it
 */
export function judgeProgram(
  argv: readonly string[],
  rules: CommandRules,
  place: CommandPlace = defaultPlace,
  how: Pick<Docket, 'asksInside' | 'starting'> = { asksInside: true, starting: false },
): Verdict {
  const docket = openDocket(rules, how);
  const scene = openScene(docket, place);
  if (argv.length === 0 || argv[0] === '') refuse(docket, 'input', emptiness.reason, emptiness);
  judgeInvocation(argumentsOf(argv), scene, { kind: 'nothing' }, walkLine, false);
  return verdictIn(docket);
}

/** Judges a file that is read or written by no command, as `cat FILE` and `> FILE` would be; `path` may be hostile. */
export function judgeFile(does: 'read' | 'write', path: string, rules: CommandRules, place: CommandPlace): Verdict {
  const docket = openDocket(rules);
  for (const argument of argumentsOf([path])) judgeTouch(does, argument, openScene(docket, place), undefined);
  return verdictIn(docket);
}

/** Marks are control characters, and no argument of a program is taken for one: what holds them is unknown. */
function argumentsOf(argv: readonly string[]): readonly Argument[] {
  let start = 0;
  return argv.map((word) => {
    const argument = { text: word.replace(/[\0-\x02]/g, unknown), splits: false, start, end: start + word.length };
    start += word.length + 1;
    return argument;
  });
}

function openScene(docket: Docket, place: CommandPlace): Scene {
  const scope = scopeIn();
  scope.own.set('HOME', place.home);
  scope.own.set('TMPDIR', '/tmp');
  return {
    docket,
    place,
    cwd: place.cwd,
    scope,
    functions: new Set(),
    aliases: new Map(),
    inLoop: false,
    within: undefined,
    depth: 0,
    span: undefined,
  };
}
