/**
 * Carries policy's word about connections to whoever makes them: judges, asks a person where policy says so, writes the record,
 * then answers. Nothing leaves that is not on record, and whatever fails on the way is a no.
 */
import { basename } from 'node:path';
import type { SandboxRecord } from '../../audit/writing/log.ts';
import type { EgressDecision, EgressFacts, EgressIntent } from '../../egress/contract.ts';
import { canonicalHost } from '../../policy/network/hosts.ts';
import { judgeConnection } from '../../policy/network/judge.ts';
import type { NetworkRules } from '../../policy/network/rules.ts';
import type { RecordEntry } from '../../protocol/record.ts';
import type { Verdict } from '../../protocol/verdict.ts';
import type { Settled } from '../gating/approvals.ts';
import type { Learning } from '../learning.ts';
import { SharedQuestions } from '../gating/shared-questions.ts';
import { unanswered } from '../gating/unanswered.ts';

export interface ConnectionFacts {
  readonly record: SandboxRecord;
  /** the rules as they are now */
  readonly rules: () => NetworkRules;
  /** FILE:LINE of a rule, where a file wrote it */
  readonly originOf: (rule: string) => string | undefined;
  /** what the sandbox learns meanwhile; undefined when it does not. Then the rules ask about what nothing lists. */
  readonly learning?: () => Learning | undefined;
  /** asks a person; settles when there is an answer, or when `signal` withdraws the question */
  readonly ask: (question: ConnectionAsked, signal: AbortSignal) => Promise<Settled>;
  readonly logError: (message: string, cause: unknown) => void;
}

/** a connection that waits for a person's word */
export interface ConnectionAsked {
  /** the same for the same host, port and rule */
  readonly key: string;
  /** canonical */
  readonly host: string;
  readonly port: number;
  readonly what: string;
  /** who connects; hostile text */
  readonly where: string;
  readonly verdict: Verdict;
}

/** questions answered for as long as the sandbox runs; more are forgotten, oldest first */
const grantedLimit = 1000;
/** connections whose single yes is kept for their own requests */
const onceLimit = 4096;
/** longest text of something asked for that is kept, in UTF-16 code units */
const textLimit = 2000;

const agent = { kind: 'agent', face: 'guest' } as const;

export function connectionDecisions(facts: ConnectionFacts): EgressFacts['decide'] {
  const granted = new Map<string, Settled>();
  /** number of the record of a connection → the question its yes answered, and the answer */
  const once = new Map<number, { readonly key: string; readonly answered: Settled }>();
  const questions = new SharedQuestions();

  const decide = async (intent: EgressIntent, signal: AbortSignal): Promise<EgressDecision> => {
    let verdict = judgeConnection(intent, facts.rules());
    // A name that may be asked about is told inside; the question comes with the connection.
    if (intent.what === 'name' && verdict.decision !== 'deny') return { allow: true, verdict, message: '' };
    const key = keyOf(intent, verdict);
    const learned = isLearned(intent, verdict);
    let answered: Settled | undefined;
    if (verdict.decision === 'ask' && !learned) {
      answered = earlier(intent, key) ?? (await ask(intent, verdict, key, signal));
      const now = judgeConnection(intent, facts.rules());
      // The rules may have changed while a person thought about it.
      if (now.decision === 'deny') [verdict, answered] = [now, undefined];
    }
    const allow = learned || verdict.decision === 'allow' || isYes(answered);
    if (answered !== undefined && isYes(answered) && answered.answer !== 'once')
      keepIn(granted, key, withoutChange(answered), grantedLimit);
    const origin = verdict.rule === undefined ? undefined : facts.originOf(verdict.rule);
    const record = await facts.record.append(entryOf(intent, verdict, { allow, origin, answered, learned }));
    if (allow && answered?.answer === 'once') keepIn(once, record, { key, answered }, onceLimit);
    return {
      allow,
      verdict,
      ...(origin === undefined ? {} : { origin }),
      message: allow ? '' : refusal(intent, verdict, origin, answered),
      record,
    };
  };

  /** A request belongs to a connection that was learned of. */
  const isLearned = (intent: EgressIntent, verdict: Verdict): boolean => {
    const learning = verdict.decision === 'ask' && verdict.stage === 'unlisted' ? facts.learning?.() : undefined;
    if (learning === undefined) return false;
    return intent.what === 'request' && intent.of !== undefined
      ? true
      : learning.connection(hostOf(intent), intent.port, intent.asker?.executable);
  };

  const earlier = ({ of }: EgressIntent, key: string): Settled | undefined => {
    const single = of === undefined ? undefined : once.get(of);
    const answered = granted.get(key) ?? (single?.key === key ? single.answered : undefined);
    return answered && { ...answered, repeated: true };
  };

  const ask = (intent: EgressIntent, verdict: Verdict, key: string, signal: AbortSignal): Promise<Settled> =>
    questions.ask(key, signal, (withdrawn) => {
      const where = shortened(programOf(intent));
      return facts.ask({ key, host: hostOf(intent), port: intent.port, what: whatOf(intent), where, verdict }, withdrawn);
    });

  return async (intent, signal) => {
    try {
      return await decide(intent, signal);
    } catch (error) {
      facts.logError('a connection is not on record, so it is refused', error);
      const reason = 'It could not be written down, and what is not on record does not leave.';
      const verdict: Verdict = { decision: 'deny', stage: 'unrecorded', reason };
      return { allow: false, verdict, message: refusal(intent, verdict, undefined, undefined) };
    }
  };
}

/** An answer as it is remembered: without the texts it proposed. */
function withoutChange({ answer, actor }: Settled): Settled {
  return { answer, ...(actor === undefined ? {} : { actor }) };
}

const isYes = (settled: Settled | undefined): boolean =>
  settled?.answer === 'once' || settled?.answer === 'session' || settled?.answer === 'always';

/** A yes is about a host, a port and the rule that asks; which program asks does not matter. */
const keyOf = (intent: EgressIntent, { rule = '' }: Verdict): string => JSON.stringify([hostOf(intent), intent.port, rule]);

/** The host as it is judged; what cannot be one is kept from terminals and logs. */
function hostOf({ host }: EgressIntent): string {
  const canonical = canonicalHost(host);
  return canonical.ok ? canonical.host : shortened(JSON.stringify(host));
}

/** Where to, and for a request what: the query is left out, which is where programs put what they look for. */
function whatOf(intent: EgressIntent): string {
  const { method, path, port, what } = intent;
  const host = hostOf(intent);
  const place = what === 'name' ? host : `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return method === undefined ? place : shortened(`${method} ${place}${pathOnly(path)}`);
}

const pathOnly = (path = ''): string => shortened(/^[^?#]*/.exec(path)?.[0] ?? '');

function programOf({ asker }: EgressIntent): string {
  if (asker === null) return 'a program that could not be found';
  return asker.argv.length > 0 ? asker.argv.join(' ') : asker.executable;
}

interface Decided {
  readonly allow: boolean;
  readonly origin: string | undefined;
  readonly answered: Settled | undefined;
  /** let through because the sandbox learns */
  readonly learned: boolean;
}

function entryOf(intent: EgressIntent, verdict: Verdict, { allow, origin, answered, learned }: Decided): RecordEntry {
  const { what, port, method, path, asker, of } = intent;
  const detail: NonNullable<RecordEntry['detail']> = {
    host: hostOf(intent),
    ...(what === 'name' ? {} : { port }),
    ...(method === undefined ? {} : { method: shortened(method), path: pathOnly(path) }),
    ...(of === undefined ? {} : { of }),
    ...(asker === null ? {} : { pid: asker.pid, executable: asker.executable, argv: asker.argv }),
    ...{ verdict: verdict.decision, stage: verdict.stage, reason: verdict.reason },
    ...(verdict.rule === undefined ? {} : { rule: verdict.rule }),
    ...(origin === undefined ? {} : { origin }),
    ...(answered === undefined ? {} : { answer: answered.answer, answeredBy: answered.actor?.user ?? null }),
    ...(answered?.repeated === true ? { repeated: true } : {}),
    ...(learned ? { learned } : {}),
  };
  const action = what === 'connection' ? 'connect' : what;
  return { type: 'network', action, outcome: allow ? 'success' : 'blocked', actor: agent, target: whatOf(intent), detail };
}

/** One line for the agent: what was refused, by which rule, and why, so that it stops trying. */
function refusal(intent: EgressIntent, verdict: Verdict, origin: string | undefined, answered: Settled | undefined): string {
  const by = origin ?? verdict.rule;
  const where = by === undefined ? '' : ` by ${basename(by)}`;
  const what = intent.what === 'request' ? whatOf(intent) : `connection to ${whatOf(intent)}`;
  if (answered === undefined) return `LASSO: ${what} is blocked${where}. ${verdict.reason}`;
  return `LASSO: ${what} needs approval${where}, and ${unanswered(answered)}.`;
}

function keepIn<K, V>(kept: Map<K, V>, key: K, value: V, limit: number): void {
  kept.delete(key);
  kept.set(key, value);
  const [oldest] = kept.keys();
  if (oldest !== undefined && kept.size > limit) kept.delete(oldest);
}

/** Without what a terminal or a log line would take for more than text. */
function shortened(text: string): string {
  const plain = text.slice(0, textLimit).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ');
  return text.length <= textLimit ? plain : `${plain}…`;
}
