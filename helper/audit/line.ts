/**
 * One line of a record's file, as bytes, judged by itself: is it a record, and does its mac fit? Hostile input: nothing here
 * trusts a byte before the mac does, and no line makes it throw.
 */
import { createHmac, type KeyObject } from 'node:crypto';
import { lineLimitBytes, macSuffixBytes } from './chain.ts';

export type CheckedLine =
  | { readonly kind: 'malformed'; readonly reason: string }
  /** looks like a record, but this key did not make its mac */
  | { readonly kind: 'edited'; readonly reason: string; readonly mac: string }
  | {
      readonly kind: 'record';
      readonly seq: number;
      readonly ts: string;
      readonly sandbox: string;
      readonly type: string;
      readonly prev: string;
      readonly mac: string;
      /** the intent it opens or finishes, for the few lines that do */
      readonly intent: 'opens' | number | null;
    };

/** `,"prev":"<64 hex>","mac":"<64 hex>"}`: how every line ends */
const ending = /^,"prev":"([0-9a-f]{64})","mac":"([0-9a-f]{64})"\}$/;
const endingBytes = macSuffixBytes + 74;
const beginning =
  /^\{"v":2,"seq":(0|[1-9][0-9]{0,14}),"ts":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)","mono":-?\d[\d.e+-]*,"sandbox":"([a-z0-9-]{1,64})","type":"([a-z-]{1,40})","action":"(?:[^"\\]|\\.)*","outcome":"([a-z]{1,16})",/;
/** how a line ends before `prev` when the log wrote which intent it finishes */
const finishing = /"intent":(0|[1-9][0-9]{0,14})\}$/;

/** Judges a line (without its newline) with `key`, or its shape alone where there is no key. */
export function checkLine(line: Buffer, key: KeyObject | null): CheckedLine {
  if (line.length > lineLimitBytes) return malformed('line is too long');
  if (line.length < endingBytes) return malformed('line is too short to be a record');
  const tail = ending.exec(line.toString('latin1', line.length - endingBytes));
  const prev = tail?.[1];
  const mac = tail?.[2];
  if (prev === undefined || mac === undefined) return malformed('line does not end in prev and mac');
  const text = line.toString('latin1', 0, line.length - endingBytes);
  const head = beginning.exec(text);
  if (head === null) return malformed('line does not begin as a record does');
  if (key !== null) {
    const bare = `${prev}:${text},"prev":"${prev}"}`;
    if (createHmac('sha256', key).update(bare, 'latin1').digest('hex') !== mac)
      return { kind: 'edited', reason: 'mac does not fit the line', mac };
  }
  const [, seq = '', ts = '', sandbox = '', type = '', outcome = ''] = head;
  return { kind: 'record', seq: Number(seq), ts, sandbox, type, prev, mac, intent: outcome === 'intent' ? 'opens' : intentIn(text) };
}

function intentIn(text: string): number | null {
  // The quick looks spare parsing nearly every line; quotes inside values are escaped, so they find no false member.
  if (!text.includes('"intent":')) return null;
  const last = finishing.exec(text.slice(-32))?.[1];
  if (last !== undefined) return Number(last);
  const value = parse(`${text}}`);
  if (typeof value !== 'object' || value === null) return null;
  if (!('detail' in value) || typeof value.detail !== 'object' || value.detail === null || !('intent' in value.detail)) return null;
  return typeof value.detail.intent === 'number' ? value.detail.intent : null;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function malformed(reason: string): CheckedLine {
  return { kind: 'malformed', reason };
}
