/** Asks a person for a text that must not be seen: what is typed is neither shown nor kept anywhere but in the answer. */
import { LassoError } from '../../protocol/errors.ts';
import type { Console } from './console.ts';

const interrupt = '\u0003';
const endOfInput = '\u0004';
const erasing = new Set(['\u007f', '\b']);
const eraseAll = '\u0015';

/** @param stdin a terminal @throws LassoError CANCELLED when the person wants no more */
export async function askHidden({ stdin, stderr }: Pick<Console, 'stdin' | 'stderr'>, question: string): Promise<string> {
  stderr.write(question);
  stdin.setRawMode?.(true);
  stdin.setEncoding('utf8');
  let typed: readonly string[] = [];
  try {
    return await new Promise<string>((resolve, reject) => {
      const take = (text: string): void => {
        for (const character of text) {
          if (character === '\r' || character === '\n') return end();
          if (character === interrupt) return end(new LassoError('CANCELLED', 'Nothing was entered', 'Nothing has changed.'));
          if (character === endOfInput) return end();
          if (character === eraseAll) typed = [];
          else if (erasing.has(character)) typed = typed.slice(0, -1);
          else typed = [...typed, character];
        }
      };
      const end = (failure?: LassoError): void => {
        stdin.off('data', take).off('end', ended);
        if (failure === undefined) resolve(typed.join(''));
        else reject(failure);
      };
      const ended = (): void => end();
      stdin.on('data', take).once('end', ended);
    });
  } finally {
    stdin.setRawMode?.(false);
    stdin.pause();
    stderr.write('\n');
  }
}
