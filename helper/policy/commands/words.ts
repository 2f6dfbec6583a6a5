/**
 * Words of the shell to arguments: quotes taken off, braces unfolded, known variables filled in, and everything else marked as
 * unknown. Runs nothing and looks at no file.
 */
import type { DoubleQuotedChild, ParameterExpansionPart, Word, WordPart } from 'unbash';
import { type Argument, isKnown, unknown, unknownAt, wildcard } from './argument.ts';
import { bracesIn } from './braces.ts';
import type { Span } from './docket.ts';
import { spoken } from './spoken.ts';
import { originOfWord } from './origin.ts';
import { type Scope, unquoted, valueOf } from './scope.ts';

/** what filling in needs to know */
export interface WordPlace {
  readonly scope: Scope;
  readonly cwd: string | undefined;
  readonly home: string;
  readonly workspace: string;
  /** where the text is shown to be, if it is not its own place */
  readonly span: Span | undefined;
}

/** ends one argument and begins another; like the marks, it cannot be part of a text that is judged */
const between = '\x02';
/** ways a word may come out of its braces; more are not looked at */
const mostAlternatives = 32;

/** The arguments one word becomes; none where it is empty and unquoted. */
export function argumentsOf(word: Word, place: WordPlace): readonly Argument[] {
  const span = place.span ?? { start: word.pos, end: word.end };
  const parts = word.parts;
  if (parts === undefined) return [{ text: safe(tilde(word.value, word.text, place)), splits: false, ...spanOf(span) }];
  const origin = originOfWord(word.text);
  let texts: readonly string[] = [''];
  let splits = false;
  let quoted = false;
  for (const [index, part] of parts.entries()) {
    const piece = pieceOf(part, place, index === 0);
    splits ||= piece.splits;
    quoted ||= /Quoted|Locale/.test(part.type);
    texts = texts.flatMap((text) => piece.texts.map((more) => text + more));
    if (texts.length > mostAlternatives) return [unknownAt(span)];
  }
  return texts.flatMap((text) => {
    const fields = text.split(between).filter((field, _, all) => field !== '' || (all.length === 1 && (quoted || splits)));
    return fields.map((field) => ({ text: field, splits, ...(origin === undefined ? {} : { origin }), ...spanOf(span) }));
  });
}

/** A word that cannot become several, such as the target of a redirection or a value that is assigned. */
export function singleArgument(word: Word, place: WordPlace): Argument {
  const span = place.span ?? { start: word.pos, end: word.end };
  const all = argumentsOf(word, place);
  const [first] = all;
  if (first === undefined) return { text: '', splits: false, ...spanOf(span) };
  return all.length === 1 ? { ...first, splits: false } : { text: unknown, splits: false, ...spanOf(span) };
}

const spanOf = ({ start, end }: Span): Span => ({ start, end });

/** tools that print how a shell is set up for them, meant for `eval` */
const settingUp =
  /^(\$\(|`)\s*(ssh-agent( -s)?|dircolors( -b)?|(fnm|opam|jenv|vfox) env( --use-on-cd)?|(pyenv|rbenv|nodenv|goenv|jenv|zoxide|starship|thefuck) init( [\w-]+)*|(direnv|mise|rtx|conda|mamba|micromamba|asdf)( [\w.-]+)* (hook|activate|shell\.bash|shell)( [\w.-]+)*|(\S*\/)?brew shellenv( \w+)?|register-python-argcomplete \w+|npm completion|luarocks path( --bin)?)\s*[)`]$/;

interface Piece {
  readonly texts: readonly string[];
  readonly splits: boolean;
}
const certain = (text: string): Piece => ({ texts: [text], splits: false });
const uncertain: Piece = { texts: [unknown], splits: true };

function pieceOf(part: WordPart, place: WordPlace, first: boolean): Piece {
  switch (part.type) {
    case 'Literal':
      return certain(safe(first ? tilde(part.value, part.text, place) : part.value));
    case 'SingleQuoted':
    case 'AnsiCQuoted':
      return certain(safe(part.value));
    case 'DoubleQuoted':
    case 'LocaleString': {
      const inner = part.parts.map((child) => quotedText(child, place));
      return { texts: [inner.join('')], splits: part.parts.some(spreads) };
    }
    case 'Glob':
    case 'ExtendedGlob':
      return certain(wildcard);
    case 'BraceExpansion': {
      const texts = bracesIn(part.text, mostAlternatives);
      return texts === undefined ? uncertain : { texts, splits: false };
    }
    case 'ArithmeticExpansion':
      return certain(unknown);
    // The file it stands for is a pipe of the shell; what runs in it is judged where it stands.
    case 'ProcessSubstitution':
      return certain('/dev/fd/63');
    case 'SimpleExpansion':
    case 'ParameterExpansion':
    case 'CommandExpansion': {
      const value = expansion(part, place);
      const apart = valueOf(place.scope, 'IFS');
      if (value !== undefined && apart !== undefined && /[^ \t\n]/.test(apart))
        return certain(unquoted(Array.from(value, (letter) => (apart.includes(letter) ? ' ' : letter)).join(''), between));
      return value === undefined ? uncertain : certain(unquoted(value, between));
    }
    default:
      return uncertain;
  }
}

function quotedText(part: DoubleQuotedChild, place: WordPlace): string {
  if (part.type === 'Literal') return safe(part.value);
  if (part.type === 'ArithmeticExpansion') return unknown;
  return (expansion(part, place) ?? unknown).replaceAll(between, unknown);
}

/** "$@" and "${list[@]}" are several words also inside quotes. */
const spreads = (part: DoubleQuotedChild): boolean =>
  (part.type === 'SimpleExpansion' || part.type === 'ParameterExpansion') && part.text.includes('@');

function expansion(part: Exclude<DoubleQuotedChild, { type: 'Literal' | 'ArithmeticExpansion' }>, place: WordPlace): string | undefined {
  if (part.type === 'CommandExpansion') {
    // A branch’s name; git lets none begin with a dash.
    if (/^(\$\(|`)\s*git\s+(branch\s+--show-current|rev-parse\s+--abbrev-ref\s+HEAD|rev-parse\s+(--short\s+)?HEAD)\s*[)`]$/.test(part.text))
      return 'HEAD';
    if (/^(\$\(|`)\s*mktemp(\s+-[dq]+)*\s*[)`]$/.test(part.text)) return '/tmp/tmp.0000000000';
    if (/^(\$\(|`)\s*git\s+rev-parse\s+--show-toplevel\s*[)`]$/.test(part.text)) return place.workspace;
    if (/^(\$\(|`)\s*pwd\s*[)`]$/.test(part.text)) return place.cwd;
    if (settingUp.test(part.text)) return '';
    const found = /^(?:\$\(|`)\s*(?:which|command\s+-v|type\s+-p)\s+([\w.+-]+)\s*[)`]$/.exec(part.text)?.[1];
    if (found !== undefined) return found;
    return said(part, place);
  }
  if (part.type === 'ParameterExpansion' && part.operation?.type === 'Remove') return cut(part, place);
  if (part.type === 'ParameterExpansion' && part.operation?.type === 'Default') return orDefault(part, place);
  const name = part.type === 'SimpleExpansion' ? part.text.slice(1) : plainName(part);
  if (name === undefined) return undefined;
  if (name === 'IFS') return valueOf(place.scope, name) ?? ' ';
  if (name === 'PWD') return place.cwd;
  // The shell’s own last job, for which “%%” is another word.
  if (name === '!') return '%%';
  if (/^([$?#]|RANDOM|UID|EUID|PPID|SECONDS|LINENO|BASHPID)$/.test(name)) return valueOf(place.scope, name) ?? '12345';
  return valueOf(place.scope, name);
}

/** `$(echo text)`: what is said is known where the words are. */
function said(part: Extract<DoubleQuotedChild, { type: 'CommandExpansion' }>, place: WordPlace): string | undefined {
  const command = part.script?.commands.length === 1 ? part.script.commands[0]?.command : undefined;
  if (command?.type !== 'Command' || command.prefix.length + command.redirects.length > 0) return undefined;
  const name = command.name?.value;
  if (name !== 'echo' && name !== 'printf') return undefined;
  const argv = command.args.flatMap((word) => (word.type === 'Word' ? argumentsOf(word, place) : []));
  return argv.every(isKnown) ? spoken(name, argv).replace(/\n+$/, '') : undefined;
}

/** `${name%.txt}` and its like, where a plain text or all after the last mark is taken off. */
function cut(part: ParameterExpansionPart, place: WordPlace): string | undefined {
  const { operation } = part;
  const value = part.prefix === undefined && part.index === undefined ? valueOf(place.scope, part.parameter) : undefined;
  if (operation?.type !== 'Remove' || value === undefined) return undefined;
  const what =
    operation.operand.parts === undefined || operation.operand.parts.every(({ type }) => type === 'Literal' || type === 'Glob')
      ? operation.operand.text
      : '$';
  const lastDot = value.lastIndexOf('.');
  if (operation.operator.startsWith('%')) {
    if (/^[\w.-]+$/.test(what)) return value.endsWith(what) ? value.slice(0, -what.length) : value.includes(wildcard) ? undefined : value;
    if (what === '.*' && operation.operator === '%') return lastDot > value.lastIndexOf('/') ? value.slice(0, lastDot) : undefined;
    return what === '/*' && operation.operator === '%' && value.includes('/') ? value.slice(0, value.lastIndexOf('/')) : undefined;
  }
  if (what === '*/' && operation.operator === '##') return value.slice(value.lastIndexOf('/') + 1);
  return /^[\w./-]+$/.test(what) && value.startsWith(what) ? value.slice(what.length) : undefined;
}

/** `${name:-text}`: the value where it is known, and otherwise the text, as people mean it. */
function orDefault(part: ParameterExpansionPart, place: WordPlace): string | undefined {
  const { operation } = part;
  if (operation?.type !== 'Default' || part.prefix !== undefined || part.index !== undefined) return undefined;
  const value = valueOf(place.scope, part.parameter);
  if (value !== undefined && value !== '') return operation.operator.includes('+') ? undefined : value;
  return undefined;
}

function plainName(part: ParameterExpansionPart): string | undefined {
  const plain = part.prefix === undefined && part.index === undefined && part.operation === undefined;
  return plain ? part.parameter : undefined;
}

/** `~` and `~name` at the beginning of an unquoted word. */
function tilde(value: string, text: string, { home, cwd }: WordPlace): string {
  if (!text.startsWith('~')) return value;
  const end = value.indexOf('/');
  const user = value.slice(1, end < 0 ? undefined : end);
  const rest = end < 0 ? '' : value.slice(end);
  if (user === '') return home + rest;
  if (user === '+') return (cwd ?? unknown) + rest;
  if (user === 'root') return `/root${rest}`;
  return /^[a-z_][a-z0-9_-]*$/.test(user) ? `/home/${user}${rest}` : unknown + rest;
}

/** Quotes of the form $'…' can hold the very characters that serve as marks. */
const safe = (text: string): string => (/[\0-\x02]/.test(text) ? text.replace(/[\0-\x02]/g, unknown) : text);
