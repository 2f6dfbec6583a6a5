/** The way back of an answer: streamed as it comes, with the values of secrets taken out where the host may know them. */
import { pipeline, type Readable, type Writable } from 'node:stream';
import { EgressFailure } from './contract.ts';
import { decodersOf } from './decode.ts';
import type { Answer, AnswerHead } from './exchange.ts';
import { type Field, type Fields, without } from './fields.ts';
import { flow } from './flow.ts';
import { redactFields, type Redaction, Redactor } from './redact.ts';

/** where an answer goes */
export interface Taker {
  answer(head: AnswerHead): Writable;
  finish(trailers: Fields): void;
}

export interface Brought {
  readonly bytesDown: number;
  /** how many values were taken out */
  readonly redacted: number;
}

/** @throws EgressFailure before the answer has begun, anything after it */
export async function bringBack(answer: Answer, to: Taker, redaction: Redaction | undefined): Promise<Brought> {
  const head = redactFields(answer.fields, redaction);
  if (answer.ends) {
    answer.body.resume();
    to.answer({ status: answer.status, fields: head.fields, ends: true });
    to.finish([]);
    return { bytesDown: 0, redacted: head.count };
  }
  const source = redaction === undefined ? answer.body : decoded(answer);
  // A placeholder may be longer or shorter than the value.
  const fields = redaction === undefined ? head.fields : without(head.fields, 'content-length', 'content-encoding');
  const redactor = redaction === undefined ? undefined : new Redactor(redaction);
  const bytesDown = await flow(source, to.answer({ status: answer.status, fields, ends: false }), redactor);
  const trailers = redactFields(answer.trailers(), redaction);
  to.finish(trailers.fields);
  return { bytesDown, redacted: head.count + (redactor?.count ?? 0) + trailers.count };
}

/** What a request says about its answer so that it can be searched. */
export function searchable(fields: Fields, webSocket: boolean): Fields {
  const identity: Field = ['Accept-Encoding', 'identity'];
  return webSocket ? without(fields, 'sec-websocket-extensions') : [...without(fields, 'accept-encoding'), identity];
}

/** Hosts may encode although asked not to. */
function decoded({ body, fields }: Answer): Readable {
  const decoders = decodersOf(fields);
  if (decoders === undefined) throw new EgressFailure('malformed', 'The answer is encoded in a way that cannot be searched for secrets.');
  return decoders.reduce<Readable>((from, decoder) => pipeline(from, decoder, () => undefined), body);
}
