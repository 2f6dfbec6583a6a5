/**
 * A WebSocket (RFC 6455) from inside: its request is judged like any other, and once both sides have agreed the connection
 * carries frames that are not read. Frames from inside are masked and cannot be searched for placeholders.
 */
import { STATUS_CODES } from 'node:http';
import { type Duplex, finished } from 'node:stream';
import type { Inside } from './exchange.ts';
import { endToEnd, type Fields, without } from './fields.ts';
import { flow, type Through } from './flow.ts';
import type { ReadHead } from './request-head.ts';

/** A request that asks for a WebSocket, on a connection that carries no other request after it. */
export function askedForWebSocket(arrived: ReadHead, connection: Duplex, reset: () => void): Inside {
  const gone = new AbortController();
  connection.on('error', () => undefined);
  finished(connection, () => gone.abort());
  return {
    arrived,
    body: undefined,
    trailers: () => [],
    gone: gone.signal,
    inform: () => undefined,
    answer: ({ status, fields }) => {
      connection.write(headBytes(status, [...endToEnd(fields), ['Connection', 'close']]));
      return connection;
    },
    finish: () => {
      connection.resume();
      connection.end();
    },
    switchProtocols: (fields) => {
      const agreed = without(endToEnd(fields), 'content-length');
      connection.write(headBytes(101, [...agreed, ['Connection', 'Upgrade'], ['Upgrade', 'websocket']]));
      return connection;
    },
    reset,
  };
}

function headBytes(status: number, fields: Fields): Buffer {
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, ...fields.map(([name, value]) => `${name}: ${value}`)];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

export interface Joined {
  readonly bytesUp: number;
  readonly bytesDown: number;
}

/**
 * Carries what two sides say to each other until both have said all. A side that breaks off breaks off the other.
 * @param down what passes from outside to inside is looked at by this
 */
export async function join(inside: Duplex, outside: Duplex, down?: Through): Promise<Joined> {
  const oneWay = async (from: Duplex, to: Duplex, through?: Through): Promise<number> => {
    try {
      const bytes = await flow(from, to, through);
      to.end();
      return bytes;
    } catch {
      from.destroy();
      to.destroy();
      return 0;
    }
  };
  outside.on('error', () => undefined);
  const [bytesUp, bytesDown] = await Promise.all([oneWay(inside, outside), oneWay(outside, inside, down)]);
  return { bytesUp, bytesDown };
}
