/**
 * How much one sandbox may ask for at once, so that a storm inside costs the host little and the record two lines a second.
 * What is over a limit is refused at once; nothing waits, and everything that was refused is counted in some line.
 */
import { judgeConnection } from '../policy/network/judge.ts';
import type { EgressEvent, EgressFacts } from './contract.ts';

export const limitsOfSandbox = {
  /** connections open at once */
  connections: 2000,
  /** new connections a second, in the long run */
  perSecond: 200,
  /** new connections at once after a quiet while */
  burst: 2000,
  /** questions being thought about at once */
  questions: 4096,
  /** refusals a second that are written down one by one, and how many at once after a quiet while */
  refusalsPerSecond: 50,
  refusalsBurst: 500,
} as const;

const reportEveryMs = 1000;

/** A bucket of tokens: `burst` at most, `perSecond` new ones. */
export class Bucket {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #now: () => number;
  #tokens: number;
  #filledAt: number;

  constructor(perSecond: number, burst: number, monotonicMs: () => number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#now = monotonicMs;
    this.#tokens = burst;
    this.#filledAt = monotonicMs();
  }

  take(): boolean {
    const now = this.#now();
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#filledAt) / 1000) * this.#perSecond);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}

export class Limits {
  readonly #report: (event: EgressEvent) => void;
  readonly #now: () => number;
  readonly #fresh: Bucket;
  readonly #refusals: Bucket;
  #open = 0;
  #questions = 0;
  /** what was refused and is in no line yet */
  #refused = 0;
  #last = { target: '', why: '' };
  /** names that were asked about again, likewise */
  #repeated = 0;
  #repeatedName = '';
  #reportedAt = -Infinity;
  #due: NodeJS.Timeout | undefined;

  constructor(report: (event: EgressEvent) => void, monotonicMs: () => number) {
    this.#report = report;
    this.#now = monotonicMs;
    this.#fresh = new Bucket(limitsOfSandbox.perSecond, limitsOfSandbox.burst, monotonicMs);
    this.#refusals = new Bucket(limitsOfSandbox.refusalsPerSecond, limitsOfSandbox.refusalsBurst, monotonicMs);
  }

  /** Whether one more connection may be asked about; undefined when it may, else what to say to whoever asked. */
  newConnection(target: string): string | undefined {
    if (this.#open >= limitsOfSandbox.connections)
      return this.refuse(target, `this sandbox has ${limitsOfSandbox.connections} connections open, which is the most; close some`);
    if (!this.#fresh.take())
      return this.refuse(target, `this sandbox opens more than ${limitsOfSandbox.perSecond} connections a second; try again in a moment`);
    return undefined;
  }

  /** Counts an open connection until the undo is called. */
  open(): () => void {
    this.#open += 1;
    let counted = true;
    return () => {
      if (counted) this.#open -= 1;
      counted = false;
    };
  }

  /** Answers a question unless too many are being thought about; then it gives `refused` the words for whoever asked. */
  async question<T>(target: string, refused: (message: string) => T, answer: () => Promise<T>): Promise<T> {
    if (this.#questions >= limitsOfSandbox.questions)
      return refused(this.refuse(target, `${limitsOfSandbox.questions} questions of this sandbox wait already; try again in a moment`));
    this.#questions += 1;
    try {
      return await answer();
    } finally {
      this.#questions -= 1;
    }
  }

  /** Facts whose refusals of requests, and whose reports of what was refused, are not written down one by one in a storm of them. */
  bounding(facts: EgressFacts): EgressFacts {
    return {
      ...facts,
      decide: async (intent, signal) => {
        // Names have their own way of not being told again and again.
        const verdict = intent.what === 'name' ? undefined : judgeConnection(intent, facts.rules());
        if (verdict?.decision !== 'deny') return facts.decide(intent, signal);
        const over = this.overRefused(`${intent.host}:${intent.port}`);
        return over === undefined ? facts.decide(intent, signal) : { allow: false, verdict, message: `${over} ${verdict.reason}` };
      },
      report: (event) => {
        if (event.outcome !== 'blocked' || event.action === 'flood' || this.overRefused(event.target) === undefined) facts.report(event);
      },
    };
  }

  /** Undefined when one more refusal may be written down; else it is counted, and this is what to say. */
  overRefused(target: string): string | undefined {
    return this.#refusals.take() ? undefined : this.refuse(target, 'this sandbox asks for too much that is not allowed.');
  }

  /** Counts a refusal over a limit, and writes down that there are some: at once, then once a second as long as there are. */
  refuse(target: string, why: string): string {
    this.#refused += 1;
    this.#last = { target, why };
    if (this.#now() - this.#reportedAt >= reportEveryMs) this.flush();
    else this.#flushSoon();
    return `LASSO: ${why}`;
  }

  /** Counts one more question about a name whose refusal is on record already. */
  repeated(name: string): void {
    this.#repeated += 1;
    this.#repeatedName = name;
    this.#flushSoon();
  }

  /** Writes down what was counted and is in no line yet. */
  flush(): void {
    clearTimeout(this.#due);
    this.#due = undefined;
    this.#reportedAt = this.#now();
    const { target, why } = this.#last;
    if (this.#refused > 0)
      this.#report({ type: 'violation', action: 'flood', outcome: 'blocked', target, detail: { refused: this.#refused, reason: why } });
    if (this.#repeated > 0) {
      const host = this.#repeatedName;
      const detail = { host, refused: this.#repeated, reason: 'Refused names were asked about again; the last of them is told here.' };
      this.#report({ type: 'network', action: 'name', outcome: 'blocked', target: host, detail });
    }
    this.#refused = 0;
    this.#repeated = 0;
  }

  #flushSoon(): void {
    this.#due ??= setTimeout(() => this.flush(), reportEveryMs).unref();
  }
}
