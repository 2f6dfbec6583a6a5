/**
 * One connection from inside for as long as it is open: what was allowed on it, what it reaches outside, and how it ends. It is
 * judged again when the rules change, with everything that was allowed on it.
 */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { judgeAddress } from '../policy/network/addresses.ts';
import type { NetworkRules } from '../policy/network/rules.ts';
import type { RecordValue } from '../protocol/record.ts';
import type { Verdict } from '../protocol/verdict.ts';
import { judgeConnection } from '../policy/network/judge.ts';
import { type Admitted, isByRequest, stillStands } from './admission.ts';
import {
  type Asker,
  EgressFailure,
  type EgressDecision,
  type EgressEvent,
  type EgressFacts,
  type EgressIntent,
  type Passage,
} from './contract.ts';
import { AddressRefused, dial, type DialTimes, type Dialled } from './dial.ts';
import { reset } from './tunnel.ts';

/** most different requests of one connection that are remembered; one with more is reset when the rules change */
const requestLimit = 64;

interface AllowedRequest {
  readonly intent: EgressIntent;
  readonly verdict: Verdict;
}

/** a connection to an admitted host that was opened before anybody asked for it */
interface Spare {
  readonly host: string;
  readonly port: number;
  readonly stream: Promise<Duplex>;
}

export class Connection {
  readonly stream: Duplex;
  readonly asker: Asker | null;
  readonly #facts: EgressFacts;
  readonly #times: DialTimes | undefined;
  readonly #over = new AbortController();
  readonly #requests = new Map<string, AllowedRequest>();
  /** what it is connected to outside, with addresses that were judged */
  readonly #outside = new Map<Duplex, string | undefined>();
  #admitted: Admitted | undefined;
  #spare: Spare | undefined;
  #forgetful = false;

  constructor(stream: Duplex, asker: Asker | null, facts: EgressFacts, times?: DialTimes) {
    this.stream = stream;
    this.asker = asker;
    this.#facts = facts;
    this.#times = times;
    // Whoever carries it listens for these too; without a listener an error would end the helper.
    stream.on('error', () => stream.destroy()).on('close', () => this.#over.abort());
    if (stream.destroyed) this.#over.abort();
  }

  /** fires when it is over, whoever ended it */
  get signal(): AbortSignal {
    return this.#over.signal;
  }

  /** Its host is known and allowed. Where the connection itself was decided, reaching for the host begins at once. */
  admit(admitted: Admitted): void {
    this.#admitted = admitted;
    const { host, port, decision } = admitted;
    if (decision === undefined) return;
    const stream = this.#reach(host, port, this.signal);
    stream.catch(() => undefined);
    this.#spare = { host, port, stream };
  }

  /** host and port, for the record */
  get target(): string {
    const to = this.#admitted ?? [...this.#requests.values()].at(-1)?.intent;
    return to === undefined ? 'proxy' : `${to.host}:${to.port}`;
  }

  /** what was opened at once, while nobody has taken it */
  get spare(): Promise<Duplex> | undefined {
    return this.#spare?.stream;
  }

  /** For whoever looks at its requests. For the proxy, which has no host of its own, `host` is empty. */
  passage(host: string, port: number): Passage {
    const record = this.#admitted?.decision?.record;
    return {
      host,
      port,
      asker: this.asker,
      facts: { ...this.#facts, decide: (intent, signal) => this.#decide(intent, signal) },
      dial: (to, onPort, signal) => this.dial(to, onPort, signal),
      signal: this.signal,
      ...(record === undefined ? {} : { record }),
    };
  }

  /** A checked connection to a host something was allowed for on this connection. @throws EgressFailure */
  async dial(host: string, port: number, signal: AbortSignal): Promise<Duplex> {
    const spare = this.#spare;
    if (spare?.host === host && spare.port === port) {
      this.#spare = undefined;
      const stream = await spare.stream;
      if (!stream.destroyed && !stream.readableEnded) return stream;
    }
    const allowed = [this.#admitted, ...[...this.#requests.values()].map(({ intent }) => intent)];
    if (!allowed.some((one) => one?.host === host && one.port === port))
      throw new EgressFailure('malformed', `Nothing was allowed to ${host} on this connection.`);
    return this.#reach(host, port, AbortSignal.any([signal, this.signal]));
  }

  /** The decision on it as a whole, where its bytes turn out to be none whose requests can be judged. */
  async decideWhole(admitted: Admitted): Promise<boolean> {
    if (admitted.decision) return true;
    const { host, port } = admitted;
    const verdict = judgeConnection({ host, port }, this.#facts.rules());
    const decision = await this.#facts.decide({ what: 'connection', host, port, asker: this.asker }, this.signal);
    if (decision.allow) this.#admitted = { ...admitted, decision, verdict };
    return decision.allow;
  }

  /** Whether everything that was allowed on it still is. */
  stands(rules: NetworkRules): boolean {
    const admitted = this.#admitted;
    if (this.#forgetful || (admitted && !admissionStands(admitted, rules))) return false;
    if (![...this.#requests.values()].every(({ intent, verdict }) => stillStands(intent, verdict, rules))) return false;
    return [...this.#outside.values()].every((address) => address === undefined || judgeAddress(address, rules).decision === 'allow');
  }

  /** Ends it on both sides, as a reset. */
  break(): void {
    // First the streams: whoever carries it must find nothing left to say something last on.
    reset(this.stream);
    for (const stream of this.#outside.keys()) reset(stream);
    this.#over.abort();
  }

  /** Nobody carries it any more: what is left of it outside goes. */
  finish(): void {
    this.#over.abort();
    for (const stream of this.#outside.keys()) stream.destroy();
  }

  report(action: string, type: EgressEvent['type'], outcome: EgressEvent['outcome'], target: string, detail: EgressEvent['detail']): void {
    const of = this.#admitted?.decision?.record;
    this.#facts.report({ type, action, outcome, target, detail, ...(of === undefined ? {} : { of }) });
  }

  async #decide(intent: EgressIntent, signal: AbortSignal): Promise<EgressDecision> {
    const verdict = judgeConnection(intent, this.#facts.rules());
    const of = this.#admitted?.decision?.record;
    const decision = await this.#facts.decide(of === undefined ? intent : { ...intent, of }, signal);
    if (!decision.allow) return decision;
    const key = JSON.stringify([intent.host, intent.port, intent.method, intent.path]);
    if (this.#requests.has(key) || this.#requests.size < requestLimit) this.#requests.set(key, { intent, verdict });
    else this.#forgetful = true;
    return decision;
  }

  async #reach(host: string, port: number, signal: AbortSignal): Promise<Duplex> {
    const target = `${host}:${port}`;
    const began = performance.now();
    let dialled: Dialled;
    try {
      dialled = await dial(this.#facts, { host, port }, signal, this.#times);
    } catch (error) {
      if (error instanceof EgressFailure && error.reason !== 'cancelled') this.#unreached(target, error);
      throw error;
    }
    const { stream, address, judged } = dialled;
    this.#outside.set(stream, judged ? address : undefined);
    stream.on('error', () => stream.destroy());
    stream.once('close', () => {
      this.#outside.delete(stream);
      this.report('closed', 'network', 'success', target, { address, ...bytesOf(stream), ms: Math.round(performance.now() - began) });
    });
    if (signal.aborted) {
      stream.destroy();
      throw new EgressFailure('cancelled', `The connection to ${target} is no longer wanted.`);
    }
    return stream;
  }

  #unreached(target: string, failure: EgressFailure): void {
    const refused = failure instanceof AddressRefused;
    const detail: Record<string, RecordValue> = { reason: failure.reason, message: failure.message };
    if (refused) detail['address'] = failure.address;
    if (refused && failure.rule !== undefined) detail['rule'] = failure.rule;
    this.report(refused ? 'address-refused' : 'unreachable', 'network', refused ? 'blocked' : 'error', target, detail);
  }
}

function admissionStands(admitted: Admitted, rules: NetworkRules): boolean {
  if (admitted.decision) return stillStands(admitted, admitted.verdict, rules) && !isByRequest(judgeConnection(admitted, rules), rules);
  const verdict = judgeConnection(admitted, rules);
  return verdict.decision !== 'deny' || isByRequest(verdict, rules);
}

function bytesOf(stream: Duplex): { readonly bytesUp: number; readonly bytesDown: number } {
  return stream instanceof Socket ? { bytesUp: stream.bytesWritten, bytesDown: stream.bytesRead } : { bytesUp: 0, bytesDown: 0 };
}
