/** A terminal of a sandbox in a test's hands: type, wait for what must appear, resize, leave. */
import assert from 'node:assert/strict';
import type { Duplex } from 'node:stream';
import type { CommandExit } from '../../helper/protocol/events.ts';
import type { HelperConnection } from '../../helper/faces/client/connection.ts';

export interface TestTerminal {
  readonly id: string;
  type(text: string): void;
  /** Waits until what was shown since the last sight matches. */
  see(pattern: RegExp): Promise<void>;
  resize(rows: number, columns: number): Promise<void>;
  leave(): void;
  exit(): Promise<CommandExit>;
}

const patienceMs = 20_000;

export function openedTerminal(connection: HelperConnection, sandbox: string, id: string, stream: Duplex): TestTerminal {
  let shown = '';
  let wake: () => void = () => undefined;
  // Asked at once: once the program has ended there is no terminal to wait for.
  const ended = connection.call('terminalWait', { sandbox, terminal: id });
  ended.catch(() => undefined);
  stream.on('data', (bytes: Buffer) => {
    shown += bytes.toString('latin1');
    wake();
  });
  stream.on('error', () => undefined);
  return {
    id,
    type: (text) => void stream.write(text),
    see: async (pattern) => {
      const until = performance.now() + patienceMs;
      for (;;) {
        const found = pattern.exec(shown);
        if (found) {
          shown = shown.slice(found.index + found[0].length);
          return;
        }
        if (performance.now() > until) assert.fail(`${pattern} never appeared; the terminal shows:\n${shown}`);
        await new Promise<void>((resolve) => {
          wake = resolve;
          setTimeout(resolve, 200);
        });
      }
    },
    resize: async (rows, columns) => {
      await connection.call('terminalResize', { sandbox, terminal: id, rows, columns });
    },
    leave: () => stream.destroy(),
    exit: () => ended,
  };
}
