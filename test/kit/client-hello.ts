/** ClientHellos for tests, byte by byte, also such as no client sends. */

export interface HelloParts {
  readonly serverNames?: readonly string[];
  readonly alpn?: readonly string[];
  /** more extensions, by type */
  readonly extensions?: readonly (readonly [type: number, body: Buffer])[];
  /** length of one record; absent: all in one */
  readonly recordBytes?: number;
}

/** A ClientHello in its records. */
export function clientHello(parts: HelloParts = {}): Buffer {
  return recordsOf(handshake(parts), parts.recordBytes ?? 16_384);
}

/** The handshake message alone. */
export function handshake({ serverNames, alpn, extensions = [] }: HelloParts): Buffer {
  const all = [
    ...(serverNames
      ? [extension(0, counted(2, Buffer.concat(serverNames.map((name) => Buffer.concat([Buffer.of(0), counted(2, Buffer.from(name))])))))]
      : []),
    ...(alpn ? [extension(16, counted(2, Buffer.concat(alpn.map((name) => counted(1, Buffer.from(name))))))] : []),
    ...extensions.map(([type, body]) => extension(type, body)),
  ];
  const body = Buffer.concat([
    Buffer.of(3, 3),
    Buffer.alloc(32, 7),
    counted(1, Buffer.alloc(32, 9)),
    counted(2, Buffer.of(0x13, 1, 0x13, 2)),
    counted(1, Buffer.of(0)),
    counted(2, Buffer.concat(all)),
  ]);
  return Buffer.concat([Buffer.of(1), counted(3, body)]);
}

/** Handshake bytes cut into records. */
export function recordsOf(message: Buffer, recordBytes: number): Buffer {
  const records: Buffer[] = [];
  for (let at = 0; at < message.length; at += recordBytes)
    records.push(Buffer.of(0x16, 3, 1), counted(2, message.subarray(at, at + recordBytes)));
  return Buffer.concat(records);
}

const extension = (type: number, body: Buffer): Buffer => Buffer.concat([Buffer.of(type >> 8, type & 255), counted(2, body)]);

/** Bytes after their own length, which has `size` bytes. */
export function counted(size: number, body: Buffer): Buffer {
  const length = Buffer.alloc(size);
  length.writeUIntBE(body.length, 0, size);
  return Buffer.concat([length, body]);
}
