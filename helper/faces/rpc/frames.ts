/**
 * Messages out of bytes, `Content-Length` framing, in bounded memory and linear time. Hostile input: the first byte out of
 * order ends it for good.
 */

/** longest message, in bytes */
export const messageLimitBytes = 8 * 1024 * 1024;
/** longest header block, in bytes */
const headerLimitBytes = 1024;

export class FrameParser {
  #header = Buffer.alloc(0);
  #body: Buffer[] = [];
  /** bytes of the body still to come, or undefined between messages */
  #missing: number | undefined;
  readonly #limitBytes: number;

  constructor(limitBytes = messageLimitBytes) {
    this.#limitBytes = limitBytes;
  }

  /** Bodies completed by `chunk`. @throws Error on anything that is not a frame, or too long a one */
  push(chunk: Buffer): Buffer[] {
    const complete: Buffer[] = [];
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#missing === undefined) {
        // The header is short, so joining what came of it so far costs little.
        const header = Buffer.concat([this.#header, rest.subarray(0, headerLimitBytes + 4)]);
        const end = header.indexOf('\r\n\r\n');
        if (end === -1) {
          if (header.length > headerLimitBytes) throw new Error('header is too long');
          this.#header = header;
          return complete;
        }
        rest = rest.subarray(end + 4 - this.#header.length);
        this.#header = Buffer.alloc(0);
        this.#missing = lengthIn(header.toString('latin1', 0, end), this.#limitBytes);
      }
      const part = rest.subarray(0, this.#missing);
      this.#body.push(part);
      this.#missing -= part.length;
      rest = rest.subarray(part.length);
      if (this.#missing > 0) return complete;
      complete.push(Buffer.concat(this.#body));
      this.#body = [];
      this.#missing = undefined;
    }
    return complete;
  }
}

function lengthIn(header: string, limitBytes: number): number {
  let length: number | undefined;
  for (const line of header.split('\r\n')) {
    const [, name = '', value = ''] = /^([A-Za-z-]{1,64}):[ \t]*([\x20-\x7e]*)$/.exec(line) ?? [];
    if (name === '') throw new Error('header is malformed');
    if (name.toLowerCase() !== 'content-length') continue;
    if (length !== undefined || !/^[1-9][0-9]{0,9}$/.test(value)) throw new Error('Content-Length is malformed');
    length = Number(value);
  }
  if (length === undefined) throw new Error('header has no Content-Length');
  if (length > limitBytes) throw new Error('message is too long');
  return length;
}
