/**
 * The only way to a host outside: its addresses are found and every one of them is judged each time anew, and what is connected to
 * is an address that was judged. One refused address refuses them all, since whoever answers for the name chose it.
 */
import type { Duplex } from 'node:stream';
import { addressText, parseAddress } from '../policy/network/address-numbers.ts';
import { judgeAddress } from '../policy/network/addresses.ts';
import { connectFirst, type Connected } from './connect-first.ts';
import { EgressFailure, type EgressFacts, type ResolvedAddress } from './contract.ts';
import { reset } from './tunnel.ts';
import { isExcepted, throughProxy } from './upstream-proxy.ts';

export interface DialTimes {
  /** for all of it: names, connecting, the user's proxy */
  readonly timeoutMs: number;
  /** how long an address is tried before the next is tried too (RFC 8305, 8) */
  readonly headStartMs: number;
  /** how long a name is looked for here where the user's proxy looks it up again */
  readonly lookBeforeProxyMs: number;
}

export const dialTimes: DialTimes = { timeoutMs: 10_000, headStartMs: 250, lookBeforeProxyMs: 2000 };

export interface Dialled extends Connected {
  /** what `address` is: one that was judged, or the name where only the user's proxy knows its address */
  readonly judged: boolean;
}

/**
 * Connects to a canonical host whose name was allowed before.
 * @param refused told of an address that is closed, before this throws
 * @throws EgressFailure
 */
export async function dial(
  facts: Pick<EgressFacts, 'rules' | 'nameServers' | 'network' | 'upstreamProxy'>,
  to: { readonly host: string; readonly port: number },
  signal: AbortSignal,
  times: DialTimes = dialTimes,
): Promise<Dialled> {
  const late = AbortSignal.timeout(times.timeoutMs);
  const over = AbortSignal.any([signal, late]);
  const { upstreamProxy: proxy } = facts;
  const target = `${to.host} on port ${to.port}`;
  try {
    if (proxy && !isExcepted(to.host, to.port, proxy.except)) return await byProxy(facts, proxy, to, over, times);
    const addresses = await judged(facts, to.host, over);
    return { ...(await reach(facts, addresses, to.port, over, times)), judged: true };
  } catch (error) {
    if (error instanceof EgressFailure && error.reason === 'address-refused') throw error;
    if (signal.aborted) throw new EgressFailure('cancelled', `The connection to ${target} is no longer wanted.`);
    if (late.aborted) throw new EgressFailure('timeout', `${target} did not answer within ${times.timeoutMs / 1000} seconds.`);
    if (error instanceof EgressFailure) throw error;
    throw new EgressFailure('unreachable', `${target} could not be reached: ${plainly(error)}.`);
  }
}

/** Every address of a host, all of them judged. */
async function judged(
  facts: Pick<EgressFacts, 'rules' | 'nameServers' | 'network'>,
  host: string,
  signal: AbortSignal,
): Promise<readonly ResolvedAddress[]> {
  const own = parseAddress(host);
  const found: readonly ResolvedAddress[] = own ? [asAddress(host)] : await resolved(facts, host, signal);
  const rules = facts.rules();
  for (const { address } of found) {
    const verdict = judgeAddress(address, rules);
    if (verdict.decision !== 'allow') throw new AddressRefused(host, address, verdict.reason, verdict.rule);
  }
  // Connecting takes the text of what was judged, in which nobody can read anything else.
  return found.map(({ address }) => asAddress(address));
}

async function resolved(
  facts: Pick<EgressFacts, 'nameServers' | 'network'>,
  host: string,
  signal: AbortSignal,
): Promise<readonly ResolvedAddress[]> {
  const found = await facts.network.resolve(host, facts.nameServers(), signal).catch((error: unknown) => {
    throw new EgressFailure('unresolved', `${host} has no address: ${plainly(error)}.`);
  });
  if (found.length === 0) throw new EgressFailure('unresolved', `${host} has no address.`);
  return found;
}

/** An address of the name that nobody may connect to. */
export class AddressRefused extends EgressFailure {
  readonly address: string;
  readonly rule: string | undefined;

  constructor(host: string, address: string, reason: string, rule: string | undefined) {
    super('address-refused', `${host} leads to an address that is closed. ${reason}`);
    this.address = address;
    this.rule = rule;
  }
}

function reach(
  { network }: Pick<EgressFacts, 'network'>,
  addresses: readonly ResolvedAddress[],
  port: number,
  signal: AbortSignal,
  { headStartMs }: DialTimes,
): Promise<Connected> {
  return connectFirst(addresses, (address, attempt) => network.connect({ address, port }, attempt), headStartMs, signal);
}

/**
 * Where names are looked up by the user's proxy, addresses are judged when this machine knows them too; one it does not know is
 * left to the proxy.
 */
async function byProxy(
  facts: Pick<EgressFacts, 'rules' | 'nameServers' | 'network'>,
  proxy: NonNullable<EgressFacts['upstreamProxy']>,
  to: { readonly host: string; readonly port: number },
  signal: AbortSignal,
  times: DialTimes,
): Promise<Dialled> {
  const brief = AbortSignal.any([signal, AbortSignal.timeout(times.lookBeforeProxyMs)]);
  const known = await judged(facts, to.host, brief).catch((error: unknown) => {
    if (error instanceof AddressRefused || signal.aborted) throw error;
    return [];
  });
  const own = parseAddress(proxy.host) ? [asAddress(proxy.host)] : await resolved(facts, proxy.host, signal);
  const { stream } = await reach(facts, own, proxy.port, signal, times);
  const through: Duplex = await throughProxy(stream, proxy, to, signal).catch((error: unknown) => {
    reset(stream);
    throw error;
  });
  return { stream: through, address: known[0]?.address ?? to.host, judged: known.length > 0 };
}

/** @param text an address that can be read */
function asAddress(text: string): ResolvedAddress {
  const address = parseAddress(text);
  return { address: address ? addressText(address) : text, family: address?.bits === 128 ? 6 : 4 };
}

/** codes of the system, in words */
const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'it refused the connection',
  ECONNRESET: 'it reset the connection',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to its network',
  ENOTFOUND: 'there is no such name',
  ENODATA: 'there is no such name',
  EAI_AGAIN: 'no name server answers',
  ETIMEOUT: 'no name server answers',
  ETIMEDOUT: 'it does not answer',
};

function plainly(error: unknown): string {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  return (
    (Object.hasOwn(words, code) ? words[code] : undefined) ?? (code === '' ? 'the network does not say why' : `the network says ${code}`)
  );
}
