/**
 * A no, as clients of a proxy read it. Texts about hosts hold what somebody inside wrote, so nothing of them reaches a header
 * but visible ASCII.
 */
import { finished } from 'node:stream';
import type { Duplex } from 'node:stream';
import type { EgressDecision, EgressFailure } from './contract.ts';

export interface Refusal {
  readonly status: 400 | 403 | 429 | 502 | 504;
  /** lines for a person; the first also stands beside the status, where many clients show it */
  readonly lines: readonly string[];
}

/** longest reason beside a status, in characters */
const reasonLimit = 240;
/** how long a client may take to read its no */
const lingerMs = 5000;

/** What a decision against a connection says. */
export function refusalOf(decision: EgressDecision): Refusal {
  const { rule } = decision.verdict;
  const where = decision.origin ?? rule;
  const detail = rule !== undefined && decision.origin !== undefined ? `${rule} in ${decision.origin}` : where;
  return { status: 403, lines: [decision.message, ...(detail === undefined ? [] : [`Rule: ${detail}`])] };
}

/** What a failure on the way says. */
export function failureOf(failure: EgressFailure): Refusal {
  const status = failure.reason === 'timeout' ? 504 : failure.reason === 'address-refused' ? 403 : 502;
  return { status, lines: [`LASSO: ${failure.message}`] };
}

/** The whole answer (RFC 9112) after which the connection ends. */
export function refusalBytes({ status, lines }: Refusal): Buffer {
  const body = Buffer.from(`${lines.map((line) => line.replace(/[\0-\x1f\x7f]/g, ' ')).join('\n')}\n`);
  const reason = (lines[0] ?? '').replace(/[^\x20-\x7e]/g, '?').slice(0, reasonLimit);
  const head = [
    `HTTP/1.1 ${status} ${reason}`,
    'Proxy-Agent: LASSO',
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${body.length}`,
    'Cache-Control: no-store',
    'Connection: close',
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]);
}

/** Says the last bytes of a stream and lets go of it when they have been read, or after a while. */
export function sayLast(stream: Duplex, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    const over = (): void => {
      clearTimeout(timer);
      stream.destroy();
      resolve();
    };
    const timer = setTimeout(over, lingerMs);
    // A reset now would take the answer with it, so what the client still sends is read and dropped.
    stream.resume();
    stream.end(bytes);
    finished(stream, over);
  });
}
