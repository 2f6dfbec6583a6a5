/**
 * From an entry to the exact bytes of its line, and back to the bytes a mac covers. FORMAT.md is the same thing in words; the
 * two never differ. Pure but for the hash: no file, no clock.
 */
import { createHash, createHmac, hash, type KeyObject } from 'node:crypto';
import type { RecordEntry, RecordValue } from '../../protocol/record.ts';

/** version every line of this form says */
export const formatVersion = 3;
/** `prev` of the first line */
export const genesis = '0'.repeat(64);
/** bytes of `,"mac":"<64 hex>"}` at the end of every line */
export const macSuffixBytes = 74;
/** longest string kept whole, in UTF-16 code units */
export const stringLimitUnits = 4096;
/** longest serialised detail kept, in bytes */
export const detailLimitBytes = 131_072;
/** longest line any reader accepts, in bytes */
export const lineLimitBytes = 1_048_576;

/** levels of lists and objects kept in a detail */
const depthLimit = 16;

/** where a line stands in its chain */
export interface Place {
  readonly sandbox: string;
  readonly seq: number;
  /** whose key seals it */
  readonly epoch: number;
  /** ISO 8601, UTC, milliseconds */
  readonly ts: string;
  /** monotonic milliseconds */
  readonly mono: number;
  /** digest of the line before */
  readonly prev: string;
}

/** what was left out of a line, so that the whole can still be recognised */
interface Cut {
  /** JSON pointer from the record's root */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** One finished line, without its newline, and its digest: `prev` of the line after it. */
export function sealLine(key: KeyObject, place: Place, entry: RecordEntry): { readonly line: string; readonly digest: string } {
  const cuts: Cut[] = [];
  const text = (value: string, path: string): string => shorten(value, path, cuts);
  const { actor } = entry;
  const body: Record<string, unknown> = {
    v: formatVersion,
    seq: place.seq,
    epoch: place.epoch,
    ts: place.ts,
    mono: place.mono,
    sandbox: place.sandbox,
    type: entry.type,
    action: text(entry.action, '/action'),
    outcome: entry.outcome,
    actor: { kind: actor.kind, face: actor.face, ...(actor.user === undefined ? {} : { user: actor.user }) },
  };
  if (entry.target !== undefined) body['target'] = text(entry.target, '/target');
  if (entry.detail !== undefined) body['detail'] = shortenDetail(entry.detail, cuts);
  if (cuts.length > 0) body['cut'] = cuts;
  body['prev'] = place.prev;
  const bare = ascii(JSON.stringify(body));
  const line = `${bare.slice(0, -1)},"mac":"${macOf(key, bare)}"}`;
  return { line, digest: digestOf(line) };
}

/** mac of a line given as its text without the mac member */
export function macOf(key: KeyObject, bare: string | Uint8Array): string {
  return createHmac('sha256', key).update(bare).digest('hex');
}

/** What the next line and checkpoints know a line by: SHA-256 of its bytes without the newline, hex. */
export function digestOf(line: string | Uint8Array): string {
  return hash('sha256', line, 'hex');
}

/** JSON with everything but printable ASCII escaped: one record is one line, and no viewer is led astray. */
export function ascii(json: string): string {
  if (!/[^\x20-\x7e]/.test(json)) return json;
  return json.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function shortenDetail(detail: { readonly [key: string]: RecordValue }, cuts: Cut[]): RecordValue {
  // Nearly every detail is small and goes in as it is; each escape is six bytes at most.
  if (isShort(detail, 0) && JSON.stringify(detail).length * 6 <= detailLimitBytes) return detail;
  const own: Cut[] = [];
  const short = shortenValue(detail, '/detail', own, 0);
  if (ascii(JSON.stringify(short)).length + own.length * 128 <= detailLimitBytes) {
    cuts.push(...own);
    return short;
  }
  cuts.push(cutOf('/detail', JSON.stringify(detail)));
  return {};
}

/** Whether nothing in a value is to be cut. */
function isShort(value: RecordValue, depth: number): boolean {
  if (typeof value === 'string') return value.length <= stringLimitUnits;
  if (value === null || typeof value !== 'object') return true;
  if (depth > depthLimit) return false;
  if (isList(value)) return value.every((item) => isShort(item, depth + 1));
  for (const name in value) if (!isShort(value[name] ?? null, depth + 1)) return false;
  return true;
}

function shortenValue(value: RecordValue, path: string, cuts: Cut[], depth: number): RecordValue {
  if (typeof value === 'string') return shorten(value, path, cuts);
  if (value === null || typeof value !== 'object') return value;
  if (depth > depthLimit) {
    cuts.push(cutOf(path, JSON.stringify(value)));
    return null;
  }
  if (isList(value)) return value.map((item, index) => shortenValue(item, `${path}/${index}`, cuts, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => {
      const pointer = `${path}/${name.slice(0, 64).replaceAll('~', '~0').replaceAll('/', '~1')}`;
      return [name, shortenValue(item, pointer, cuts, depth + 1)];
    }),
  );
}

function shorten(value: string, path: string, cuts: Cut[]): string {
  if (value.length <= stringLimitUnits) return value;
  cuts.push(cutOf(path, value));
  return value.slice(0, stringLimitUnits);
}

function cutOf(path: string, whole: string): Cut {
  return { path, bytes: Buffer.byteLength(whole), sha256: createHash('sha256').update(whole).digest('hex') };
}

function isList(value: RecordValue): value is readonly RecordValue[] {
  return Array.isArray(value);
}
