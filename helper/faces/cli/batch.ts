/**
 * `lasso why --batch`: questions from stdin, one a line, answered on stdout in the same order. Keeps a few blocks of lines at
 * most, however much comes: while nobody takes the answers, no questions are read.
 */
import { StringDecoder } from 'node:string_decoder';
import type { OperationInput } from '../../protocol/operations.ts';
import type { Connection } from './connection.ts';
import type { Console, Terminal } from './console.ts';
import { streamToken } from './token.ts';

/** blocks that are being judged while the next one is read */
const underWay = 3;
/** longest line, and longest block, in UTF-16 code units; a longer line is answered as malformed */
const lineLimit = 1_000_000;
const blockLines = 2_000;
const tooLong = JSON.stringify({ error: 'This line is too long.' });

type Asked = Pick<OperationInput<'whyBatch'>, 'profile' | 'mode' | 'dir'>;

/** Exit status. @throws LassoError as the helper gave it */
export async function answerBatch(connection: Connection, console: Console, asked: Asked): Promise<number> {
  const batch = streamToken(console.platform);
  const judged = async (lines: readonly string[]): Promise<readonly string[]> => {
    // What is known to be malformed is not sent.
    const sent = lines.filter((line) => line.length <= lineLimit);
    const answers = (await connection.call('whyBatch', { ...asked, batch, lines: sent })).lines.values();
    return lines.map((line) => (line.length <= lineLimit ? (answers.next().value ?? '') : tooLong));
  };
  // Each block is written as soon as it and those before it are judged: whoever asks may wait for an answer before asking on.
  const written: Promise<boolean>[] = [];
  for await (const lines of blocks(console.stdin)) {
    const answers = judged(lines);
    const before = written.at(-1) ?? Promise.resolve(true);
    const own = before.then(async (read) => read && (await write(console.stdout, (await answers).map((line) => `${line}\n`).join(''))));
    for (const work of [answers, own]) work.catch(() => undefined);
    written.push(own);
    // Nobody reads the answers any more, which is no failure of theirs.
    if (written.length >= underWay && (await written.shift()) === false) return 0;
  }
  await Promise.all(written);
  return 0;
}

async function* blocks(input: AsyncIterable<Buffer | string>): AsyncGenerator<readonly string[]> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of input) {
    const [first = '', ...others] = (typeof chunk === 'string' ? chunk : decoder.write(chunk)).split('\n');
    // Of a line that is too long nothing more is kept than that it is.
    rest = rest.length > lineLimit ? rest : rest + first;
    const last = others.pop();
    if (last === undefined) continue;
    yield* parts([rest, ...others]);
    rest = last;
  }
  rest += decoder.end();
  if (rest !== '') yield [rest];
}

function* parts(lines: readonly string[]): Generator<readonly string[]> {
  for (let at = 0; at < lines.length; at += blockLines) yield lines.slice(at, at + blockLines);
}

/** False when the reader has gone. */
function write(stream: Terminal, text: string): Promise<boolean> {
  return new Promise((resolve) => {
    const gone = (): void => resolve(false);
    stream.once('error', gone);
    stream.write(text, (error) => {
      stream.off('error', gone);
      resolve(!error);
    });
  });
}
