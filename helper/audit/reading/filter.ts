/**
 * Which lines of a record are wanted. Lines are hostile text: none makes it throw, and all work is linear. Nearly every line is
 * judged by one search over its bytes; only what that search finds is looked at more closely.
 */
import type { RecordFilter } from '../../protocol/record-operations.ts';
import { momentMs } from './moment.ts';
import { finding, textPattern } from './text-pattern.ts';

/** a filter, for those who search many lines at once */
export interface CompiledFilter {
  /** Whether a line is wanted; `line` is its bytes as Latin-1, without the newline. */
  readonly wants: (line: string) => boolean;
  /** Where in many lines, from `from` on, something stands that every wanted line holds; -1 for nowhere. undefined: ask about each. */
  readonly find: ((text: string, from: number) => number) | undefined;
}

/** A filter made ready. `now` is what ages count from. @throws LassoError BAD_REQUEST for a moment that is none */
export function compileFilter(filter: RecordFilter, now: Date): CompiledFilter {
  const since = filter.since === undefined ? -Infinity : momentMs('since', filter.since, now);
  const until = filter.until === undefined ? Infinity : momentMs('until', filter.until, now);
  const timed = filter.since !== undefined || filter.until !== undefined;
  const [types, outcomes] = [new Set<string>(filter.type), new Set<string>(filter.outcome)];
  const sorted = types.size > 0 || outcomes.size > 0;
  const text = filter.text === undefined || filter.text === '' ? undefined : textPattern(filter.text);
  const words = wordsIn([...types], [...outcomes]);
  const wants = (line: string): boolean => {
    if (words !== undefined && words.find(line, 0) < 0) return false;
    if (text !== undefined && !text.isIn(line)) return false;
    if (!timed && !sorted) return true;
    const about = aboutLine(line);
    if (about === undefined) return false;
    if (types.size > 0 && !types.has(about.type)) return false;
    if (outcomes.size > 0 && !outcomes.has(about.outcome)) return false;
    if (!timed) return true;
    const at = Date.parse(about.ts);
    return at >= since && at <= until;
  };
  return { wants, find: text?.find ?? words?.find };
}

/** what every record says about itself */
export interface LineHead {
  readonly seq: number;
  readonly ts: string;
  readonly type: string;
  readonly outcome: string;
}

const head =
  /^\{"v":\d+,"seq":(\d{1,15}),"epoch":\d+,"ts":"([^"\\]{1,40})","mono":[-\d.e+]+,"sandbox":"[^"\\]*","type":"([a-z-]+)","action":"(?:[^"\\]|\\.)*","outcome":"([a-z]+)"/;

/** characters of the shortest line that says what it is about; a flood of shorter ones costs no parsing */
const shortest = 60;

/** The head of a line, given as Latin-1; undefined where it is no record. A line in another order of members is understood too. */
export function aboutLine(line: string): LineHead | undefined {
  const [, seq, ts, type, outcome] = head.exec(line) ?? [];
  if (seq !== undefined && ts !== undefined && type !== undefined && outcome !== undefined) return { seq: Number(seq), ts, type, outcome };
  if (line.length < shortest || !line.startsWith('{')) return undefined;
  const value = parsedLine(line);
  if (value === undefined) return undefined;
  const word = (name: string): string => (typeof value[name] === 'string' ? value[name] : '');
  return { seq: typeof value['seq'] === 'number' ? value['seq'] : -1, ts: word('ts'), type: word('type'), outcome: word('outcome') };
}

/** A line, given as Latin-1, as an object; undefined for anything else. */
function parsedLine(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(line, 'latin1').toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * What a line of these outcomes, or else of these types, holds word for word. A line that is written otherwise was not written by
 * LASSO, and is found by time and text alone.
 */
function wordsIn(
  types: readonly string[],
  outcomes: readonly string[],
): { readonly find: (text: string, from: number) => number } | undefined {
  const [member, words] = outcomes.length > 0 ? ['outcome', outcomes] : ['type', types];
  const [only] = words;
  if (only === undefined) return undefined;
  const needle = `"${member}":"${only}"`;
  if (words.length === 1) return { find: (text, from) => text.indexOf(needle, from) };
  return { find: finding(new RegExp(`"${member}":"(?:${words.join('|')})"`, 'g')) };
}
