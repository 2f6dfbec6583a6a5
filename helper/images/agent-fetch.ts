/**
 * Fetches an archive from npm's registry, or from what stands for it. Connections are made and secured by whoever calls, so that the
 * user's proxy and authorities hold here too. What a registry says is hostile until its digest was compared.
 */
import { request, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { AgentPackage } from './agent-catalog.ts';

export interface Registry {
  /** `https://registry.example/path/`, without credentials */
  readonly address: string;
  /** value of its Authorization header; told to that host alone */
  readonly authorization?: string;
}

/** A connection to where an address points, secured where it says so. @throws Error with a plain sentence */
export type Connect = (url: URL, signal: AbortSignal) => Promise<Duplex>;

export interface Fetched {
  readonly body: IncomingMessage;
  /** as it was told; undefined where it was not */
  readonly lengthBytes: number | undefined;
}

const redirectLimit = 5;
/** longest silence on a connection */
const silentMs = 60_000;

/** Where a registry keeps the archive of a package, as every npm client asks for it. */
export function archiveAddress({ address }: Registry, { name, version }: Pick<AgentPackage, 'name' | 'version'>): URL {
  const base = address.endsWith('/') ? address : `${address}/`;
  return new URL(`${name}/-/${name.split('/').at(-1) ?? name}-${version}.tgz`, base);
}

/** @throws Error with a plain sentence, without a full stop */
export async function fetchArchive(registry: Registry, wanted: AgentPackage, connect: Connect, signal: AbortSignal): Promise<Fetched> {
  const first = archiveAddress(registry, wanted);
  let url = first;
  for (let hops = 0; hops <= redirectLimit; hops += 1) {
    const own = url.host === first.host && registry.authorization !== undefined;
    const answer = await ask(url, own ? { authorization: registry.authorization ?? '' } : {}, connect, signal);
    const { statusCode = 0, headers } = answer;
    if (statusCode === 200) {
      const length = /^\d{1,15}$/.test(headers['content-length'] ?? '') ? Number(headers['content-length']) : undefined;
      return { body: answer, lengthBytes: length };
    }
    answer.destroy();
    const next = [301, 302, 303, 307, 308].includes(statusCode) ? URL.parse(headers.location ?? '', url.href) : null;
    if (next === null) throw new Error(`${url.host} answered ${statusCode}${meaning(statusCode)}`);
    if (!/^https?:$/.test(next.protocol) || (url.protocol === 'https:' && next.protocol !== 'https:'))
      throw new Error(`${url.host} leads to an address that is not secured`);
    url = next;
  }
  throw new Error(`${first.host} leads in circles`);
}

const meaning = (status: number): string =>
  status === 401 || status === 403 ? ', which wants a login' : status === 404 ? ', so it does not have it' : '';

async function ask(url: URL, headers: Readonly<Record<string, string>>, connect: Connect, signal: AbortSignal): Promise<IncomingMessage> {
  const stream = await connect(url, signal);
  return new Promise((resolve, reject) => {
    const asked = request({
      // The connection is there already: what kind it is is no matter of the request's any more.
      protocol: 'http:',
      createConnection: () => stream,
      host: url.hostname,
      path: `${url.pathname}${url.search}`,
      headers: { ...headers, host: url.host, connection: 'close', accept: '*/*', 'user-agent': 'lasso' },
      signal,
    });
    asked.setTimeout(silentMs, () => asked.destroy(new Error(`${url.host} fell silent`)));
    asked.once('response', resolve);
    asked.once('error', (error: Error) => {
      stream.destroy();
      reject(error);
    });
    asked.once('upgrade', (_answer, upgraded) => {
      upgraded.destroy();
      reject(new Error(`${url.host} answered with something else than HTTP`));
    });
    asked.end();
  });
}
