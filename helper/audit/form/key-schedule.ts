/**
 * Which key seals which line. Every key comes one-way from the one before, so whoever has today's cannot make yesterday's
 * (Bellare & Yee, “Forward-Security in Private-Key Cryptography”, 2003; systemd's sealing rests on the same idea). Pure.
 *
 *     user seed 0 ─▶ user seed 1 ─▶ …           user seed i+1   = HMAC-SHA256(user seed i, "next")
 *          │              └▶ chain 1, epoch 0   epoch seed 0    = HMAC-SHA256(user seed i, "chain " + sandbox)
 *          └▶ chain 0, epoch 0 ─▶ epoch 1 ─▶ …  epoch seed e+1  = HMAC-SHA256(epoch seed e, "next")
 *                     └▶ key of its lines       key of epoch e  = HMAC-SHA256(epoch seed e, "lines")
 *
 * User seed 0 is the *first key*: whoever verifies keeps it, and the machine that writes forgets it.
 */
import { createHash, createHmac, createSecretKey, type KeyObject } from 'node:crypto';

/** bytes of every seed and key */
export const seedBytes = 32;
/** epochs, and chains of one user, that a verifier follows at most */
export const stepLimit = 10_000_000;

/** The user seed or epoch seed that follows `seed`. */
export function nextSeed(seed: Uint8Array): Buffer {
  return createHmac('sha256', seed).update('next').digest();
}

/** The seed of a chain's epoch 0, from the user seed of the chain's index. */
export function chainSeed(userSeed: Uint8Array, sandbox: string): Buffer {
  return createHmac('sha256', userSeed).update(`chain ${sandbox}`).digest();
}

/** The key of the lines of an epoch. */
export function lineKey(epochSeed: Uint8Array): KeyObject {
  return createSecretKey(createHmac('sha256', epochSeed).update('lines').digest());
}

/** `steps` seeds on. Linear in `steps`: about a million a second. */
export function seedAfter(seed: Uint8Array, steps: number): Buffer {
  let now: Buffer = Buffer.from(seed);
  for (let step = 0; step < steps; step += 1) now = nextSeed(now);
  return now;
}

/** What tells first keys apart without giving them away: 16 hex digits. */
export function fingerprintOf(firstKey: Uint8Array): string {
  return createHash('sha256').update('lasso first key\n').update(firstKey).digest('hex').slice(0, 16);
}

const written = /^lasso-first-key-3:([A-Za-z0-9_-]{43})\s*$/;

/** The one line a first key is kept as. */
export function firstKeyText(firstKey: Uint8Array): string {
  return `lasso-first-key-3:${Buffer.from(firstKey).toString('base64url')}\n`;
}

/** A first key from its line; undefined for anything else. */
export function parseFirstKey(text: string): Buffer | undefined {
  const found = written.exec(text)?.[1];
  const bytes = found === undefined ? undefined : Buffer.from(found, 'base64url');
  return bytes?.length === seedBytes && bytes.toString('base64url') === found ? bytes : undefined;
}
