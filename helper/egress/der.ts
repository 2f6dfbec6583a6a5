/** Distinguished Encoding Rules (X.690), as much as a certificate needs, writing only. Nothing is read here. */

/** One value: tag, length, content. */
export function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
}

export const sequence = (...contents: readonly Uint8Array[]): Buffer => der(0x30, ...contents);

export const set = (...contents: readonly Uint8Array[]): Buffer => der(0x31, ...contents);

export const octets = (content: Uint8Array): Buffer => der(0x04, content);

export const bits = (content: Uint8Array, unused = 0): Buffer => der(0x03, Buffer.from([unused]), content);

export const text = (content: string): Buffer => der(0x0c, Buffer.from(content));

export const yes = (): Buffer => der(0x01, Buffer.from([0xff]));

/** A whole number that is not negative, most significant byte first. */
export function integer(magnitude: Uint8Array): Buffer {
  const first = magnitude.findIndex((byte) => byte !== 0);
  const shortest = first < 0 ? Buffer.alloc(1) : magnitude.subarray(first);
  return der(0x02, (shortest[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.alloc(1), shortest]) : shortest);
}

/** @param dotted `2.5.29.15` */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return der(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

/** A moment to the second; two digits for the year until 2049, as RFC 5280, 4.1.2.5 wants it. */
export function moment(when: Date): Buffer {
  const digits = `${when.toISOString().replace(/\..*|[-:T]/g, '')}Z`;
  return when.getUTCFullYear() < 2050 ? der(0x17, Buffer.from(digits.slice(2))) : der(0x18, Buffer.from(digits));
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  return length < 0x100 ? Buffer.from([0x81, length]) : Buffer.from([0x82, length >> 8, length & 0xff]);
}

function base128(value: number): number[] {
  const digits = [value & 0x7f];
  for (let rest = value >> 7; rest > 0; rest >>= 7) digits.unshift((rest & 0x7f) | 0x80);
  return digits;
}
