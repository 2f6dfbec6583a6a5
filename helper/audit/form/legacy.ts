/**
 * Lines that LASSO 1.x wrote: sorted keys, a `sig` in the middle, `prev` not in the line. They can be verified for ever, and
 * are never written again. Hostile input.
 */
import { createHmac, type KeyObject } from 'node:crypto';

const label = '"sig":"';
/** `"sig":"<64 hex>",` */
const memberBytes = label.length + 64 + 2;

export type LegacyLine =
  | { readonly kind: 'malformed' }
  | { readonly kind: 'edited'; readonly mac: string }
  | { readonly kind: 'record'; readonly mac: string; readonly sandbox: string; readonly ts: string };

/** True for a first line in the form of 1.x. */
export function isLegacy(line: Buffer): boolean {
  return line.subarray(0, 10).toString('latin1') === '{"action":' && line.includes(label);
}

/** Judges a line as following one whose signature was `prev`. */
export function checkLegacyLine(line: Buffer, key: KeyObject | null, prev: string): LegacyLine {
  // The last one is the real one: what follows it holds no object, and quotes inside strings are escaped.
  const at = line.lastIndexOf(label);
  const mac = at < 0 ? '' : line.toString('latin1', at + label.length, at + label.length + 64);
  if (!/^[0-9a-f]{64}$/.test(mac) || line.toString('latin1', at + memberBytes - 2, at + memberBytes) !== '",') return { kind: 'malformed' };
  const hash = key === null ? undefined : createHmac('sha256', key);
  const digest = hash
    ?.update(`${prev}:`)
    .update(line.subarray(0, at))
    .update(line.subarray(at + memberBytes))
    .digest('hex');
  if (digest !== undefined && digest !== mac) return { kind: 'edited', mac };
  const sandbox = /"sandbox_id":"([^"\\]{1,64})",$/.exec(line.toString('latin1', 0, at))?.[1];
  const ts = /"ts":"([^"\\]{1,40})","type":"[a-z_]+"\}$/.exec(line.toString('latin1', Math.max(0, line.length - 128)))?.[1];
  return sandbox === undefined || ts === undefined ? { kind: 'malformed' } : { kind: 'record', mac, sandbox, ts };
}
