/**
 * Where one sandbox's questions are put to a person and their answers written down. A no is remembered for a little while, so
 * that an agent that tries again at once does not make a person say it twice; a yes is never made up here.
 */
import { createHash } from 'node:crypto';
import type { SandboxRecord } from '../../audit/writing/log.ts';
import type { Clock } from '../../base/clock.ts';
import type { ProposedChange } from '../../protocol/approval.ts';
import type { Actor, RecordEntry, RecordValue } from '../../protocol/record.ts';
import type { ApprovalQuestion, Approvals, Settled } from './approvals.ts';

/** how long a no also answers the same question, in seconds */
export const quietSeconds = 60;
/** refused questions that are remembered; more are forgotten, oldest first */
const refusedLimit = 1000;

const agent: Actor = { kind: 'agent', face: 'guest' };
const system: Actor = { kind: 'system', face: 'helper' };

export class ApprovalDesk {
  readonly #approvals: Approvals;
  readonly #record: SandboxRecord;
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #refused = new Map<string, { readonly untilMs: number; readonly settled: Settled }>();

  constructor(approvals: Approvals, record: SandboxRecord, clock: Pick<Clock, 'monotonicMs'>) {
    this.#approvals = approvals;
    this.#record = record;
    this.#clock = clock;
  }

  /** @param key what makes two questions the same @param signal withdraws the question @throws LassoError RECORD_FAILED: what cannot be recorded is not asked */
  async ask(key: string, question: ApprovalQuestion, signal?: AbortSignal): Promise<Settled> {
    const earlier = this.#refused.get(key);
    if (earlier !== undefined && this.#clock.monotonicMs() < earlier.untilMs) return { ...earlier.settled, repeated: true };
    this.#refused.delete(key);
    const { what, where, why, rule, origin, kind } = question;
    const asked: RecordEntry = {
      type: 'approval',
      action: 'ask',
      outcome: 'intent',
      actor: agent,
      target: what,
      detail: { kind, where, why, ...(rule === undefined ? {} : { rule }), ...(origin === undefined ? {} : { origin }) },
    };
    if (signal?.aborted !== true && !this.#approvals.reaches(question)) {
      // Nobody was asked, so there is nothing that an answer would finish.
      await this.#record.append({ ...asked, outcome: 'blocked', detail: { ...asked.detail, answer: 'unattended' } });
      return { answer: 'unattended' };
    }
    const number = await this.#record.append(asked);
    const settled = await this.#approvals.ask(question, signal);
    if (settled.answer === 'deny') this.#remember(key, settled);
    const said = settled.answer === 'once' || settled.answer === 'session' || settled.answer === 'always';
    const answered: RecordEntry = {
      type: 'approval',
      action: 'answer',
      outcome: said ? 'success' : 'blocked',
      actor: settled.actor ?? system,
      target: what,
      detail: { kind, answer: settled.answer, ...(settled.change === undefined ? {} : { proposed: proposedDetail(settled.change) }) },
    };
    await this.#record.append(answered, number);
    return settled;
  }

  #remember(key: string, settled: Settled): void {
    this.#refused.set(key, { untilMs: this.#clock.monotonicMs() + quietSeconds * 1000, settled });
    const [oldest] = this.#refused.keys();
    if (oldest !== undefined && this.#refused.size > refusedLimit) this.#refused.delete(oldest);
  }
}

/** The profile that a lasting yes proposed, by its digest: whether it was saved shows when a profile of that text is in force. */
const proposedDetail = ({ profile, file, after }: ProposedChange): RecordValue => ({
  ...{ profile, file },
  sha256: createHash('sha256').update(after).digest('hex'),
  lines: after
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-8),
});
