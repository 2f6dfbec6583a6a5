/** The machine's own network: names as the host resolves them, or as given name servers do, and TCP connections. It judges nothing. */
import { Resolver, lookup } from 'node:dns/promises';
import { connect, isIPv4 } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Network, ResolvedAddress } from './contract.ts';

/** how long one name server is waited for, and how often it is asked */
const askMs = 2500;
const asks = 2;
const keepAliveMs = 60_000;

export const systemNetwork: Network = {
  resolve: async (host, servers, signal) => {
    signal.throwIfAborted();
    const addresses = await (servers.length === 0 ? abandoned(hostsOwnWay(host), signal) : asked(host, servers, signal));
    if (addresses.length === 0) throw new Error(`${host} has no address`);
    return addresses;
  },
  connect: ({ address, port }, signal) =>
    new Promise<Duplex>((resolve, reject) => {
      if (signal.aborted) return reject(reasonOf(signal));
      const socket = connect({
        host: address,
        port,
        allowHalfOpen: true,
        noDelay: true,
        keepAlive: true,
        keepAliveInitialDelay: keepAliveMs,
        autoSelectFamily: false,
        // An address never has to be looked up; a text that is none fails here.
        lookup: (_name, _options, done) => done(new Error('this is no address'), ''),
      });
      const settle = (): void => {
        signal.removeEventListener('abort', stop);
        socket.off('connect', connected).off('error', failed);
      };
      const stop = (): void => {
        settle();
        socket.on('error', () => undefined).destroy();
        reject(reasonOf(signal));
      };
      const failed = (error: Error): void => {
        settle();
        socket.on('error', () => undefined).destroy();
        reject(error);
      };
      const connected = (): void => {
        settle();
        resolve(socket);
      };
      signal.addEventListener('abort', stop);
      socket.once('connect', connected).once('error', failed);
    }),
};

async function hostsOwnWay(host: string): Promise<readonly ResolvedAddress[]> {
  const found = await lookup(host, { all: true, order: 'verbatim' });
  return found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }));
}

async function asked(host: string, servers: readonly string[], signal: AbortSignal): Promise<readonly ResolvedAddress[]> {
  const resolver = new Resolver({ timeout: askMs, tries: asks });
  resolver.setServers(servers);
  const stop = (): void => resolver.cancel();
  signal.addEventListener('abort', stop);
  try {
    const answers = await Promise.allSettled([resolver.resolve6(host), resolver.resolve4(host)]);
    signal.throwIfAborted();
    const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    // A family that has none is no failure while the other has some.
    const failure = answers.find((answer) => answer.status === 'rejected');
    if (found.length === 0 && failure) throw failure.reason;
    return found.map((address) => ({ address, family: isIPv4(address) ? 4 : 6 }));
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** The host's resolver cannot be interrupted; its answer is let go of. */
function abandoned<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(reasonOf(signal));
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

const reasonOf = (signal: AbortSignal): Error => (signal.reason instanceof Error ? signal.reason : new Error('cancelled'));
