/**
 * What becomes of one request: placeholders looked for, judged, secrets put in, sent, its answer brought back with secrets taken
 * out, and its end told. Whatever fails is answered in words as long as no answer has begun, and breaks it off afterwards.
 */
import type { Readable } from 'node:stream';
import { bringBack, searchable } from './answering.ts';
import { type EgressDecision, type EgressEvent, EgressFailure, type Passage } from './contract.ts';
import { AddressRefused } from './dial.ts';
import type { Answer, AnswerHead, Inside, Outside } from './exchange.ts';
import type { Fields } from './fields.ts';
import { flow, type Through } from './flow.ts';
import { type GivenValues, redactFields, type Redaction, Redactor } from './redact.ts';
import { failureOf, refusalOf } from './refusal.ts';
import type { RequestHead } from './request-head.ts';
import {
  type Destination,
  findPlaceholders,
  fitsHeader,
  isBound,
  PlaceholderFound,
  type Placeholders,
  type Standing,
  substitute,
} from './substitute.ts';
import type { Upstream } from './upstream.ts';
import { join } from './websocket.ts';

/** what the requests of one passage share */
export interface Way {
  readonly passage: Passage;
  readonly scheme: 'http' | 'https';
  readonly upstream: Upstream;
  /** values given out in this sandbox; undefined where none ever is */
  readonly given: GivenValues | undefined;
  /** of the secrets as they are now; undefined when there are none */
  readonly placeholders: () => Placeholders | undefined;
}

/** an answer of our own instead of one from outside */
class Refused extends Error {
  readonly status: number;
  readonly lines: readonly string[];
  constructor(status: number, lines: readonly string[]) {
    super(lines[0] ?? '');
    this.status = status;
    this.lines = lines;
  }
}

/** Host and port for the record; what comes to the proxy has none before it is read. */
export const targetOf = ({ host, port }: Passage): string => (host === '' ? 'proxy' : `${host}:${port}`);

/** Never rejects. */
export async function carryRequest(inside: Inside, way: Way): Promise<void> {
  const exchange = new Exchange(inside, way);
  try {
    await exchange.carry();
  } catch (error) {
    exchange.fail(error);
  } finally {
    exchange.end();
  }
}

class Exchange {
  readonly #inside: Inside;
  readonly #way: Way;
  /** fires when nobody inside waits any more, or the passage is over */
  readonly #stop = new AbortController();
  readonly #began = performance.now();
  #target: string;
  #decision: EgressDecision | undefined;
  #outside: Outside | undefined;
  #status: number | undefined;
  #bytesUp = 0;
  #bytesDown = 0;

  constructor(inside: Inside, way: Way) {
    this.#inside = inside;
    this.#way = way;
    this.#target = targetOf(way.passage);
    // A connection lives long: what listens to it must be let go with each request.
    inside.gone.addEventListener('abort', this.#abort);
    way.passage.signal.addEventListener('abort', this.#abort);
    if (inside.gone.aborted || way.passage.signal.aborted) this.#abort();
  }

  readonly #abort = (): void => this.#stop.abort();

  end(): void {
    this.#inside.gone.removeEventListener('abort', this.#abort);
    this.#way.passage.signal.removeEventListener('abort', this.#abort);
  }

  async carry(): Promise<void> {
    const { arrived } = this.#inside;
    if (!arrived.ok) {
      const { status, action, message } = arrived.refused;
      this.#report('violation', action, 'blocked', { reason: message });
      throw new Refused(status, [`LASSO: ${message}.`]);
    }
    const { head } = arrived;
    this.#target = `${head.host}:${head.port}`;
    const { facts } = this.#way.passage;
    const placeholders = this.#way.placeholders();
    const to: Destination = { scheme: this.#way.scheme, host: head.host, port: head.port, allowedPorts: facts.rules().allowedPorts };
    const standing = placeholders === undefined ? [] : findPlaceholders(placeholders, head, to);
    await this.#decide(head);
    const fields = await this.#substitute(head.fields, standing);
    const knows = placeholders?.secrets.some((secret) => isBound(secret, to)) ?? false;
    const redaction = knows ? this.#way.given?.redaction : undefined;
    const sent: RequestHead = { ...head, fields: redaction === undefined ? fields : searchable(fields, head.webSocket) };
    await this.#exchange(sent, placeholders?.notBoundTo(to)?.watch(), redaction);
    this.#report('network', 'closed', 'success', this.#measured());
  }

  /** Answers in words, or breaks off what has begun. */
  fail(error: unknown): void {
    this.#outside?.destroy();
    if (error instanceof PlaceholderFound)
      this.#report('violation', 'placeholder-refused', 'blocked', { secret: error.secret, bytesUp: this.#bytesUp });
    const begun = this.#status !== undefined;
    const left = this.#stop.signal.aborted;
    if (error instanceof EgressFailure && !begun && !left) this.#failed(error);
    else if (this.#outside !== undefined && !(error instanceof PlaceholderFound))
      this.#report('network', 'closed', 'error', { ...this.#measured(), reason: left ? 'broken off inside' : 'broken off outside' });
    if (begun || left) return this.#inside.reset();
    const { status, lines } = sayingOf(error);
    this.#say(status, lines);
  }

  #failed(failure: EgressFailure): void {
    const { reason, message } = failure;
    const refused = failure instanceof AddressRefused ? failure : undefined;
    this.#report('network', reason === 'address-refused' || reason === 'tls' ? reason : 'unreachable', refused ? 'blocked' : 'error', {
      reason,
      message,
      ...(refused === undefined ? {} : { address: refused.address }),
      ...(refused?.rule === undefined ? {} : { rule: refused.rule }),
    });
  }

  async #decide({ host, port, method, target }: RequestHead): Promise<void> {
    const { facts, asker } = this.#way.passage;
    const path = target.replace(/\?.*$/s, '');
    this.#decision = await facts.decide({ what: 'request', host, port, method, path, asker }, this.#stop.signal);
    if (this.#decision.allow) return;
    const { status, lines } = refusalOf(this.#decision);
    throw new Refused(status, lines);
  }

  async #substitute(fields: Fields, standing: Standing): Promise<Fields> {
    if (standing.length === 0) return fields;
    const values = new Map<string, string>();
    for (const { secret } of standing) {
      if (values.has(secret.name)) continue;
      const value = await secret.value().catch((error: unknown) => this.#unavailable(secret.name, error));
      if (!fitsHeader(value)) this.#unavailable(secret.name, new Error('its value cannot stand in a header'));
      values.set(secret.name, value);
      this.#way.given?.remember(secret.placeholder, value);
      this.#report('secret', 'substituted', 'success', { secret: secret.name, header: secret.header });
    }
    return substitute(fields, standing, values);
  }

  #unavailable(secret: string, error: unknown): never {
    const why = error instanceof Error ? error.message : 'its source failed';
    this.#report('secret', 'substituted', 'error', { secret, reason: why });
    throw new Refused(502, [`LASSO: the secret “${secret}” is not to be had: ${why.replace(/[.;]+$/, '')}.`]);
  }

  async #exchange(head: RequestHead, watch: Through | undefined, redaction: Redaction | undefined): Promise<void> {
    const { outside, answer, caught } = await this.#send(head, watch);
    const { switched } = answer;
    if (switched !== undefined && head.webSocket) return this.#join(answer, switched, redaction);
    const taker = { answer: (begin: AnswerHead) => this.#answer(begin), finish: (trailers: Fields) => this.#inside.finish(trailers) };
    const brought = await Promise.race([bringBack(answer, taker, redaction), caught]);
    this.#bytesDown = brought.bytesDown;
    this.#told(brought.redacted);
    // A host may answer before it has read everything, and then reads no more.
    if (this.#inside.body !== undefined && !this.#inside.body.readableEnded) outside.destroy();
  }

  /** Sends the request and waits for the head of its answer; the body goes on meanwhile, and after. */
  async #send(
    head: RequestHead,
    watch: Through | undefined,
  ): Promise<{ readonly outside: Outside; readonly answer: Answer; readonly caught: Promise<never> }> {
    const { body } = this.#inside;
    const inform = (status: number, fields: Fields): void =>
      this.#inside.inform(status, redactFields(fields, this.#way.given?.redaction).fields);
    for (let again = body === undefined && /^(?:GET|HEAD|OPTIONS)$/.test(head.method); ; again = false) {
      const outside = await this.#way.upstream.send({ head, hasBody: body !== undefined, inform });
      this.#outside = outside;
      this.#stop.signal.addEventListener('abort', () => outside.destroy(), { once: true });
      if (this.#stop.signal.aborted) outside.destroy();
      const caught = body === undefined ? new Promise<never>(() => undefined) : this.#upload(body, outside, watch);
      if (body === undefined) outside.finish([]);
      try {
        return { outside, answer: await Promise.race([outside.answer, caught]), caught };
      } catch (error) {
        outside.destroy();
        if (!again || !outside.reused() || this.#stop.signal.aborted || !(error instanceof EgressFailure)) throw error;
      }
    }
  }

  /** Lets the body go out. Rejects only for what must not; a body that breaks off for another reason breaks off the request. */
  #upload(body: Readable, outside: Outside, watch: Through | undefined): Promise<never> {
    const counted: Through = {
      push: (piece) => {
        const passed = watch?.push(piece) ?? piece;
        this.#bytesUp += passed.length;
        return passed;
      },
    };
    const upload = async (): Promise<void> => {
      await flow(body, outside.body, counted);
      const trailers = this.#inside.trailers();
      for (const [name, value] of trailers) this.#way.placeholders()?.check(`${name}: ${value}`);
      outside.finish(trailers);
    };
    return new Promise((_resolve, reject) => {
      upload().catch((error: unknown) => {
        outside.destroy();
        if (error instanceof PlaceholderFound) reject(error);
      });
    });
  }

  async #join(answer: Answer, switched: NonNullable<Answer['switched']>, redaction: Redaction | undefined): Promise<void> {
    const { fields, count } = redactFields(answer.fields, redaction);
    this.#status = answer.status;
    const redactor = redaction === undefined ? undefined : new Redactor(redaction, true);
    const stop = (): void => void switched.destroy();
    this.#stop.signal.addEventListener('abort', stop);
    const joined = await join(this.#inside.switchProtocols(fields), switched, redactor);
    this.#stop.signal.removeEventListener('abort', stop);
    this.#bytesUp = joined.bytesUp;
    this.#bytesDown = joined.bytesDown;
    this.#told(count + (redactor?.count ?? 0));
  }

  #answer(head: AnswerHead): ReturnType<Inside['answer']> {
    this.#status = head.status;
    return this.#inside.answer(head);
  }

  #say(status: number, lines: readonly string[]): void {
    const { arrived } = this.#inside;
    const text = Buffer.from(`${lines.map((line) => line.replace(/[\0-\x1f\x7f]/g, ' ')).join('\n')}\n`);
    const ends = arrived.ok && arrived.head.method === 'HEAD';
    const fields: Fields = [
      ['Content-Type', 'text/plain; charset=utf-8'],
      ['Content-Length', String(text.length)],
      ['Cache-Control', 'no-store'],
    ];
    const sink = this.#inside.answer({ status, fields, ends });
    if (!ends) sink.write(text);
    this.#inside.finish([]);
  }

  #told(redacted: number): void {
    if (redacted > 0) this.#report('secret', 'redacted', 'success', { count: redacted });
  }

  #measured(): EgressEvent['detail'] {
    return {
      ...(this.#status === undefined ? {} : { status: this.#status }),
      bytesUp: this.#bytesUp,
      bytesDown: this.#bytesDown,
      ms: Math.round(performance.now() - this.#began),
    };
  }

  #report(type: EgressEvent['type'], action: string, outcome: EgressEvent['outcome'], detail: EgressEvent['detail']): void {
    const { facts, record, asker } = this.#way.passage;
    const of = this.#decision?.record ?? record;
    facts.report({ type, action, outcome, target: this.#target, detail, asker, ...(of === undefined ? {} : { of }) });
  }
}

function sayingOf(error: unknown): { readonly status: number; readonly lines: readonly string[] } {
  if (error instanceof Refused) return error;
  if (error instanceof EgressFailure) return failureOf(error);
  if (error instanceof PlaceholderFound) return { status: 403, lines: [`LASSO: ${error.message}, so the request was refused.`] };
  return { status: 502, lines: ['LASSO: the answer could not be carried back.'] };
}
