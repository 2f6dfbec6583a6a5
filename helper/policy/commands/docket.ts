/** What a judgement has found so far about one text, and the verdict that follows: a refusal wins over a question, a question over doubt, doubt over permission. */
import type { Argument } from './argument.ts';
import type { Verdict } from '../../protocol/verdict.ts';
import type { Pattern } from '../files/patterns.ts';
import { filePattern } from '../files/rules.ts';
import type { CommandRules } from './rules.ts';

/** The stages of a judgement in the order they are explained, and what is said of each where it found nothing. */
const stageTexts = {
  input: 'The text holds nothing that hides what it says.',
  syntax: 'It is valid shell.',
  operators: 'Its shell operators are accepted.',
  disguise: 'Nothing in it poses as something else.',
  mode: 'The mode accepts its programs.',
  list: 'The lists accept its programs.',
  'blocked-arguments': 'No refused argument is used.',
  'asked-arguments': 'No argument needs a person’s yes.',
  'workspace-only': 'What is judged by what it touches stays inside the workspace.',
  paths: 'No file that must not change is written.',
  credentials: 'No credentials are read.',
  variables: 'No variable makes a program run something else.',
  steering: 'No option or setting makes a program start another one unseen.',
  exfiltration: 'Nothing is handed to other machines that should stay.',
  undecided: 'The text tells everything it runs.',
} as const;
export type Stage = keyof typeof stageTexts;

/** what a file of the text is, for who runs it later in the same text */
export type Made =
  | { readonly kind: 'text'; readonly text: Argument }
  /** another machine sent it */
  | { readonly kind: 'fetched' }
  /** a copy of, or a link to, a program of the system */
  | { readonly kind: 'program'; readonly name: string };

export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Docket {
  readonly rules: CommandRules;
  /** the profile’s guarded patterns, taken apart when first needed */
  readonly guards: () => readonly Pattern[];
  readonly programs: Set<string>;
  /** variables the text sets, wherever */
  readonly assigned: Set<string>;
  /** commands and statements that are still looked at: what is unfolded several times must not cost without end */
  left: number;
  /** files the text makes, by their paths */
  readonly made: Map<string, Made>;
  /** links the text makes, from their paths to where they lead */
  readonly links: Map<string, string>;
  /** characters of such files that were read again */
  reread: number;
  /** the first finding of each stage, refusals and doubts apart */
  readonly refusals: Map<Stage, Verdict>;
  readonly doubts: Map<Stage, Verdict>;
  /** what a person is asked about */
  readonly questions: Map<Stage, Verdict>;
  /** whether commands inside commands are asked about; otherwise only the command itself is */
  readonly asksInside: boolean;
  /** a program really starts, with an environment that is not in the text; files are judged as it touches them */
  readonly starting: boolean;
}

export function openDocket(rules: CommandRules, { asksInside, starting } = { asksInside: true, starting: false }): Docket {
  let guards: readonly Pattern[] | undefined;
  return {
    rules,
    guards: () => (guards ??= rules.guarded.map(filePattern)),
    programs: new Set(),
    assigned: new Set(),
    left: 60_000,
    made: new Map(),
    links: new Map(),
    reread: 0,
    refusals: new Map(),
    doubts: new Map(),
    questions: new Map(),
    asksInside,
    starting,
  };
}

/** Refuses. `reason` is one sentence that says what to do. */
export function refuse(docket: Docket, stage: Stage, reason: string, range: Span, rule?: string): void {
  if (!docket.refusals.has(stage)) docket.refusals.set(stage, verdictOf('deny', stage, reason, range, rule));
}

/** Has a person asked. */
export function question(docket: Docket, stage: Stage, reason: string, range: Span, rule: string): void {
  if (!docket.questions.has(stage)) docket.questions.set(stage, verdictOf('ask', stage, reason, range, rule));
}

/** Says that the text does not tell. The profile decides what becomes of that. */
export function doubt(docket: Docket, reason: string, range: Span, stage: Stage = 'undecided'): void {
  if (docket.doubts.has(stage)) return;
  const denies = docket.rules.undecided === 'deny';
  docket.doubts.set(stage, verdictOf(denies ? 'deny' : 'exec', stage, reason, range, denies ? 'commands.undecided' : undefined));
}

const verdictOf = (decision: Verdict['decision'], stage: Stage, reason: string, range: Span, rule: string | undefined): Verdict => ({
  decision,
  reason,
  stage,
  ...(rule === undefined ? {} : { rule }),
  range: { start: range.start, end: range.end },
});

/** Counts one command or statement; false, and a doubt, when there were too many. */
export function spend(docket: Docket, range: Span): boolean {
  docket.left--;
  if (docket.left < 0) doubt(docket, 'The line holds too many commands to be read; split it up.', range);
  return docket.left >= 0;
}

/** The verdict on everything found. */
export function verdictIn(docket: Docket): Verdict {
  const first = (found: ReadonlyMap<Stage, Verdict>): Verdict | undefined => found.values().next().value;
  const refused = first(docket.refusals);
  if (refused) return refused;
  const [doubted, asked] = [first(docket.doubts), first(docket.questions)];
  if (doubted?.decision === 'deny') return doubted;
  return asked ?? doubted ?? { decision: 'allow', reason: 'Nothing in the profile forbids it.', stage: 'allowed' };
}

/** One line per stage, as a person would explain it. */
export function stagesIn(docket: Docket): { readonly stage: string; readonly text: string }[] {
  return Object.entries(stageTexts).map(([stage, text]) => {
    const found = [...docket.refusals.values(), ...docket.doubts.values(), ...docket.questions.values()].find(
      (verdict) => verdict.stage === stage,
    );
    return { stage, text: found?.reason ?? text };
  });
}
