/** Scripts of sed: its `e` runs programs and its `w` writes files (sed(1), GNU sed). */
import { type Argument, argumentAt } from '../argument.ts';
import type { Consequence } from '../consequence.ts';

/**
 * What a script does beyond editing text. Addresses are skipped, then the letter of each command is looked at; a script that this does
 * not follow to its end is one nobody can tell about.
 */
export function sedConsequences(script: Argument): Consequence[] {
  const { text } = script;
  const found: Consequence[] = [];
  const hides = (): Consequence => ({ does: 'hides', why: 'What this sed script does cannot be told; write it more plainly.', at: script });
  let at = 0;
  while (at < text.length) {
    at = afterAddress(text, at);
    if (at < 0) return [...found, hides()];
    const command = text[at];
    if (command === undefined) break;
    const lineEnd = endOf(text, at, '\n');
    if (command === 's' || command === 'y') {
      const end = afterDelimited(text, at + 1, 2);
      if (end < 0) return [...found, hides()];
      const flags = /^[a-zA-Z0-9]*/.exec(text.slice(end, end + 16))?.[0] ?? '';
      const stop = flags.indexOf('w');
      if (command === 's' && /e/.test(stop < 0 ? flags : flags.slice(0, stop))) found.push(runs(script));
      if (command === 's' && stop >= 0) {
        found.push({ does: 'write', path: argumentAt(text.slice(end + stop + 1, endOf(text, end, '\n')).trim(), script) });
        at = endOf(text, end, '\n') + 1;
      } else at = end + flags.length;
    } else if (command === 'e') {
      const line = text.slice(at + 1, lineEnd).trim();
      found.push(line === '' ? runs(script) : { does: 'shell', line: argumentAt(line, script) }, runs(script));
      at = lineEnd + 1;
    } else if (command === 'w' || command === 'W') {
      found.push({ does: 'write', path: argumentAt(text.slice(at + 1, lineEnd).trim(), script) });
      at = lineEnd + 1;
    } else if (command === 'r' || command === 'R') {
      found.push({ does: 'read', path: argumentAt(text.slice(at + 1, lineEnd).trim(), script) });
      at = lineEnd + 1;
    } else if ('aic'.includes(command)) at = afterText(text, at + 1);
    else if (command === '#') at = lineEnd + 1;
    else if (':btT'.includes(command)) at = Math.min(lineEnd, endOf(text, at, ';'), endOf(text, at, '}')) + (command === ':' ? 0 : 0);
    else if ('{};\n \tdDgGhHlnNpPqQxzF='.includes(command)) at++;
    else if (/\d/.test(command)) at++;
    else return [...found, hides()];
  }
  return found;
}

const runs = (at: Argument): Consequence => ({
  does: 'forbidden',
  stage: 'steering',
  why: '“e” in a sed script runs what it reads as a command; leave it out.',
  at,
});

const endOf = (text: string, from: number, mark: string): number => {
  const end = text.indexOf(mark, from);
  return end < 0 ? text.length : end;
};

/** After addresses such as `3`, `$`, `/x/I`, `\,x,`, `1~2`, `/a/,+3`, `!`; -1 where one does not end. */
function afterAddress(text: string, from: number): number {
  let at = from;
  for (;;) {
    const letter = text[at];
    if (letter === undefined) return at;
    if (letter === '/' || letter === '\\') {
      const end = letter === '/' ? afterDelimited(text, at, 1) : afterDelimited(text, at + 1, 1);
      if (end < 0) return -1;
      at = end;
      while (text[at] === 'I' || text[at] === 'M') at++;
    } else if (/[\d$,~+! \t\n;]/.test(letter)) at++;
    else return at;
  }
}

/** After `count` parts that end with the character at `from`; a class in brackets may hold it. */
function afterDelimited(text: string, from: number, count: number): number {
  const mark = text[from];
  if (mark === undefined || mark === '\n' || mark === '\\') return -1;
  let at = from + 1;
  for (let part = 0; part < count; part++) {
    while (at < text.length && text[at] !== mark) at += text[at] === '\\' ? 2 : 1;
    if (at >= text.length) return -1;
    at++;
  }
  return at;
}

/** After the text of `a`, `i` and `c`: to the end of the line that has no backslash before it. */
function afterText(text: string, from: number): number {
  let at = from;
  while (at < text.length && text[at] !== '\n') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}
