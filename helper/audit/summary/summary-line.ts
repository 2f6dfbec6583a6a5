/** One line of a record as a summary reads it. The line is hostile text: whatever is not as it should be is left out, never guessed. */

export interface Seen {
  readonly seq: number;
  readonly ts: string;
  readonly atMs: number;
  readonly type: string;
  readonly action: string;
  readonly outcome: string;
  readonly actor: { readonly kind: string; readonly face: string; readonly user: string | undefined };
  readonly target: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** What a line says, or undefined for what is no record of this version. */
export function readSeen(bytes: Uint8Array): Seen | undefined {
  const line = tableOf(parsed(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')));
  const { v, seq, ts, type, action, outcome } = line;
  if (v !== 3 || typeof seq !== 'number' || !Number.isSafeInteger(seq) || seq < 0) return undefined;
  if (typeof ts !== 'string' || !time.test(ts) || typeof type !== 'string' || typeof action !== 'string') return undefined;
  const atMs = Date.parse(ts);
  if (typeof outcome !== 'string' || Number.isNaN(atMs)) return undefined;
  const actor = tableOf(line['actor']);
  const about = { kind: textIn(actor, 'kind') ?? '?', face: textIn(actor, 'face') ?? '?', user: textIn(actor, 'user') };
  const target = textIn(line, 'target') ?? '';
  return { seq, ts, atMs, type, action, outcome, actor: about, target, detail: tableOf(line['detail']) };
}

export function textIn(table: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = Object.hasOwn(table, name) ? table[name] : undefined;
  return typeof value === 'string' ? value : undefined;
}

/** A finite number that is not negative. */
export function amountIn(table: Readonly<Record<string, unknown>>, name: string): number | undefined {
  const value = Object.hasOwn(table, name) ? table[name] : undefined;
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}

/** The texts of a list; at most `most` of them. */
export function textsIn(table: Readonly<Record<string, unknown>>, name: string, most = 100): readonly string[] {
  const value = Object.hasOwn(table, name) ? table[name] : undefined;
  return Array.isArray(value) ? value.slice(0, most).filter((item): item is string => typeof item === 'string') : [];
}

export function tableOf(value: unknown): Readonly<Record<string, unknown>> {
  return isTable(value) ? value : {};
}

/** The last part of a path, as programs are called. */
export function baseOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1) || path;
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Lines are ASCII; a byte that is not makes no record. */
function parsed(text: string): unknown {
  if (/[^\x20-\x7e]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
