/**
 * What is wrong with a text before anybody reads it as shell: characters that make people and shells see different things, and
 * shapes that only serve to exhaust a parser. One pass over the text, whatever it holds.
 */
export interface InputFault {
  readonly reason: string;
  /** whether it is meant to deceive, or merely too much to read */
  readonly kind: 'deceives' | 'exhausts';
  readonly start: number;
  readonly end: number;
}

/** longest single argument Linux passes to a program (MAX_ARG_STRLEN, execve(2)), and so the longest `sh -c` */
const longest = 131_072;
/** deeper than any line a person writes; the parser’s own limit is higher, and costs time in proportion to the depth */
const deepest = 48;
const mostHereDocuments = 200;

/** The first fault of a text, or undefined; the text may be hostile. */
export function inputFault(text: string): InputFault | undefined {
  if (text.length > longest)
    return {
      reason: `The command is longer than ${longest} characters; put it into a script.`,
      kind: 'exhausts',
      start: 0,
      end: text.length,
    };
  return deception(text) ?? exhaustion(text);
}

function deception(text: string): InputFault | undefined {
  for (let at = 0; at < text.length; at++) {
    const what = deceiving(text.charCodeAt(at), text.charCodeAt(at + 1));
    if (what !== undefined)
      return { reason: `The command contains ${what}, which hides what it says; take it out.`, kind: 'deceives', start: at, end: at + 1 };
  }
  return undefined;
}

/** What a UTF-16 unit is called, if it may not stand anywhere in a command. Shells and terminals treat these differently. */
function deceiving(code: number, next: number): string | undefined {
  if (code === 0x09 || code === 0x0a) return undefined;
  // bash keeps a carriage return as part of a word, while a terminal shows what follows in place of what came before.
  if (code === 0x0d) return 'a carriage return';
  if (code < 0x20 || (code >= 0x7f && code <= 0x9f)) return 'a control character';
  if (code < 0x2028) return undefined;
  if (code === 0x2028 || code === 0x2029) return 'a line separator that shells do not see';
  if ((code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069)) return 'a character that turns the direction of text';
  if (code === 0xdb40 && next >= 0xdc00 && next <= 0xdc7f) return 'an invisible character';
  return undefined;
}

/** Brackets that stay open are counted without regard to quotes: a text that has so many of them inside quotes is not everyday either. */
function exhaustion(text: string): InputFault | undefined {
  let depth = 0;
  let ticks = 0;
  let documents = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x28 || code === 0x7b) depth++;
    else if ((code === 0x29 || code === 0x7d) && depth > 0) depth--;
    else if (code === 0x60 && text.charCodeAt(at - 1) === 0x5c) ticks++;
    else if (code === 0x3c && text.charCodeAt(at + 1) === 0x3c) documents++;
    if (depth > deepest || ticks > deepest * 4 || documents > mostHereDocuments)
      return { reason: 'The command is nested too deeply to be read; split it up.', kind: 'exhausts', start: at, end: at + 1 };
  }
  return undefined;
}
