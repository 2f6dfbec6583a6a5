/**
 * `lasso audit view` and `lasso audit export`: a record in pieces, so that one of any length is shown at once and never held whole.
 * Following goes on where it was when the helper was started anew. Records are hostile text and only shown.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { LassoError } from '../../protocol/errors.ts';
import type { OperationInput, OperationResult } from '../../protocol/operations.ts';
import type { Connect, Connection } from './connection.ts';
import { type Console, paintFor } from './console.ts';
import { print, writeOutput } from './output.ts';
import { recordHead, recordJson, recordLines } from './render/record.ts';
import { visible } from './render/text.ts';

interface Seat {
  readonly connection: Connection;
  readonly connect: Connect;
  readonly console: Console;
  readonly signal: AbortSignal;
}

type View = OperationInput<'auditView'>;

/** how long one question waits for something new, and between two looks for a helper, in milliseconds */
const waitMs = 20_000;
const reconnectMs = 500;

/** Exit status. @throws LassoError as the helper gave it */
export async function viewRecord(seat: Seat, view: View, json: boolean): Promise<number> {
  const { console, signal } = seat;
  const terminal = console.stdout.isTTY === true;
  const paint = paintFor(console.stdout, console.environment);
  let shown = 0;
  const show = async ({ records }: OperationResult<'auditView'>): Promise<boolean> => {
    if (records.length === 0) return true;
    const head = shown === 0 && !json ? recordHead(paint) : '';
    shown += records.length;
    return await print(console.stdout, head + (json ? records.map(recordJson).join('') : recordLines(records, { paint, terminal })));
  };
  const chain = new FollowedChain(seat);
  try {
    let answer = await chain.ask(view);
    if (!(await show(answer))) return 0;
    // By its id from here on: another sandbox may get the name.
    const { sandbox } = answer;
    while (answer.more || view.follow === true) {
      answer = await chain.ask({ ...view, sandbox, after: answer.end, ...(answer.more ? {} : { waitMs }) });
      if (!(await show(answer))) return 0;
    }
    if (shown === 0 && !json) console.stderr.write('No record matches.\n');
    return 0;
  } catch (error) {
    if (view.follow === true && signal.aborted) return 0;
    throw error;
  } finally {
    await chain.dispose();
  }
}

/** Exit status. @throws LassoError as the helper gave it, or BAD_REQUEST for a file that cannot be written */
export async function exportRecord({ connection, console, signal }: Seat, wish: OperationInput<'auditExport'>): Promise<number> {
  const { output, ...asked } = wish;
  const file = await writeOutput(console, output, pieces(connection, asked, signal));
  if (file !== undefined) console.stderr.write(`lasso: wrote ${visible(file)}\n`);
  return 0;
}

async function* pieces(connection: Connection, asked: OperationInput<'auditExport'>, signal: AbortSignal): AsyncGenerator<string> {
  for (let wish = asked; ;) {
    const { sandbox, text, next } = await connection.call('auditExport', wish, { signal });
    yield text;
    if (next === undefined) return;
    wish = { ...wish, sandbox, after: next };
  }
}

/** Asks over the connection there is, and over a new one once a following is under way and the helper is lost. */
class FollowedChain {
  readonly #seat: Seat;
  #connection: Connection;
  #own: Connection | undefined;

  constructor(seat: Seat) {
    this.#seat = seat;
    this.#connection = seat.connection;
  }

  async ask(view: View): Promise<OperationResult<'auditView'>> {
    const { signal, connect } = this.#seat;
    for (;;) {
      try {
        return await this.#connection.call('auditView', view, { signal });
      } catch (error) {
        // A helper that leaves in order cancels what is under way.
        const lost = error instanceof LassoError && (error.code === 'HELPER_UNREACHABLE' || error.code === 'CANCELLED');
        if (!lost || view.follow !== true || view.after === undefined || signal.aborted) throw error;
        await this.dispose();
        await delay(reconnectMs, undefined, { signal });
        this.#own = await connect('auditView').catch((unreachable: unknown) => {
          if (unreachable instanceof LassoError && unreachable.code === 'HELPER_UNREACHABLE') return undefined;
          throw unreachable;
        });
        this.#connection = this.#own ?? this.#connection;
      }
    }
  }

  async dispose(): Promise<void> {
    await this.#own?.dispose();
    this.#own = undefined;
  }
}
