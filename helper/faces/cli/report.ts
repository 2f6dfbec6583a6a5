/** `lasso audit report`: the report goes into a new file, or to stdout. What it says, the helper says. */
import type { OperationInput } from '../../protocol/operations.ts';
import type { Connection } from './connection.ts';
import type { Console } from './console.ts';
import { writeOutput } from './output.ts';
import { visible } from './render/text.ts';

interface Seat {
  readonly connection: Connection;
  readonly console: Console;
  readonly signal: AbortSignal;
}

export async function writeReport({ connection, console, signal }: Seat, wish: OperationInput<'auditReport'>): Promise<number> {
  const { output, ...asked } = wish;
  const { text } = await connection.call('auditReport', asked, { signal });
  const file = await writeOutput(console, output, [text]);
  if (file !== undefined) console.stderr.write(`lasso: wrote ${visible(file)}\n`);
  return 0;
}
