/** The gate's end of the link: what the guest tells of program starts goes to whoever judges, and the answer back. No answer is a no. */
import type { Log } from '../base/log.ts';
import type { SpawnRequest } from './contract.ts';
import type { ExecAnswer, ExecFrame, ExecGate } from './exec.ts';
import { ProtocolError } from './frames.ts';
import { encodeAnswer } from './requests.ts';

/** a command of the helper's own that is being started */
export interface Entry {
  readonly request: SpawnRequest;
  /** why the gate said no, as the agent would be told */
  refusal?: string | undefined;
}

export interface JudgingFacts {
  /** absent: none is asked about */
  readonly gate: ExecGate | undefined;
  readonly log: Log;
  readonly entryOf: (process: number) => Entry | undefined;
  readonly write: (frame: Buffer) => void;
}

export class Judging {
  readonly #facts: JudgingFacts;
  /** questions that have no answer yet */
  readonly #open = new Map<number, AbortController>();
  /** how often earlier answers were forgotten */
  #forgotten = 0;

  constructor(facts: JudgingFacts) {
    this.#facts = facts;
  }

  /** No yes that is being thought about lasts. */
  forget(): void {
    this.#forgotten += 1;
  }

  /** @throws ProtocolError where nobody judges */
  take(frame: ExecFrame): void {
    const { gate, entryOf, write } = this.#facts;
    if (!gate) throw new ProtocolError('the guest asks about a program although nobody judges');
    switch (frame.type) {
      case 'exec-ask': {
        const { question } = frame;
        const entry = question.entry ? entryOf(question.process) : undefined;
        const request = entry?.request;
        const whole = request
          ? { ...question, argv: request.argv, cwd: request.cwd, ownShell: request.ownShell === true, ownAct: request.ownAct === true }
          : question;
        const forgotten = this.#forgotten;
        const gone = new AbortController();
        this.#open.set(question.question, gone);
        void gate
          .judge(whole, gone.signal)
          .catch((error: unknown) => this.#failed(error))
          .then((answer) => {
            if (this.#open.get(question.question) === gone) this.#open.delete(question.question);
            if (gone.signal.aborted) return;
            if (entry && !answer.allow) entry.refusal ??= answer.message;
            write(encodeAnswer(question.question, forgotten === this.#forgotten ? answer : { ...answer, keep: false }));
          });
        return;
      }
      case 'exec-again':
        gate.again(frame.question, frame.actor);
        return;
      case 'exec-changed':
        void gate
          .changed(frame.question, frame.pid, frame.argv)
          .catch(() => false)
          .then((allow) => write(encodeAnswer(frame.id, { allow })));
        return;
      case 'exec-other':
        gate.other(frame.question, frame.pid);
        return;
      case 'exec-gone':
        // One that was just answered is none of ours any more.
        this.#open.get(frame.question)?.abort();
    }
  }

  #failed(error: unknown): ExecAnswer {
    this.#facts.log.error('a program start could not be judged', error);
    return { allow: false, message: 'LASSO: this could not be judged, so it is refused' };
  }
}
