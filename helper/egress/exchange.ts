/** One request and its answer, whatever version of HTTP either side speaks: what the two halves of a carrier say to each other. */
import type { Duplex, Readable, Writable } from 'node:stream';
import type { Fields } from './fields.ts';
import type { ReadHead, RequestHead } from './request-head.ts';

export interface AnswerHead {
  readonly status: number;
  /** end to end only */
  readonly fields: Fields;
  /** nothing follows */
  readonly ends: boolean;
}

/** a request from inside and the way to answer it */
export interface Inside {
  readonly arrived: ReadHead;
  /** undefined: none */
  readonly body: Readable | undefined;
  /** what followed the body, once it has ended; hostile */
  trailers(): Fields;
  /** fires when nobody waits for the answer any more */
  readonly gone: AbortSignal;
  inform(status: number, fields: Fields): void;
  /** Begins the answer. @returns where its body goes; `finish` ends it */
  answer(head: AnswerHead): Writable;
  finish(trailers: Fields): void;
  /** Agrees to a WebSocket. @returns the connection, whatever it carries now */
  switchProtocols(fields: Fields): Duplex;
  /** Breaks it off, so that nobody takes the answer for whole. */
  reset(): void;
}

/** an answer from outside */
export interface Answer extends AnswerHead {
  readonly body: Readable;
  trailers(): Fields;
  /** the connection, where both sides have agreed to a WebSocket */
  readonly switched?: Duplex;
}

/** a request on its way outside */
export interface Outside {
  readonly body: Writable;
  finish(trailers: Fields): void;
  /** @throws EgressFailure */
  readonly answer: Promise<Answer>;
  /** whether its connection carried a request before, and may have been closed meanwhile */
  reused(): boolean;
  destroy(): void;
}

export interface Sending {
  readonly head: RequestHead;
  readonly hasBody: boolean;
  /** told of interim answers, 1xx */
  readonly inform: (status: number, fields: Fields) => void;
}
