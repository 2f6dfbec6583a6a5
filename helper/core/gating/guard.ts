/**
 * Answers hooks of agents in a sandbox: may this tool be used? Judged by the rules in force now, on record before the answer, and a
 * no for whatever fails. It is the profile's word given early, so that the agent hears why; what enforces it is elsewhere.
 */
import type { Duplex } from 'node:stream';
import { toolUseOf, type ToolUse } from '../../agents/asked/payload.ts';
import type { SandboxRecord } from '../../audit/writing/log.ts';
import type { Clock } from '../../base/clock.ts';
import type { GuardGate, GuardQuestion } from '../../guest/network.ts';
import type { CommandPlace } from '../../policy/commands/judge.ts';
import { judgeTool, severest, type ToolQuestion, type ToolRules } from '../../policy/tools.ts';
import { agentName } from '../../protocol/agent.ts';
import type { RecordEntry } from '../../protocol/record.ts';
import type { Verdict } from '../../protocol/verdict.ts';
import type { Settled } from './approvals.ts';
import { HookStreams, signEveryMs } from './hook-stream.ts';
import { refusedTool } from './refused-tool.ts';

export interface GuardFacts {
  readonly record: SandboxRecord;
  /** the rules as they are now: a mode may change while the sandbox runs */
  readonly rules: () => ToolRules;
  readonly place: CommandPlace;
  /** FILE:LINE of a rule, where a file wrote it */
  readonly originOf: (rule: string) => string | undefined;
  /** whether a person is asked about programs when they start, and so need not be asked before */
  readonly asksAtStart: () => boolean;
  /** asks a person; settles when there is an answer, or when whoever asked is gone */
  readonly ask: (question: ToolAsked, gone: AbortSignal) => Promise<Settled>;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly logError: (message: string, cause: unknown) => void;
}

/** a use of a tool that waits for a person's word */
interface ToolAsked {
  /** the same for the same tool and text */
  readonly key: string;
  readonly what: string;
  readonly where: string;
  readonly verdict: Verdict;
}

/** longest text of what is asked that is kept, in UTF-16 code units */
const textLimit = 16_384;

interface Judged {
  readonly use: ToolUse;
  /** the one that decides */
  readonly question: ToolQuestion;
  readonly verdict: Verdict;
}

export function guardGate(facts: GuardFacts): GuardGate {
  const streams = new HookStreams(facts.clock);
  /** what a person said yes to for longer */
  const granted = new Set<string>();

  const answerTo = async (asked: GuardQuestion, said: string, stream: Duplex, gone: AbortSignal): Promise<string> => {
    const line = said.indexOf('\n');
    const agent = agentName.safeParse(said.slice(0, Math.max(0, line)));
    const use: ToolUse = agent.success
      ? toolUseOf(said.slice(line + 1))
      : { tool: '', questions: [{ kind: 'unclear', why: 'no agent is named' }] };
    let judged = judge(use, facts);
    let answered: Settled | undefined;
    // A connection is asked about when it is made.
    if (judged.verdict.decision === 'ask' && judged.question.kind !== 'url' && !facts.asksAtStart()) {
      answered = await asking(judged, stream, gone);
      const now = judge(use, facts);
      // The mode may have been changed while a person thought about it.
      if (now.verdict.decision === 'deny') [judged, answered] = [now, undefined];
    }
    const { verdict } = judged;
    const allow = verdict.decision !== 'deny' && (answered === undefined || isYes(answered));
    const origin = verdict.rule === undefined ? undefined : facts.originOf(verdict.rule);
    await facts.record.append(entryOf(judged, { agent: agent.data ?? '', asked, allow, origin, answered }));
    return allow ? '0\n' : `2\n${refusedTool(use.tool, verdict, origin ?? verdict.rule, answered)}`;
  };

  const asking = async ({ use, question, verdict }: Judged, stream: Duplex, gone: AbortSignal): Promise<Settled> => {
    const key = JSON.stringify([use.tool, question]);
    if (granted.has(key)) return { answer: 'session', repeated: true };
    const settled = new AbortController();
    const signs = giveSigns(stream, facts.clock, settled.signal);
    const where = question.kind === 'command' ? (question.cwd ?? facts.place.cwd) : facts.place.cwd;
    const answered = await facts.ask({ key, what: targetOf(use, question), where, verdict }, gone).finally(() => settled.abort());
    await signs;
    if (isYes(answered) && answered.answer !== 'once') granted.add(key);
    return answered;
  };

  return (asked, stream) => {
    const gone = new AbortController();
    stream.on('error', () => undefined).once('close', () => gone.abort());
    void streams
      .said(stream, gone.signal)
      .then((said) => answerTo(asked, said, stream, gone.signal))
      .catch((error: unknown) => {
        if (!gone.signal.aborted) facts.logError('a hook of an agent got a no', error);
        return '2\nLASSO: this is refused, because it could not be judged or written down.';
      })
      .then((answer) => streams.answer(stream, answer));
  };
}

function judge(use: ToolUse, { rules, place }: GuardFacts): Judged {
  const now = rules();
  const verdicts = use.questions.map((question) => judgeTool(question, now, place));
  const verdict = severest(verdicts);
  const question = use.questions[Math.max(0, verdicts.indexOf(verdict))] ?? { kind: 'unclear', why: 'nothing is asked' };
  return { use, question, verdict };
}

const isYes = ({ answer }: Settled): boolean => answer === 'once' || answer === 'session' || answer === 'always';

/** An empty line now and then: the hook takes silence for a no. */
async function giveSigns(stream: Duplex, clock: Pick<Clock, 'sleep'>, over: AbortSignal): Promise<void> {
  const again = async (): Promise<boolean> =>
    await clock.sleep(signEveryMs, over).then(
      () => true,
      () => false,
    );
  while (await again()) if (stream.writable) stream.write('\n');
}

interface Answered {
  readonly agent: string;
  readonly asked: GuardQuestion;
  readonly allow: boolean;
  readonly origin: string | undefined;
  readonly answered: Settled | undefined;
}

const typeOf = { command: 'command', read: 'file', write: 'file', url: 'network', other: 'command', unclear: 'command' } as const;

function entryOf({ use, question, verdict }: Judged, { agent, asked: { asker }, allow, origin, answered }: Answered): RecordEntry {
  return {
    type: typeOf[question.kind],
    action: 'tool',
    outcome: allow ? 'success' : 'blocked',
    actor: { kind: 'agent', face: 'guest' },
    target: targetOf(use, question),
    detail: {
      ...{ agent, tool: use.tool, asks: question.kind },
      ...(asker === null ? {} : { pid: asker.pid }),
      ...(question.kind === 'command' && question.cwd !== undefined ? { cwd: shortened(question.cwd) } : {}),
      ...{ verdict: verdict.decision, stage: verdict.stage, reason: verdict.reason },
      ...(verdict.rule === undefined ? {} : { rule: verdict.rule }),
      ...(origin === undefined ? {} : { origin }),
      ...(answered === undefined ? {} : { answer: answered.answer, answeredBy: answered.actor?.user ?? null }),
    },
  };
}

function targetOf({ tool }: ToolUse, question: ToolQuestion): string {
  switch (question.kind) {
    case 'command':
      return shortened(question.text);
    case 'read':
    case 'write':
      return shortened(question.paths.join(' '));
    case 'url':
      return shortened(/^[^?#]*/.exec(question.url)?.[0] ?? '');
    case 'other':
    case 'unclear':
      return tool;
  }
}

const shortened = (text: string): string => (text.length <= textLimit ? text : `${text.slice(0, textLimit - 1)}…`);
