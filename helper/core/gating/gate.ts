/**
 * Carries policy's word about program starts to a sandbox: judges, asks a person where policy says so, writes the record, then
 * answers. Nothing starts that is not on record, and whatever fails on the way is a no.
 */
import { basename } from 'node:path';
import type { ExecActor, ExecAnswer, ExecGate, ExecQuestion } from '../../guest/exec.ts';
import type { SandboxRecord } from '../../audit/writing/log.ts';
import type { Verdict } from '../../protocol/verdict.ts';
import type { RecordEntry } from '../../protocol/record.ts';
import { judgeStart } from '../../policy/commands/started.ts';
import type { CommandPlace } from '../../policy/commands/judge.ts';
import type { CommandRules } from '../../policy/commands/rules.ts';
import { withoutLists } from '../../policy/learning.ts';
import type { Settled } from './approvals.ts';
import type { Learning } from '../learning.ts';
import { unanswered } from './unanswered.ts';

export interface GateFacts {
  readonly record: SandboxRecord;
  /** the rules as they are now: a mode may change while the sandbox runs */
  readonly rules: () => CommandRules;
  readonly place: CommandPlace;
  /** FILE:LINE of a rule, where a file wrote it */
  readonly originOf: (rule: string) => string | undefined;
  /** what the sandbox learns meanwhile; undefined when it does not */
  readonly learning?: () => Learning | undefined;
  /** asks a person; settles when there is an answer, or when whoever asked is gone */
  readonly ask: (question: GateQuestion, gone?: AbortSignal) => Promise<Settled>;
  /** no earlier yes is used again */
  readonly forget: () => void;
  readonly logError: (message: string, cause: unknown) => void;
}

/** a start that waits for a person's word */
export interface GateQuestion {
  /** the same for the same file, arguments and folder */
  readonly key: string;
  readonly what: string;
  readonly where: string;
  readonly verdict: Verdict;
  readonly file: string;
  /** without the program itself */
  readonly args: readonly string[];
}

/** commands a person said yes to for as long as the sandbox runs; more are forgotten, oldest first */
const rememberedLimit = 1000;
/** refusals kept to say each only once, although a program tries every folder of its PATH */
const toldLimit = 1000;
/** decisions whose text is kept to write later uses down by */
const knownLimit = 20_000;

const own: Verdict = { decision: 'allow', stage: 'own-shell', reason: 'This is a person’s own shell; what it starts is judged.' };
const ownAct: Verdict = { decision: 'allow', stage: 'own-act', reason: 'This is LASSO’s own; what it reads or writes is judged.' };
const agent = { kind: 'agent', face: 'guest' } as const;

/** `judge` is policy's word about one start. */
export function execGate(facts: GateFacts, judge: typeof judgeStart = judgeStart): ExecGate {
  /** question → who said yes to it for longer */
  const granted = new Map<string, Settled>();
  const told = new Set<string>();
  const known = new Map<number, { readonly target: string; readonly start: ExecQuestion }>();
  const remember = (question: number, target: string, start: ExecQuestion): void => {
    known.set(question, { target, start });
    const [oldest] = known.keys();
    if (oldest !== undefined && known.size > knownLimit) known.delete(oldest);
  };
  const write = (entry: RecordEntry): void => {
    facts.record.append(entry).catch((error: unknown) => {
      // The next one is asked about before it starts, and finds out that there is no record.
      facts.forget();
      facts.logError('a program start is not on record', error);
    });
  };
  return {
    judge: async (question, gone) => {
      const target = textOf(question.argv.length > 0 ? question.argv : [question.asked]);
      const key = JSON.stringify([question.file, question.cwd, question.argv.slice(1)]);
      const isOwn = question.ownShell || question.ownAct === true;
      const said = (): Verdict => (isOwn ? (question.ownShell ? own : ownAct) : judge(question, facts.rules(), facts.place));
      let verdict = said();
      const learned = !isOwn && isLearned(question, verdict, facts, judge);
      let outcome: Outcome = learned
        ? { allow: true, forSession: false }
        : await decide(verdict, { key, what: target, question, granted: granted.get(key), gone }, facts);
      if (!learned && verdict.decision === 'ask' && said().decision === 'deny') {
        // The mode was changed while a person thought about it.
        verdict = said();
        outcome = { allow: false, forSession: false };
      }
      if (outcome.forSession && outcome.answered) remembered(granted, key, outcome.answered);
      const detail = { ...detailOf(question, verdict, facts, outcome.answered), ...(learned ? { learned } : {}) };
      await facts.record.append({
        type: 'command',
        action: 'start',
        outcome: outcome.allow ? 'success' : 'blocked',
        actor: agent,
        target,
        detail,
      });
      if (!outcome.allow) {
        const news = keepIn(told, JSON.stringify([question.pid, question.parent, key]), toldLimit);
        return news ? { allow: false, message: refusal(question, verdict, facts, outcome.answered) } : { allow: false };
      }
      remember(question.question, target, question);
      // A yes of a person is for this one time; policy's own does not change before its rules do. The guest does not see the
      // arguments of what the helper has it start, so it cannot tell one such start from another.
      return { allow: true, keep: !learned && verdict.decision !== 'ask' && !question.entry } satisfies ExecAnswer;
    },
    again: (question, actor: ExecActor) =>
      write({
        type: 'command',
        action: 'start',
        outcome: 'success',
        actor: agent,
        target: known.get(question)?.target ?? '',
        detail: { ...actor, as: question, ...sameAs(known.get(question)?.start) },
      }),
    changed: async (question, pid, argv) => {
      const target = textOf(argv);
      const earlier = known.get(question);
      if (!earlier) return false;
      // A script is what its interpreter was given.
      const { start: before } = earlier;
      const start = before.script
        ? { ...before, asked: before.interpreter, file: before.interpreter, interpreter: '', argv }
        : { ...before, argv };
      const verdict = judge(start, facts.rules(), facts.place);
      const allow = verdict.decision === 'allow' || verdict.decision === 'exec';
      const detail = {
        pid,
        allowedAs: earlier.target,
        reason: allow ? 'Its arguments changed after they were asked about.' : verdict.reason,
      };
      await facts.record.append({
        type: 'violation',
        action: 'arguments-changed',
        outcome: allow ? 'success' : 'blocked',
        actor: agent,
        target,
        detail,
      });
      return allow;
    },
    other: (question, pid) =>
      write({
        type: 'violation',
        action: 'program-changed',
        outcome: 'blocked',
        actor: agent,
        target: known.get(question)?.target ?? '',
        detail: { pid, reason: 'Another program ran than was allowed; it was killed before its first instruction.' },
      }),
  };
}

/** Whether a sandbox that learns lets this through: nothing refuses it by name, and it is counted. */
function isLearned(question: ExecQuestion, verdict: Verdict, facts: GateFacts, judge: typeof judgeStart): boolean {
  const learning = facts.learning?.();
  if (learning === undefined || (verdict.decision !== 'deny' && verdict.decision !== 'ask')) return false;
  const rules = facts.rules();
  if (judge(question, withoutLists(rules), facts.place).decision === 'deny') return false;
  const { asked, file, argv } = question;
  const program = basename(asked === '' ? file : asked);
  if (verdict.decision === 'ask') return learning.question(program, argv);
  // A shell is let through for what its text starts, which is learned of when it starts; a mode and a list may both lack a program.
  const alone = [rules, { ...rules, mode: 'autonomous' as const }].map((some) =>
    judge({ ...question, argv: argv.slice(0, 1) }, some, facts.place),
  );
  const lacking = new Set(alone.flatMap(({ decision, rule }) => (decision === 'deny' ? [rule] : [])));
  return [...lacking].every((rule) => learning.program(program, argv, rule));
}

interface Outcome {
  readonly allow: boolean;
  readonly forSession: boolean;
  /** what a person was asked and said */
  readonly answered?: Settled;
}

async function decide(
  verdict: Verdict,
  asked: {
    readonly key: string;
    readonly what: string;
    readonly question: ExecQuestion;
    readonly granted: Settled | undefined;
    readonly gone: AbortSignal | undefined;
  },
  facts: GateFacts,
): Promise<Outcome> {
  if (verdict.decision === 'deny') return { allow: false, forSession: false };
  // What its text did not tell is told now: each program it starts is judged by itself.
  if (verdict.decision !== 'ask') return { allow: true, forSession: false };
  if (asked.granted) return { allow: true, forSession: false, answered: { ...asked.granted, repeated: true } };
  const { key, what, question, gone } = asked;
  const answered = await facts.ask({ key, what, where: question.cwd, verdict, file: question.file, args: question.argv.slice(1) }, gone);
  const allow = answered.answer === 'once' || answered.answer === 'session' || answered.answer === 'always';
  return { allow, forSession: allow && answered.answer !== 'once', answered };
}

function remembered(granted: Map<string, Settled>, key: string, { answer, actor }: Settled): void {
  granted.set(key, { answer, ...(actor === undefined ? {} : { actor }) });
  const [oldest] = granted.keys();
  if (oldest !== undefined && granted.size > rememberedLimit) granted.delete(oldest);
}

/** Whether it is new there; the oldest goes when there are too many. */
function keepIn(kept: Set<string>, key: string, limit: number): boolean {
  const isNew = !kept.has(key);
  kept.add(key);
  const [oldest] = kept;
  if (oldest !== undefined && kept.size > limit) kept.delete(oldest);
  return isNew;
}

function detailOf(question: ExecQuestion, verdict: Verdict, facts: GateFacts, answered?: Settled): NonNullable<RecordEntry['detail']> {
  const { pid, parent, process, file, cwd, script, interpreter, truncated, bytes } = question;
  const origin = verdict.rule === undefined ? undefined : facts.originOf(verdict.rule);
  return {
    ...{ question: question.question, pid, parent, process, file, cwd },
    argv: question.argv,
    ...(script ? { interpreter } : {}),
    ...(truncated ? { truncated } : {}),
    ...(bytes === undefined ? {} : { bytes }),
    ...{ verdict: verdict.decision, stage: verdict.stage, reason: verdict.reason },
    ...(verdict.rule === undefined ? {} : { rule: verdict.rule }),
    ...(origin === undefined ? {} : { origin }),
    ...(answered === undefined ? {} : { answer: answered.answer, answeredBy: answered.actor?.user ?? null }),
    ...(answered?.repeated === true ? { repeated: true } : {}),
  };
}

/** One line for the agent: what was refused, by which rule, and why, so that it stops trying. */
function refusal(question: ExecQuestion, verdict: Verdict, facts: GateFacts, answered: Settled | undefined): string {
  const program = basename(question.asked === '' ? question.file : question.asked);
  const origin = verdict.rule === undefined ? undefined : facts.originOf(verdict.rule);
  const by = origin ?? verdict.rule;
  const where = by === undefined ? '' : ` by ${basename(by)}`;
  if (answered === undefined) return `LASSO: \`${program}\` is blocked${where}. ${verdict.reason}`;
  return `LASSO: \`${program}\` needs approval${where}, and ${unanswered(answered)}.`;
}

/** What was said yes to before, so that every start stands by itself in the record. */
function sameAs(start: ExecQuestion | undefined): NonNullable<RecordEntry['detail']> {
  return start === undefined ? {} : { file: start.file, argv: start.argv, cwd: start.cwd, verdict: 'allow' };
}

const textOf = (argv: readonly string[]): string => argv.join(' ');
