/**
 * What waits for a person's word: held until somebody answers, the time is over, or nobody is there to ask. One mechanism for
 * commands and connections; it decides nothing, and no answer is a no.
 */
import type { Clock } from '../../base/clock.ts';
import type { Disposable } from '../../base/lifetime.ts';
import type { Random } from '../../base/random.ts';
import type { Approval, ApprovalAnswer, ProposedChange } from '../../protocol/approval.ts';
import type { LassoEvent } from '../../protocol/events.ts';
import type { Actor } from '../../protocol/record.ts';
import { LassoError } from '../../protocol/errors.ts';

/** a question before it has a number and a time */
export type ApprovalQuestion = Omit<Approval, 'id' | 'askedAt' | 'expiresAt'> & {
  readonly timeoutMs: number;
  /** what a lasting yes would change in a profile */
  readonly propose?: () => Promise<ProposedChange | undefined>;
};

export interface Settled {
  readonly answer: ApprovalAnswer | 'timeout' | 'unattended' | 'withdrawn';
  /** who answered; absent when nobody did */
  readonly actor?: Actor;
  /** what a lasting yes proposed to whoever gave it */
  readonly change?: ProposedChange;
  /** an earlier answer, so that nobody was asked again */
  readonly repeated?: true;
}

interface Waiting {
  readonly approval: Approval;
  readonly settle: (settled: Settled) => void;
  readonly propose: ApprovalQuestion['propose'];
}

type ApprovalEvent = Extract<LassoEvent, { type: 'approval' | 'approval-settled' }>;

/** questions of one helper that may be open at a time; more are refused at once */
const openLimit = 200;

export class Approvals {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #waiting = new Map<string, Waiting>();
  #attendants = 0;
  /** told of every question and of its end */
  onEvent: (event: ApprovalEvent) => void = () => undefined;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Somebody is there to answer, until the result is disposed of. Without anybody, what would be asked is refused at once. */
  attend(): Disposable {
    this.#attendants += 1;
    let here = true;
    return {
      dispose: () => {
        if (here) this.#attendants -= 1;
        here = false;
      },
    };
  }

  get open(): readonly Approval[] {
    return [...this.#waiting.values()].map(({ approval }) => approval);
  }

  /** Whether a question would reach anybody now. */
  reaches({ timeoutMs }: Pick<ApprovalQuestion, 'timeoutMs'>): boolean {
    return timeoutMs > 0 && this.#attendants > 0 && this.#waiting.size < openLimit;
  }

  /** Settles with an answer; never rejects. `signal` withdraws the question. */
  async ask({ timeoutMs, propose, ...question }: ApprovalQuestion, signal?: AbortSignal): Promise<Settled> {
    if (signal?.aborted === true) return { answer: 'withdrawn' };
    if (!this.reaches({ timeoutMs })) return { answer: 'unattended' };
    const now = this.#clock.now();
    const approval: Approval = {
      ...question,
      id: this.#random.hex(4),
      askedAt: now.toISOString(),
      expiresAt: new Date(now.getTime() + timeoutMs).toISOString(),
    };
    const over = new AbortController();
    const settled = await new Promise<Settled>((resolve) => {
      this.#waiting.set(approval.id, { approval, settle: resolve, propose });
      signal?.addEventListener('abort', () => resolve({ answer: 'withdrawn' }), { once: true });
      void this.#clock.sleep(timeoutMs, over.signal).then(
        () => resolve({ answer: 'timeout' }),
        () => undefined,
      );
      this.onEvent({ type: 'approval', approval });
    });
    over.abort();
    this.#waiting.delete(approval.id);
    this.onEvent({ type: 'approval-settled', id: approval.id, answer: settled.answer });
    return settled;
  }

  /** @throws LassoError BAD_REQUEST for a question that is not open, or an answer it does not take */
  answer(id: string, answer: ApprovalAnswer, actor: Actor, change?: ProposedChange): Approval {
    const waiting = this.#waiting.get(id);
    if (!waiting)
      throw new LassoError(
        'BAD_REQUEST',
        `No question ${id} is open`,
        'List the open ones with `lasso approvals`; answered and timed-out ones are gone.',
      );
    if (answer !== 'deny' && !waiting.approval.answers.includes(answer))
      throw new LassoError(
        'BAD_REQUEST',
        `The profile lets a yes last for “${waiting.approval.answers.at(-1) ?? 'once'}” at most`,
        'Answer with less, or change approvals.longest in the profile.',
      );
    waiting.settle({ answer, actor, ...(change === undefined ? {} : { change }) });
    return waiting.approval;
  }

  /** What a lasting yes to an open question would change; undefined for one that is not open. */
  async proposal(id: string): Promise<ProposedChange | undefined> {
    return await this.#waiting.get(id)?.propose?.();
  }

  /** Withdraws what a sandbox that ended had asked. */
  withdraw(sandbox: string): void {
    for (const { approval, settle } of this.#waiting.values()) if (approval.sandbox === sandbox) settle({ answer: 'withdrawn' });
  }
}
