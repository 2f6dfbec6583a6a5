/** Ports of a sandbox that are reached from this machine, for a terminal. */
import type { OperationResult } from '../../../protocol/operations.ts';
import { columns, visible } from './text.ts';
import type { View } from './view.ts';

export function forwardTable({ sandbox, forwards }: OperationResult<'forward'>, { paint }: View): string {
  if (forwards.length === 0) return `No port of ${visible(sandbox)} is reached from here.\n`;
  return columns([
    ['HERE', 'IN THE SANDBOX', 'CONNECTIONS'].map((text) => ({ text, paint: (shown: string) => paint('dim', shown) })),
    ...forwards.map(({ port, hostPort, connections }) => [
      { text: `127.0.0.1:${hostPort}`, paint: (shown: string) => paint('bold', shown) },
      { text: String(port) },
      { text: String(connections) },
    ]),
  ]);
}
