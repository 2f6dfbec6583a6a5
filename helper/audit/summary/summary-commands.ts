/** What ran: what people asked for, with exit codes and durations, and each program that started inside or was kept from it. */
import { amountIn, baseOf, textIn, textsIn, type Seen } from './summary-line.ts';
import type { ProgramUse, Ran, RecordSummary } from './summary-shape.ts';
import { Tally } from './tally.ts';

export class CommandSummary {
  #asked = 0;
  #terminals = 0;
  #started = 0;
  #blocked = 0;
  #durationMs = 0;
  readonly #ran = new Tally<Ran>();
  readonly #programs = new Tally<ProgramUse>();
  readonly #exits = new Tally<null>(300);

  add(seen: Seen): void {
    if (seen.type === 'command' && seen.action === 'start') return this.#start(seen);
    if (seen.type === 'terminal' && seen.outcome === 'intent' && seen.action === 'shell') this.#terminals += 1;
    // An agent that asks first has started nothing yet.
    if (seen.type === 'command' && seen.action === 'tool') this.#blocked += seen.outcome === 'blocked' ? 1 : 0;
    else if (seen.type === 'command') this.#ask(seen);
  }

  get result(): RecordSummary['commands'] {
    return {
      asked: this.#asked,
      terminals: this.#terminals,
      started: this.#started,
      blocked: this.#blocked,
      ran: this.#ran.top(25),
      programs: this.#programs.top(25),
      exits: this.#exits.top(12),
      durationMs: this.#durationMs,
    };
  }

  #start({ outcome, target, detail }: Seen): void {
    const file = textIn(detail, 'file') ?? textsIn(detail, 'argv', 1)[0] ?? target.split(' ', 1)[0] ?? '';
    const program = this.#programs.add(baseOf(file), () => ({ started: 0, blocked: 0 }));
    if (outcome === 'blocked') {
      this.#blocked += 1;
      program.blocked += 1;
    } else {
      this.#started += 1;
      program.started += 1;
    }
  }

  #ask({ outcome, target, detail }: Seen): void {
    const isNew = outcome === 'intent' || outcome === 'blocked';
    const ran = this.#ran.add(target, freshRan, isNew ? 1 : 0);
    if (isNew) this.#asked += 1;
    if (outcome === 'intent') return;
    if (outcome === 'blocked') {
      this.#blocked += 1;
      ran.blocked += 1;
      return;
    }
    if (outcome === 'success') ran.succeeded += 1;
    else if (outcome === 'error') ran.failed += 1;
    else ran.unknown += 1;
    const durationMs = amountIn(detail, 'durationMs') ?? 0;
    ran.durationMs += durationMs;
    ran.longestMs = Math.max(ran.longestMs, durationMs);
    this.#durationMs += durationMs;
    this.#exits.add(exitOf(detail), () => null);
  }
}

const freshRan = (): Ran => ({ succeeded: 0, failed: 0, blocked: 0, unknown: 0, durationMs: 0, longestMs: 0 });

function exitOf(detail: Seen['detail']): string {
  const code = amountIn(detail, 'code');
  if (code !== undefined) return String(code);
  const signal = amountIn(detail, 'signal') ?? textIn(detail, 'signal');
  return signal === undefined ? 'none' : `signal ${signal}`;
}
