/**
 * What carries connections out needs of the rest: somebody who decides, somewhere to write down, names resolved, secrets by
 * name. Core passes all of it in; nothing here decides by itself whether a host may be reached.
 */
import type { Duplex } from 'node:stream';
import type { ConnectionIntent } from '../policy/network/judge.ts';
import type { NetworkRules } from '../policy/network/rules.ts';
import type { RecordValue } from '../protocol/record.ts';
import type { Verdict } from '../protocol/verdict.ts';

/** who asks, as seen inside; hostile text */
export interface Asker {
  readonly pid: number;
  readonly executable: string;
  readonly argv: readonly string[];
}

/** what somebody inside wants, as far as it is known: a name, a connection, or one request of it */
export interface EgressIntent extends ConnectionIntent {
  readonly what: 'name' | 'connection' | 'request';
  readonly asker: Asker | null;
  /** of a request: number of the record of its connection's decision, so that a yes to the one counts for the other */
  readonly of?: number;
}

export interface EgressDecision {
  readonly allow: boolean;
  readonly verdict: Verdict;
  /** FILE:LINE of the rule, where a file wrote it */
  readonly origin?: string;
  /** for a no: one line for whoever asked, "LASSO: …" */
  readonly message: string;
  /** number of its record, so that the end of what was allowed can be tied to it; absent when it was not recorded (a name that is allowed) */
  readonly record?: number;
}

/** an address a name resolved to */
export interface ResolvedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/** the machine's own network; tests put their own in its place */
export interface Network {
  /** Every address of a name. @param servers name servers to ask; none: the host's own way @throws when there is none */
  resolve(host: string, servers: readonly string[], signal: AbortSignal): Promise<readonly ResolvedAddress[]>;
  /** A TCP connection to a checked address; rejects when it does not come to be. */
  connect(to: { readonly address: string; readonly port: number }, signal: AbortSignal): Promise<Duplex>;
}

/** a secret and where it may go; its value never leaves this process but to those hosts */
export interface BoundSecret {
  readonly name: string;
  /** what stands for it inside */
  readonly placeholder: string;
  /** host patterns it may be sent to, groups spelled out, with the ports where they are not the allowed ones */
  readonly hosts: readonly { readonly host: string; readonly ports?: readonly number[] }[];
  /** header it may stand in, lower case */
  readonly header: string;
  /** The value as it is now. @throws LassoError SECRET_UNAVAILABLE */
  value(): Promise<string>;
}

/** what happened to something allowed, or was caught on the way; goes into the record */
export interface EgressEvent {
  readonly type: 'network' | 'violation' | 'secret';
  /** `closed`, `unreachable`, `address-refused`, `name-mismatch`, `malformed-request`, `placeholder-refused`, `substituted`, `redacted`, `flood` */
  readonly action: string;
  readonly outcome: 'success' | 'error' | 'blocked';
  /** host:port */
  readonly target: string;
  readonly detail: { readonly [key: string]: RecordValue };
  /** number of the record of the decision it belongs to */
  readonly of?: number;
  readonly asker?: Asker | null;
}

export interface EgressFacts {
  /** the rules as they are now */
  readonly rules: () => NetworkRules;
  readonly nameServers: () => readonly string[];
  readonly secrets: () => readonly BoundSecret[];
  /** Judges, asks a person where policy says so, and writes the record before it settles. Never rejects: what fails is a no. */
  readonly decide: (intent: EgressIntent, signal: AbortSignal) => Promise<EgressDecision>;
  readonly report: (event: EgressEvent) => void;
  readonly network: Network;
  /** the user's own proxy for what leaves, `http://host:port`; undefined: direct */
  readonly upstreamProxy?: UpstreamProxy;
  /** PEM certificates the host trusts besides the usual ones */
  readonly extraAuthorities: readonly string[];
}

/** the user's own forward proxy (RFC 9110, 9.3.6) */
export interface UpstreamProxy {
  readonly host: string;
  readonly port: number;
  /** value of Proxy-Authorization */
  readonly authorization?: string;
  /** host patterns reached without it, as in NO_PROXY */
  readonly except: readonly string[];
}

/** one allowed connection whose requests are looked at, or that is tunnelled */
export interface Passage {
  readonly host: string;
  readonly port: number;
  readonly asker: Asker | null;
  readonly facts: EgressFacts;
  /** Opens a checked connection to a host: resolves, judges every address, connects to one that was checked. @throws EgressFailure */
  readonly dial: (host: string, port: number, signal: AbortSignal) => Promise<Duplex>;
  readonly signal: AbortSignal;
  readonly record?: number;
}

/** why nothing came of an allowed connection; `message` is one plain sentence for whoever asked */
export class EgressFailure extends Error {
  readonly reason: 'unresolved' | 'address-refused' | 'unreachable' | 'timeout' | 'tls' | 'malformed' | 'cancelled';
  constructor(reason: EgressFailure['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}
