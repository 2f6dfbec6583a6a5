/**
 * `lasso approvals --watch`: is there to answer while it runs. On a terminal each question is shown in its turn and answered
 * with a key; elsewhere questions are only told. It decides nothing, and ends without answering what is still open.
 */
import type { Approval, ProposedChange } from '../../protocol/approval.ts';
import type { LassoEvent } from '../../protocol/events.ts';
import { LassoError } from '../../protocol/errors.ts';
import { notLasting, saveChange, savedNote } from './accept.ts';
import type { Connection } from './connection.ts';
import { type Console, paintFor } from './console.ts';
import { failureOf, failureText } from './failure.ts';
import { changeText, questionText, settledTexts } from './render/approvals.ts';
import { jsonText, visible } from './render/text.ts';

interface Seat {
  readonly connection: Connection;
  readonly console: Console;
}

type Settled = Extract<LassoEvent, { type: 'approval-settled' }>;

const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const satisfies readonly NodeJS.Signals[];
const answersByKey: ReadonlyMap<string, 'once' | 'session' | 'always' | 'deny'> = new Map([
  ['y', 'once'],
  ['s', 'session'],
  ['a', 'always'],
  ['n', 'deny'],
]);
/** Ctrl-C, Ctrl-D, q */
const leaving: ReadonlySet<string> = new Set(['\u0003', '\u0004', 'q']);

/** Exit status, once it is told to end. @throws LassoError HELPER_UNREACHABLE when the helper is lost */
export async function watchApprovals(seat: Seat, json: boolean): Promise<number> {
  const { connection, console } = seat;
  if (connection.onEvent === undefined)
    throw new LassoError('INTERNAL', 'nothing is told here', 'This is a fault of LASSO: please report it.');
  const abort = new AbortController();
  const end = (): void => abort.abort();
  const person = !json && console.stdin.isTTY === true && console.stdout.isTTY === true;
  const desk = json ? jsonDesk(console) : person ? new KeyDesk(seat, end) : textDesk(console);
  const shown = new Set<string>();
  const show = (approval: Approval): void => {
    if (shown.has(approval.id)) return;
    shown.add(approval.id);
    desk.ask(approval);
  };
  const events = connection.onEvent((event) => {
    if (event.type === 'approval') show(event.approval);
    else if (event.type === 'approval-settled' && shown.delete(event.id)) desk.settled(event);
  });
  for (const signal of endings) process.on(signal, end);
  try {
    const attending = connection.call('attend', {}, { signal: abort.signal });
    attending.catch(() => undefined);
    for (const approval of (await connection.call('approvals', {})).approvals) show(approval);
    await attending;
  } catch (error) {
    if (!abort.signal.aborted) throw error;
  } finally {
    for (const signal of endings) process.off(signal, end);
    await events.dispose();
    desk.close();
  }
  return 0;
}

interface Desk {
  readonly ask: (approval: Approval) => void;
  readonly settled: (event: Settled) => void;
  readonly close: () => void;
}

function jsonDesk({ stdout }: Console): Desk {
  const put = (event: LassoEvent): void => void stdout.write(`${jsonText(event)}\n`);
  return { ask: (approval) => put({ type: 'approval', approval }), settled: put, close: () => undefined };
}

function textDesk({ stdout, environment }: Console): Desk {
  const paint = paintFor(stdout, environment);
  stdout.write('Questions are shown here; answer with `lasso approve ID` or `lasso deny ID`.\n');
  return {
    ask: (approval) => void stdout.write(questionText(approval, paint)),
    settled: ({ id, answer }) => void stdout.write(`${visible(id)}  ${settledTexts[answer]}\n`),
    close: () => undefined,
  };
}

/** Questions one after the other; a key answers the one that is shown, and what is typed before it is shown answers nothing. */
class KeyDesk implements Desk {
  readonly #seat: Seat;
  readonly #queue: Approval[] = [];
  readonly #end: () => void;
  /** question whose answer is under way */
  #answering: string | undefined;
  #change: ProposedChange | undefined;

  constructor(seat: Seat, end: () => void) {
    this.#seat = seat;
    this.#end = end;
    const { stdin } = seat.console;
    stdin.setRawMode?.(true);
    stdin.on('data', this.#typed);
    stdin.once('end', end);
    this.#put('You are there to answer. q leaves; what is asked then is denied.\n');
  }

  ask(approval: Approval): void {
    this.#queue.push(approval);
    if (this.#queue.length === 1) this.#show();
  }

  settled({ id, answer }: Settled): void {
    const place = this.#queue.findIndex((approval) => approval.id === id);
    if (place < 0) return;
    this.#queue.splice(place, 1);
    if (place > 0) return;
    this.#put(`  ${settledTexts[answer]}\n`);
    this.#show();
  }

  close(): void {
    const { stdin } = this.#seat.console;
    stdin.off('data', this.#typed);
    stdin.off('end', this.#end);
    stdin.setRawMode?.(false);
    stdin.pause();
  }

  /** The first question, unless a person is busy with the one before. */
  #show(): void {
    const [approval] = this.#queue;
    if (approval === undefined || this.#answering !== undefined || this.#change !== undefined) return;
    const keys = [...answersByKey].filter(([, answer]) => answer === 'deny' || approval.answers.includes(answer));
    const more = this.#queue.length > 1 ? `  (${this.#queue.length - 1} more wait)` : '';
    this.#put(`${questionText(approval, this.#paint)}  ${keys.map(([key, answer]) => `[${key}] ${answer}`).join('  ')}${more}\n`);
  }

  readonly #typed = (bytes: Buffer | string): void => {
    // One key a time: what was typed ahead, or pasted, must not answer a question that nobody has seen yet.
    const key = String(bytes).slice(0, 1).toLowerCase();
    if (leaving.has(key)) {
      this.#end();
      return;
    }
    const change = this.#change;
    if (change !== undefined) {
      this.#change = undefined;
      void this.#save(change, key === 'y');
      return;
    }
    const [approval] = this.#queue;
    const answer = answersByKey.get(key);
    if (approval === undefined || answer === undefined || this.#answering !== undefined) return;
    if (answer !== 'deny' && !approval.answers.includes(answer)) {
      this.#put(`  The profile lets a yes last for “${approval.answers.at(-1) ?? 'once'}” at most.\n`);
      return;
    }
    void this.#answer(approval, answer);
  };

  async #answer({ id }: Approval, answer: 'once' | 'session' | 'always' | 'deny'): Promise<void> {
    const { connection } = this.#seat;
    this.#answering = id;
    try {
      if (answer === 'deny') await connection.call('deny', { id });
      else {
        const { change } = await connection.call('approve', { id, for: answer });
        if (change !== undefined) {
          this.#change = change;
          this.#put(`${changeText(change, this.#paint)}  Save it? [y] yes  [n] no\n`);
        } else if (answer === 'always') this.#put(`  ${notLasting}\n`);
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#answering = undefined;
      // The word that it is settled may have come before or may still come.
      if (this.#queue[0]?.id !== id) this.#show();
    }
  }

  async #save(change: ProposedChange, wanted: boolean): Promise<void> {
    try {
      if (wanted) this.#put(savedNote(change, await saveChange(this.#seat.connection, change)));
      else this.#put('  Not saved.\n');
    } catch (error) {
      this.#fail(error);
    }
    this.#show();
  }

  #fail(error: unknown): void {
    this.#put(failureText(failureOf(error), { json: false, paint: this.#paint }));
  }

  get #paint(): ReturnType<typeof paintFor> {
    return paintFor(this.#seat.console.stdout, this.#seat.console.environment);
  }

  #put(text: string): void {
    this.#seat.console.stdout.write(text);
  }
}
