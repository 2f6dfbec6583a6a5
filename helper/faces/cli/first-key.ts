/**
 * Prints the first key once. It is taken from this machine only after it was shown, and a person is asked before: what is not kept
 * then is lost for good.
 */
import { createInterface } from 'node:readline/promises';
import { LassoError } from '../../protocol/errors.ts';
import { canAsk } from './agree.ts';
import type { Connection } from './connection.ts';
import type { Console } from './console.ts';
import { print } from './output.ts';
import { goneText } from './render/record-keys.ts';
import { jsonText, visible } from './render/text.ts';

const warning =
  'The first key is printed once and then kept no longer. Without it nobody can tell who wrote the records.\nWrite it down, or keep it where this machine does not reach.\n';

/** Exit status. @throws LassoError as the helper gave it, CANCELLED when the person does not agree */
export async function printFirstKey(
  { connection, console }: { readonly connection: Connection; readonly console: Console },
  json: boolean,
): Promise<number> {
  const { stdin, stdout, stderr } = console;
  if (canAsk(console)) {
    stderr.write(warning);
    const lines = createInterface({ input: stdin, output: stderr });
    // An input that ends answers nothing, and must not be waited for.
    const over = new AbortController();
    lines.once('close', () => over.abort());
    const answer = await lines.question('Print it? [y/N] ', { signal: over.signal }).catch(() => '');
    lines.close();
    if (!/^y(es)?$/i.test(answer.trim())) throw new LassoError('CANCELLED', 'Nothing was printed', 'The first key is where it was.');
  }
  const shown = await connection.call('auditKey', { print: true, keep: true });
  const text = json ? `${jsonText({ ...shown, place: 'away' }, 2)}\n` : `${visible(shown.firstKey ?? '')}\n`;
  if (!(await print(stdout, text)))
    throw new LassoError('CANCELLED', 'The first key could not be shown, and is kept', 'Print it where it can be read.');
  await connection.call('auditKey', { print: true });
  stderr.write(goneText(shown.fingerprint));
  return 0;
}
