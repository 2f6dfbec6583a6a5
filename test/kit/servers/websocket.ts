/** A WebSocket server of the smallest kind (RFC 6455): it sends every short message back as text, and closes when it is told to. */
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

const marker = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const opcode = { text: 1, close: 8 } as const;

/** Answers an upgrade; takes the socket over. */
export function serveWebSocket(asked: IncomingMessage, socket: Duplex): void {
  const accept = createHash('sha1')
    .update(`${asked.headers['sec-websocket-key'] ?? ''}${marker}`)
    .digest('base64');
  const head = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${accept}`];
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  let bytes = Buffer.alloc(0);
  socket.on('error', () => undefined);
  socket.on('data', (piece: Buffer) => {
    bytes = Buffer.concat([bytes, piece]);
    for (let frame = frameAt(bytes); frame !== undefined; frame = frameAt(bytes)) {
      bytes = bytes.subarray(frame.length);
      socket.write(Buffer.concat([Buffer.from([0x80 | frame.kind, frame.payload.length]), frame.payload]));
      if (frame.kind === opcode.close) socket.end();
    }
  });
}

interface Frame {
  readonly kind: number;
  readonly payload: Buffer;
  /** of the whole frame, in bytes */
  readonly length: number;
}

/** The first frame, masked as a client's is; of 125 bytes at most. */
function frameAt(bytes: Buffer): Frame | undefined {
  const [first = 0, second = 0] = bytes;
  const size = second & 0x7f;
  const length = 6 + size;
  if (bytes.length < 6 || bytes.length < length) return undefined;
  const mask = bytes.subarray(2, 6);
  const payload = bytes.subarray(6, length).map((byte, at) => byte ^ (mask[at % 4] ?? 0));
  return { kind: first & 0x0f, payload: Buffer.from(payload), length };
}
