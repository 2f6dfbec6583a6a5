/**
 * The list of a user's chains, `checkpoints/chains`: which sandbox each index was given, and which of them got a first line.
 * So a removed chain is told from one a crash kept from beginning. Each line's mac covers the line before and is made with a seed
 * that is erased later, as lines of records are. Pure. What is parsed is hostile input.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { nextSeed, stepLimit } from '../form/key-schedule.ts';

export interface LedgerEntry {
  /** `given` before the chain has its seed; `begun` when its first line is on the disk */
  readonly kind: 'given' | 'begun';
  readonly index: number;
  readonly sandbox: string;
  /** ISO 8601, UTC, milliseconds */
  readonly at: string;
  /** which user seed sealed it */
  readonly seed: number;
}

/** A line, its newline included. @param last the ledger's last line without its newline, or nothing for the first */
export function ledgerLine(userSeed: Uint8Array, entry: LedgerEntry, last: string): string {
  const text = `${entry.seed} ${entry.kind} ${entry.index} ${entry.sandbox} ${entry.at}`;
  return `${text} ${macOf(userSeed, last, text)}\n`;
}

/** what a ledger says */
export interface Ledger {
  readonly entries: readonly LedgerEntry[];
  /** its last line, without the newline */
  readonly last: string;
  /** bytes of whole lines; what follows was torn off by a crash */
  readonly bytes: number;
  /** 1-based number of the first line that is not one, or whose mac does not fit; nothing after it counts */
  readonly brokenAt?: number;
}

/**
 * Reads a ledger up to the first line that is wrong.
 * @param firstKey checks every mac; without it only the form is judged
 */
export function readLedger(text: string, firstKey?: Uint8Array): Ledger {
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  const entries: LedgerEntry[] = [];
  let last = '';
  let seed = firstKey;
  let reached = 0;
  let bytes = 0;
  const lines = whole.split('\n').slice(0, -1);
  for (const [number, line] of lines.entries()) {
    const found = parseLine(line);
    if (found === undefined || found.entry.seed < reached) return { entries, last, bytes, brokenAt: number + 1 };
    for (; seed !== undefined && reached < found.entry.seed; reached += 1) seed = nextSeed(seed);
    reached = found.entry.seed;
    if (seed !== undefined && !timingSafeEqual(Buffer.from(macOf(seed, last, found.text)), Buffer.from(found.mac)))
      return { entries, last, bytes, brokenAt: number + 1 };
    entries.push(found.entry);
    last = line;
    bytes += line.length + 1;
  }
  return { entries, last, bytes };
}

/** The chains of a ledger: for each index the sandbox it was given last, and whether it ever had a line. */
export function chainsOf({ entries }: Ledger): ReadonlyMap<number, { readonly sandbox: string; readonly begun: boolean }> {
  const chains = new Map<number, { readonly sandbox: string; readonly begun: boolean }>();
  for (const { kind, index, sandbox } of entries) chains.set(index, { sandbox, begun: kind === 'begun' });
  return chains;
}

/** The index of a sandbox's chain, the newest that was begun; undefined where the list knows none. */
export function indexOf(ledger: Ledger, sandbox: string): number | undefined {
  return [...chainsOf(ledger)].findLast(([, chain]) => chain.sandbox === sandbox && chain.begun)?.[0];
}

const form = /^(0|[1-9]\d{0,7}) (given|begun) (0|[1-9]\d{0,7}) ([a-z0-9-]{1,64}) (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) ([0-9a-f]{64})$/;

function parseLine(line: string): { readonly entry: LedgerEntry; readonly text: string; readonly mac: string } | undefined {
  const [, seed = '', kind = '', index = '', sandbox = '', at = '', mac = ''] = form.exec(line) ?? [];
  if (mac === '' || Number(seed) > stepLimit) return undefined;
  const entry: LedgerEntry = { kind: kind === 'given' ? 'given' : 'begun', index: Number(index), sandbox, at, seed: Number(seed) };
  const fits = entry.kind === 'given' ? entry.seed === entry.index : entry.seed > entry.index;
  return fits ? { entry, text: line.slice(0, -65), mac } : undefined;
}

/** HMAC-SHA256 with HMAC-SHA256(user seed, "chains"), over the line before, a newline, and this line's text */
function macOf(userSeed: Uint8Array, last: string, text: string): string {
  const key = createHmac('sha256', userSeed).update('chains').digest();
  return createHmac('sha256', key).update(`${last}\n${text}`).digest('hex');
}
