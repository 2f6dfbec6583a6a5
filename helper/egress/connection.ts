/**
 * One connection from inside for as long as it is open: what was allowed on it, what it reaches outside, and how it ends. It is
 * judged again when the rules change, with everything that was allowed on it.
 */
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
import { AddressRefused, dial, type DialTimes } from './dial.ts';
import { type Relayed, reset } from './tunnel.ts';

/** most different requests of one connection that are remembered, and the longest, in UTF-16 code units; with more, it is reset when the rules change */
const requestLimit = 32;
const lengthLimit = 512;
/** most hosts of one connection to the proxy that may be dialled without being allowed again */
const hostLimit = 64;

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
  /** `host:port` something was allowed to, the latest last */
  readonly #hosts = new Set<string>();
  readonly #began = performance.now();
  /** what it is connected to outside */
  readonly #outside = new Set<Duplex>();
  /** addresses of these that were judged; none where only the user's proxy knows them */
  readonly #addresses = new WeakMap<Duplex, string>();
  #admitted: Admitted | undefined;
  #spare: Spare | undefined;
  #forgetful = false;
  /** requests that were allowed on it */
  #decided = 0;
  #endTold = false;

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
  get #target(): string {
    const to = this.#admitted;
    return to === undefined ? ([...this.#hosts].at(-1) ?? 'proxy') : `${to.host}:${to.port}`;
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
    const isAdmitted = this.#admitted?.decision !== undefined && this.#admitted.host === host && this.#admitted.port === port;
    if (!isAdmitted && !this.#hosts.has(`${host}:${port}`))
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
    return [...this.#outside].every((stream) => {
      const address = this.#addresses.get(stream);
      return address === undefined || judgeAddress(address, rules).decision === 'allow';
    });
  }

  /** Tells that its host could not be connected to. Where requests are looked at, each of them tells so. */
  unreached(failure: EgressFailure): void {
    const refused = failure instanceof AddressRefused;
    if (failure.reason === 'cancelled') return;
    const detail: Record<string, RecordValue> = { reason: failure.reason, message: failure.message };
    if (refused) detail['address'] = failure.address;
    if (refused && failure.rule !== undefined) detail['rule'] = failure.rule;
    this.report(refused ? 'address-refused' : 'unreachable', 'network', refused ? 'blocked' : 'error', detail);
  }

  /** Tells how a tunnel ended. Where requests are looked at, each of them tells so. */
  closed(outside: Duplex, { bytesUp, bytesDown, end }: Relayed): void {
    const address = this.#addresses.get(outside);
    const detail = {
      ...(address === undefined ? {} : { address }),
      bytesUp,
      bytesDown,
      end,
      ms: Math.round(performance.now() - this.#began),
    };
    this.report('closed', 'network', 'success', detail);
  }

  /** Ends it on both sides, as a reset. */
  break(): void {
    // First the streams: whoever carries it must find nothing left to say something last on.
    reset(this.stream);
    for (const stream of this.#outside) reset(stream);
    this.#over.abort();
  }

  /** Nobody carries it any more: what is left of it outside goes. Its end is told unless it was, also where each request told its own. */
  finish(): void {
    if (!this.#endTold && this.#admitted?.decision?.record !== undefined)
      this.report('closed', 'network', 'success', { requests: this.#decided, ms: Math.round(performance.now() - this.#began) });
    this.#over.abort();
    for (const stream of this.#outside) stream.destroy();
  }

  report(action: string, type: EgressEvent['type'], outcome: EgressEvent['outcome'], detail: EgressEvent['detail']): void {
    const of = this.#admitted?.decision?.record;
    if (type === 'network') this.#endTold = true;
    this.#facts.report({ type, action, outcome, target: this.#target, detail, asker: this.asker, ...(of === undefined ? {} : { of }) });
  }

  async #decide(intent: EgressIntent, signal: AbortSignal): Promise<EgressDecision> {
    const verdict = judgeConnection(intent, this.#facts.rules());
    const of = this.#admitted?.decision?.record;
    const decision = await this.#facts.decide(of === undefined ? intent : { ...intent, of }, signal);
    if (!decision.allow) return decision;
    this.#decided += 1;
    // The rules may have changed meanwhile, before this was known to be open.
    if (!stillStands(intent, verdict, this.#facts.rules()))
      return { ...decision, allow: false, message: 'LASSO: the rules have changed while this was decided; try again' };
    const key = JSON.stringify([intent.host, intent.port, intent.method, intent.path]);
    if (this.#requests.has(key) || (this.#requests.size < requestLimit && key.length <= lengthLimit))
      this.#requests.set(key, { intent, verdict });
    else this.#forgetful = true;
    this.#allowHost(`${intent.host}:${intent.port}`);
    return decision;
  }

  #allowHost(target: string): void {
    this.#hosts.delete(target);
    this.#hosts.add(target);
    const [oldest] = this.#hosts;
    if (this.#hosts.size > hostLimit && oldest !== undefined) this.#hosts.delete(oldest);
  }

  async #reach(host: string, port: number, signal: AbortSignal): Promise<Duplex> {
    const { stream, address, judged } = await dial(this.#facts, { host, port }, signal, this.#times);
    this.#outside.add(stream);
    if (judged) this.#addresses.set(stream, address);
    stream.on('error', () => stream.destroy()).once('close', () => this.#outside.delete(stream));
    if (!signal.aborted) return stream;
    stream.destroy();
    throw new EgressFailure('cancelled', `The connection to ${host} on port ${port} is no longer wanted.`);
  }
}

function admissionStands(admitted: Admitted, rules: NetworkRules): boolean {
  if (admitted.decision) return stillStands(admitted, admitted.verdict, rules) && !isByRequest(judgeConnection(admitted, rules), rules);
  const verdict = judgeConnection(admitted, rules);
  return verdict.decision !== 'deny' || isByRequest(verdict, rules);
}
