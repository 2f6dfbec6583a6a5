/**
 * Requests of one connection, read one by one: each is judged by itself, sent on strictly rewritten, and its answer streamed
 * back. Nothing here decides whether a host may be reached, and nothing is held back longer than it takes to look at it.
 */
import type { Duplex } from 'node:stream';
import type { SecureContext } from 'node:tls';
import type { Passage } from './contract.ts';

export interface RequestOptions {
  /** the stream speaks to a proxy: every request says its own host in its target, and each is judged for that host */
  readonly proxy?: boolean;
  /** who may vouch for the other side; needed for https */
  readonly trust?: SecureContext;
}

/**
 * Takes the stream over; bytes already read are to be put back first (`stream.unshift`). Settles when the stream is over and
 * never rejects: what goes wrong is answered inside, or resets the stream.
 */
export async function carryRequests(stream: Duplex, passage: Passage, scheme: 'http' | 'https', options: RequestOptions): Promise<void> {
  void passage;
  void scheme;
  void options;
  stream.destroy();
}
