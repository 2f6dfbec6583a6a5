/** What people read about who is told of records. Answers come from elsewhere, so nothing of them reaches the terminal as it is. */
import type { OperationResult } from '../../../protocol/operations.ts';
import { columns, visible } from './text.ts';
import type { View } from './view.ts';

export function triedText({ sinks }: OperationResult<'webhookTest'>, { paint }: View): string {
  if (sinks.length === 0) return 'This profile names nobody who is told: it has no webhook, syslog server, collector or repository.\n';
  return columns(
    sinks.map(({ kind, address, delivered, message }) => [
      { text: delivered ? 'told' : 'failed', paint: (shown) => paint(delivered ? 'green' : 'red', shown) },
      { text: kind },
      { text: visible(address) },
      { text: visible(message) },
    ]),
  );
}
