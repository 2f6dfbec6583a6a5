/**
 * The verbs by which a value passes this command: keeping a secret, signing in, and showing a token. A value comes from stdin or
 * from a person, goes over a stream of its own, and is printed only where that is what was asked for.
 */
import { LassoError } from '../../protocol/errors.ts';
import type { Connection } from './connection.ts';
import { type Console, paintFor } from './console.ts';
import { askHidden } from './hidden-input.ts';
import { keptText, loggedInText } from './render/secrets.ts';
import { jsonText, visible } from './render/text.ts';
import { streamToken } from './token.ts';

interface Seat {
  readonly connection: Connection;
  readonly console: Console;
}

/** longest value that is read, in UTF-16 code units */
const valueLimit = 64 * 1024;

/** Exit status. @throws LassoError as the helper gave it, CANCELLED */
export async function setSecret(
  { connection, console }: Seat,
  name: string,
  as: { readonly json: boolean; readonly quiet: boolean },
): Promise<number> {
  const { stdin, stdout, platform } = console;
  const value = stdin.isTTY === true ? await askHidden(console, `Value of ${visible(name)}: `) : await readAll(stdin);
  const stream = streamToken(platform);
  const call = connection.call('secretSet', { name, stream });
  call.catch(() => undefined);
  const out = await Promise.race([connection.openStream(stream), call.then(() => undefined)]);
  // One that is refused is not read, which the answer says.
  out?.on('error', () => undefined).end(value);
  const result = await call;
  out?.destroy();
  stdout.write(as.json ? `${jsonText(result, 2)}\n` : as.quiet ? `${visible(result.name)}\n` : keptText(result));
  return 0;
}

/** Exit status. @throws LassoError as the helper gave it */
export async function signIn({ connection, console }: Seat, signal: AbortSignal): Promise<number> {
  const { stdout, environment } = console;
  const { id, code, page } = await connection.call('authBegin', {}, { signal });
  const paint = paintFor(stdout, environment);
  stdout.write(`Open  ${visible(page)}\nand type  ${paint('bold', visible(code))}\nWaiting for your agreement there; Ctrl-C gives up.\n`);
  stdout.write(loggedInText(await connection.call('authWait', { id }, { signal })));
  return 0;
}

/** Prints the token, alone on stdout; the warning goes to stderr. Exit status. @throws LassoError as the helper gave it */
export async function showToken({ connection, console }: Seat): Promise<number> {
  const { stdout, stderr, environment, platform } = console;
  const stream = streamToken(platform);
  const call = connection.call('authToken', { stream });
  call.catch(() => undefined);
  const input = await Promise.race([connection.openStream(stream), call.then(() => undefined)]);
  const refused = new Promise<never>((_, reject) => void call.catch(reject));
  const token = input === undefined ? '' : await Promise.race([readAll(input), refused]);
  await call;
  const warning = 'This is a secret: whoever reads it can act as you. Never give it to an agent.';
  stderr.write(`${paintFor(stderr, environment)('yellow', 'lasso:')} ${warning}\n`);
  stdout.write(`${visible(token)}\n`);
  return 0;
}

async function readAll(input: AsyncIterable<unknown>): Promise<string> {
  const bytes: Buffer[] = [];
  let length = 0;
  for await (const chunk of input) {
    const piece = typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.isBuffer(chunk) ? chunk : Buffer.alloc(0);
    length += piece.length;
    if (length > valueLimit) throw new LassoError('BAD_REQUEST', 'The value is longer than 64 kB', 'Give a shorter one.');
    bytes.push(piece);
  }
  return Buffer.concat(bytes).toString('utf8');
}
