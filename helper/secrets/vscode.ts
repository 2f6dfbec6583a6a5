/**
 * Secrets that VS Code keeps: asked of every window that is there to answer, and used from the first that has it. The question
 * holds a name; what is answered stays in this process.
 */
import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/lifetime.ts';
import type { Random } from '../base/random.ts';
import type { SecretSource } from './store.ts';
import { unavailable } from './unavailable.ts';

export interface SecretQuestion {
  readonly id: string;
  readonly name: string;
}

type Answer = { readonly value: string } | 'absent' | 'late';

interface Waiting {
  readonly settle: (answer: Answer) => void;
  /** windows that have not said that they lack it */
  left: number;
}

/** how long windows may take, in milliseconds; a keyring behind VS Code may have to be unlocked */
const answerMs = 10_000;

export class EditorSecrets {
  readonly #clock: Pick<Clock, 'sleep'>;
  readonly #random: Random;
  readonly #waiting = new Map<string, Waiting>();
  #windows = 0;
  /** puts a question to every window */
  onQuestion: (question: SecretQuestion) => void = () => undefined;

  constructor(clock: Pick<Clock, 'sleep'>, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** A window is there to answer, until the result is disposed of. */
  attend(): Disposable {
    this.#windows += 1;
    let here = true;
    return {
      dispose: () => {
        if (here) this.#windows -= 1;
        here = false;
      },
    };
  }

  /** A window answers: with the value, or that it has none. A question that is over is nobody's any more. */
  answer(id: string, value: string | undefined): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    waiting.left -= 1;
    if (value !== undefined) waiting.settle({ value });
    else if (waiting.left <= 0) waiting.settle('absent');
  }

  source(name: string): SecretSource {
    return { freshMs: 2000, read: () => this.#ask(name) };
  }

  async #ask(name: string): Promise<string> {
    if (this.#windows === 0)
      throw unavailable(
        'no VS Code window is connected to LASSO, and VS Code alone has it',
        'Open VS Code with the LASSO view, or keep it with `lasso secret set`.',
      );
    const id = this.#random.hex(8);
    const over = new AbortController();
    const answer = await new Promise<Answer>((settle) => {
      this.#waiting.set(id, { settle, left: this.#windows });
      this.#clock.sleep(answerMs, over.signal).then(
        () => settle('late'),
        () => undefined,
      );
      this.onQuestion({ id, name });
    });
    over.abort();
    this.#waiting.delete(id);
    if (typeof answer === 'object') return answer.value;
    if (answer === 'late') throw unavailable('VS Code did not answer', 'Look at its windows: its keyring may have to be unlocked.');
    throw unavailable(`VS Code has no secret ${name}`, 'Put it there with “LASSO: Store Secret…”.');
  }
}
