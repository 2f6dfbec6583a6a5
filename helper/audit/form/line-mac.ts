/**
 * Checks the macs of many lines with one key. HMAC (RFC 2104) is put together from two hashes of whole buffers here, because
 * making Node's HMAC object costs more than hashing a line does; a test holds it to Node's own.
 */
import { createHmac, hash, type KeyObject } from 'node:crypto';
import { digestOf, macSuffixBytes } from './chain.ts';

const blockBytes = 64;
const digestBytes = 32;
const closingBrace = 0x7d;
/** longer lines are rare, and left to Node */
const usualBytes = 4096;

export class LineMac {
  readonly #key: KeyObject;
  readonly #inner = Buffer.allocUnsafeSlow(usualBytes);
  readonly #outer = Buffer.allocUnsafeSlow(blockBytes + digestBytes);

  constructor(key: KeyObject) {
    this.#key = key;
    const bytes = Buffer.alloc(blockBytes);
    key.export().copy(bytes);
    bytes.forEach((byte, at) => {
      this.#inner[at] = byte ^ 0x36;
      this.#outer[at] = byte ^ 0x5c;
    });
  }

  /** Whether this key made the mac at the end of `line`, which has the form of a record and no newline. */
  fits(line: Buffer): boolean {
    const bare = line.length - macSuffixBytes;
    if (bare < 0) return false;
    const mac = line.toString('latin1', line.length - 2 - 2 * digestBytes, line.length - 2);
    const end = blockBytes + bare;
    if (end >= this.#inner.length) return createHmac('sha256', this.#key).update(line.subarray(0, bare)).update('}').digest('hex') === mac;
    line.copy(this.#inner, blockBytes, 0, bare);
    this.#inner[end] = closingBrace;
    this.#outer.write(hash('sha256', this.#inner.subarray(0, end + 1), 'binary'), blockBytes, digestBytes, 'binary');
    return digestOf(this.#outer) === mac;
  }
}
