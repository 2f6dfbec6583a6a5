/**
 * One line of a record's file, as bytes, judged by its form alone. It says nothing about who wrote the line: macs and digests
 * do. Hostile input: no line makes it throw, and its time grows with the line's length only.
 */
import { ascii, formatVersion, lineLimitBytes, macSuffixBytes } from './chain.ts';

/** a line in the form of a record; every member is as the line claims it */
export interface RecordForm {
  readonly kind: 'record';
  readonly seq: number;
  readonly epoch: number;
  readonly ts: string;
  readonly mono: number;
  readonly sandbox: string;
  readonly type: string;
  /** as written, its escapes kept */
  readonly action: string;
  readonly prev: string;
  readonly mac: string;
  /** the intent it opens or finishes, for the few lines that do */
  readonly intent: number | 'opens' | null;
}

export type LineForm =
  RecordForm | { readonly kind: 'version'; readonly version: string } | { readonly kind: 'malformed'; readonly reason: string };

/** bytes of `,"prev":"<64 hex>","mac":"<64 hex>"}` */
const endingBytes = macSuffixBytes + 74;
const [prevLabel, macLabel] = [',"prev":"', '","mac":"'];
const hexDigits = 64;
const isHexDigit = Uint8Array.from({ length: 256 }, (_, byte) => Number('0123456789abcdef'.includes(String.fromCharCode(byte))));
const text = String.raw`[^"\\]*(?:\\.[^"\\]*)*`;
const beginning = new RegExp(
  String.raw`^\{"v":${formatVersion},"seq":(0|[1-9]\d{0,14}),"epoch":(0|[1-9]\d{0,14}),"ts":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)",` +
    String.raw`"mono":(-?(?:0|[1-9]\d{0,14})(?:\.\d{1,12})?),"sandbox":"([a-z0-9-]{1,64})","type":"([a-z-]{1,40})","action":"(${text})",` +
    String.raw`"outcome":"(intent|success|error|blocked|unknown)",` +
    String.raw`"actor":\{"kind":"(?:user|agent|system)","face":"[a-z]{1,16}"(?:,"user":"${text}")?\}(?:,"target":"${text}")?(,"detail":\{|,"cut":\[)?`,
);
const otherVersion = /^\{"v":([0-9]{1,9}),/;
/** how a line of LASSO 1.x begins */
const firstForm = /^\{"action":"/;
/** how a detail ends when the writer wrote which intent the record finishes */
const finishing = /"intent":(0|[1-9]\d{0,14})\}$/;
/** members a record may have, in their order */
const members = [
  'v',
  'seq',
  'epoch',
  'ts',
  'mono',
  'sandbox',
  'type',
  'action',
  'outcome',
  'actor',
  'target',
  'detail',
  'cut',
  'prev',
  'mac',
];

/** Reads a line, without its newline. */
export function readLine(line: Buffer): LineForm {
  if (line.length > lineLimitBytes) return malformed('the line is longer than any record');
  const whole = line.toString('latin1');
  const head = beginning.exec(whole);
  if (head === null) return unlike(whole);
  const prevAt = line.length - endingBytes + prevLabel.length;
  const macAt = prevAt + hexDigits + macLabel.length;
  if (head[0].length > line.length - endingBytes || !isEnding(line, whole, prevAt, macAt))
    return malformed('the line does not end as a record does');
  const [prev, mac] = [whole.slice(prevAt, prevAt + hexDigits), whole.slice(macAt, macAt + hexDigits)];
  const rest = whole.slice(head[0].length, -endingBytes);
  const [, seq = '', epoch = '', ts = '', mono = '', sandbox = '', type = '', action = '', outcome = '', opened] = head;
  if (!isMiddle(whole, opened, rest)) return malformed('the line has members no record has, or twice, or in another form');
  const intent = outcome === 'intent' ? 'opens' : opened === undefined ? null : intentIn(whole, rest);
  return { kind: 'record', seq: Number(seq), epoch: Number(epoch), ts, mono: Number(mono), sandbox, type, action, prev, mac, intent };
}

/** The detail of a line in the form of a record; empty where there is none. */
export function detailOf(line: string): Readonly<Record<string, unknown>> {
  const value = parse(line);
  const detail = isObject(value) ? value['detail'] : undefined;
  return isObject(detail) ? detail : {};
}

function unlike(whole: string): LineForm {
  const version = otherVersion.exec(whole)?.[1] ?? (firstForm.test(whole) ? '1' : undefined);
  if (version !== undefined && version !== String(formatVersion)) return { kind: 'version', version };
  return malformed('the line does not begin as a record does');
}

/** A loop over bytes, because a pattern takes longer for this than for all the rest of a line. */
function isEnding(line: Buffer, whole: string, prevAt: number, macAt: number): boolean {
  if (prevAt < 0 || !whole.startsWith(prevLabel, prevAt - prevLabel.length) || !whole.startsWith(macLabel, prevAt + hexDigits))
    return false;
  for (let at = 0; at < hexDigits; at += 1)
    if (isHexDigit[line[prevAt + at] ?? 0] !== 1 || isHexDigit[line[macAt + at] ?? 0] !== 1) return false;
  return whole.endsWith('"}');
}

/** Whether what stands between the actor and target and `prev` is a detail and a list of cuts, and nothing else. */
function isMiddle(whole: string, opened: string | undefined, rest: string): boolean {
  if (opened === undefined) return rest === '';
  // Quotes inside values are escaped, so only what follows a nested object can look like this: no member hides in most lines.
  if (opened === ',"detail":{' && rest.endsWith('}') && !rest.includes('},"')) return true;
  const value = parse(whole);
  if (!isObject(value) || ascii(JSON.stringify(value)) !== whole) return false;
  let from = 0;
  return Object.keys(value).every((name) => (from = members.indexOf(name, from) + 1) > 0);
}

function intentIn(whole: string, rest: string): number | null {
  if (!rest.includes('"intent":')) return null;
  const last = finishing.exec(rest.slice(-32))?.[1];
  const value = last === undefined ? detailOf(whole)['intent'] : Number(last);
  return typeof value === 'number' ? value : null;
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function malformed(reason: string): LineForm {
  return { kind: 'malformed', reason };
}
