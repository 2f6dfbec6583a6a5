/**
 * The first message of TLS, read only as far as it says whom it is for. Its bytes come from inside and are hostile: total,
 * bounded and strict, so that what two servers could read differently is no ClientHello. Nothing is answered here.
 */

/** longest opening that is looked at, record headers included */
export const helloLimitBytes = 16_384;
/** most records a ClientHello may be spread over */
const recordLimit = 64;
const recordHeaderBytes = 5;

const extensionType = { serverName: 0, alpn: 16, encryptedHello: 0xfe0d } as const;

export interface ClientHello {
  /** as sent; absent where it names none */
  readonly serverName: string | undefined;
  /** protocols offered, in the client's order */
  readonly alpn: readonly string[];
  /** it carries an encrypted ClientHello, or what is made to look like one */
  readonly encrypted: boolean;
}

export type HelloReading =
  | { readonly state: 'read'; readonly hello: ClientHello }
  /** `atLeastBytes`: how many there have to be before it is worth looking again */
  | { readonly state: 'more'; readonly atLeastBytes: number }
  | { readonly state: 'bad'; readonly why: string };

/** Whether bytes begin as a handshake record of TLS does; undefined when there are too few to tell. */
export function beginsTls(bytes: Uint8Array): boolean | undefined {
  if (bytes.length > 0 && bytes[0] !== 0x16) return false;
  if (bytes.length < 2) return undefined;
  return bytes[1] === 3;
}

/** A ClientHello (RFC 8446, 4.1.2) from the first bytes of a connection, whatever records it is spread over. */
export function readClientHello(bytes: Uint8Array): HelloReading {
  try {
    const gathered = gather(bytes);
    if ('state' in gathered) return gathered;
    return { state: 'read', hello: helloOf(new Reader(gathered.body)) };
  } catch (error) {
    if (error instanceof Malformed) return { state: 'bad', why: error.message };
    throw error;
  }
}

class Malformed extends Error {}

/** Takes lengths at their word only where the bytes are there. */
class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get over(): boolean {
    return this.#at === this.#bytes.length;
  }

  number(size: number): number {
    return this.take(size).reduce((value, byte) => value * 256 + byte, 0);
  }

  take(size: number): Uint8Array {
    if (size > this.#bytes.length - this.#at) throw new Malformed('a length in it does not fit');
    this.#at += size;
    return this.#bytes.subarray(this.#at - size, this.#at);
  }

  /** what a length of `size` bytes stands before */
  counted(size: number): Uint8Array {
    return this.take(this.number(size));
  }
}

/** The body of the handshake message, put together from its records. */
function gather(bytes: Uint8Array): { readonly body: Uint8Array } | HelloReading {
  const parts: Uint8Array[] = [];
  let gatheredBytes = 0;
  let at = 0;
  for (let records = 0; records < recordLimit; records += 1) {
    if (bytes.length < at + recordHeaderBytes) return more(at + recordHeaderBytes);
    const header = new Reader(bytes.subarray(at, at + recordHeaderBytes));
    if (header.number(1) !== 0x16 || header.number(1) !== 3) throw new Malformed('its records are not those of a TLS handshake');
    header.take(1);
    const length = header.number(2);
    if (length === 0 || length > helloLimitBytes) throw new Malformed('a record in it has a length that is not allowed');
    const end = at + recordHeaderBytes + length;
    if (bytes.length < end) return more(end);
    parts.push(bytes.subarray(at + recordHeaderBytes, end));
    gatheredBytes += length;
    at = end;
    const whole = gatheredBytes < 4 ? undefined : messageOf(Buffer.concat(parts));
    if (whole !== undefined) return { body: whole };
  }
  throw new Malformed('it is spread over too many records');
}

/** Undefined while it is not all there. */
function messageOf(bytes: Uint8Array): Uint8Array | undefined {
  const head = new Reader(bytes.subarray(0, 4));
  if (head.number(1) !== 1) throw new Malformed('its first message is no ClientHello');
  const length = head.number(3);
  if (length > helloLimitBytes) throw new Malformed('it is too long');
  if (bytes.length < 4 + length) return undefined;
  // What follows in the same record would be read under other keys.
  if (bytes.length > 4 + length) throw new Malformed('something else follows it in the same record');
  return bytes.subarray(4);
}

function more(atLeastBytes: number): HelloReading {
  return atLeastBytes > helloLimitBytes ? { state: 'bad', why: 'it is too long' } : { state: 'more', atLeastBytes };
}

function helloOf(reader: Reader): ClientHello {
  if (reader.number(1) !== 3) throw new Malformed('its version is unknown');
  reader.take(1 + 32);
  if (reader.counted(1).length > 32) throw new Malformed('its session id is too long');
  const suites = reader.counted(2);
  if (suites.length < 2 || suites.length % 2 !== 0) throw new Malformed('its list of ciphers is broken');
  if (reader.counted(1).length === 0) throw new Malformed('its list of compressions is empty');
  const found = reader.over ? new Map<number, Uint8Array>() : extensionsOf(new Reader(reader.counted(2)));
  if (!reader.over) throw new Malformed('bytes are left over at its end');
  const [serverName, alpn] = [found.get(extensionType.serverName), found.get(extensionType.alpn)];
  return {
    serverName: serverName && serverNameOf(new Reader(serverName)),
    alpn: alpn ? protocolsOf(new Reader(alpn)) : [],
    encrypted: found.has(extensionType.encryptedHello),
  };
}

function extensionsOf(reader: Reader): ReadonlyMap<number, Uint8Array> {
  const found = new Map<number, Uint8Array>();
  while (!reader.over) {
    const type = reader.number(2);
    if (found.has(type)) throw new Malformed('an extension occurs twice');
    found.set(type, reader.counted(2));
  }
  return found;
}

/** RFC 6066, 3: one name of the one type there is. */
function serverNameOf(reader: Reader): string {
  const list = new Reader(reader.counted(2));
  if (list.number(1) !== 0) throw new Malformed('its server name is of an unknown type');
  const name = list.counted(2);
  if (!list.over || !reader.over) throw new Malformed('it names more than one server');
  if (name.length === 0 || !name.every((byte) => byte > 0x20 && byte < 0x7f)) throw new Malformed('its server name is no name');
  return Buffer.from(name).toString('latin1');
}

/** RFC 7301, 3.1. */
function protocolsOf(reader: Reader): readonly string[] {
  const list = new Reader(reader.counted(2));
  if (!reader.over) throw new Malformed('its list of protocols is broken');
  const protocols: string[] = [];
  do {
    const protocol = list.counted(1);
    if (protocol.length === 0) throw new Malformed('its list of protocols is broken');
    protocols.push(Buffer.from(protocol).toString('latin1'));
  } while (!list.over);
  return protocols;
}
