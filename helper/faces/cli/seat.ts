/** What every way to a terminal is given, and what a person is told when it is over. */
import type { CallOptions, Connection } from './connection.ts';
import type { Console } from './console.ts';
import { remarkOn, statusOf, statusOfSignal } from './exit.ts';
import { visible } from './render/text.ts';
import type { JoinedTerminal } from './terminal.ts';

export interface Seat {
  readonly connection: Connection;
  readonly console: Console;
  readonly options: CallOptions;
  /** ends what progress has shown, before the terminal is used */
  readonly ready: () => void;
}

/** What a person is told when a terminal is over; the exit status for the shell outside. */
export function conclude({ end, terminal }: JoinedTerminal, name: string, { stderr }: Console): number {
  const back = `\`lasso attach ${visible(name)} -t ${visible(terminal.id)}\` returns to it.`;
  switch (end.kind) {
    case 'exited': {
      const remark = remarkOn(end.exit);
      if (remark !== undefined) stderr.write(`lasso: ${remark}\n`);
      return statusOf(end.exit);
    }
    case 'detached':
      stderr.write(`\nlasso: left terminal ${visible(terminal.id)} of ${visible(name)} running\n  ${back}\n`);
      return 0;
    case 'signalled':
      return statusOfSignal(end.signal);
  }
}
