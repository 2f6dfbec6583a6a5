/**
 * A network of a test's own: made-up names with made-up addresses, which lead to servers on this machine's loopback. The helper
 * under test reads from a file what there is; nothing of it reaches any other network.
 */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer as createPlain, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecure } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import type { Network } from '../../helper/egress/contract.ts';
import { openAuthority } from '../../helper/egress/certificates.ts';
import { systemNetwork } from '../../helper/egress/system-network.ts';

/** what a test’s LASSO is started with */
export const networkProgram = join(import.meta.dirname, 'network-program.ts');

/** variable of a helper under test that names its file */
export const networkVariable = 'LASSO_TEST_NETWORK';

const told = z.object({
  /** name → addresses, or what it leads to each time it is asked for, the last of which stays */
  names: z.record(z.string(), z.array(z.string()).or(z.array(z.array(z.string())).min(1))),
  /** `address:port` → port on loopback */
  servers: z.record(z.string(), z.number()),
  /** file that gets a line for each question: `name HOST`, `address ADDRESS:PORT` */
  questions: z.string().optional(),
});
export type Told = z.infer<typeof told>;

/** The network a file tells of, read each time. */
export function networkOfFile(file: string): Network {
  const asked = new Map<string, number>();
  const read = (question: string): Told => {
    const network = told.parse(JSON.parse(readFileSync(file, 'utf8')));
    if (network.questions !== undefined) appendFileSync(network.questions, `${question}\n`);
    return network;
  };
  return {
    resolve: async (host) => {
      const answers = read(`name ${host}`).names[host];
      if (answers === undefined) throw new Error(`${host} has no address`);
      const turn = asked.get(host) ?? 0;
      asked.set(host, turn + 1);
      const addresses = answers.flatMap((answer, at) =>
        typeof answer === 'string' ? [answer] : at === Math.min(turn, answers.length - 1) ? answer : [],
      );
      return addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    },
    connect: async ({ address, port }, signal) => {
      const server = read(`address ${address}:${port}`).servers[`${address}:${port}`];
      if (server === undefined) throw new Error(`nobody answers at ${address}:${port}`);
      return systemNetwork.connect({ address: '127.0.0.1', port: server }, signal);
    },
  };
}

/** a request as a server outside saw it */
export interface SeenRequest {
  readonly host: string;
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
}

export interface MadeUpNetwork {
  /** environment that leads a helper to it, and by which it trusts its servers */
  readonly environment: Readonly<Record<string, string>>;
  readonly seen: readonly SeenRequest[];
  close(): Promise<void>;
}

/** the one address behind every name */
export const outsideAddress = '203.0.113.10';

/**
 * Servers on ports 80, 443 and 8443 of every name; each tells in JSON what it was asked, headers included.
 * @param folder where the files go
 */
export async function openNetwork(folder: string, names: readonly string[]): Promise<MadeUpNetwork> {
  const authority = await openAuthority();
  const seen: SeenRequest[] = [];
  const answer = ({ method = '', url = '', headers }: IncomingMessage, response: ServerResponse): void => {
    const request = { host: headers.host ?? '', method, url, headers };
    seen.push(request);
    response.setHeader('content-type', 'application/json').end(`${JSON.stringify(request)}\n`);
  };
  const SNICallback: NonNullable<Parameters<typeof createSecure>[0]['SNICallback']> = (name, done) =>
    done(null, authority.contextFor(name));
  const servers: readonly Server[] = [createPlain(answer), createSecure({ SNICallback }, answer)];
  const [plain, secure] = await Promise.all(servers.map(listening));
  const network: Told = {
    names: Object.fromEntries(names.map((name) => [name, [outsideAddress]])),
    servers: { [`${outsideAddress}:80`]: plain ?? 0, [`${outsideAddress}:443`]: secure ?? 0, [`${outsideAddress}:8443`]: secure ?? 0 },
  };
  const [file, certificate] = [join(folder, 'network.json'), join(folder, 'authority.pem')];
  writeFileSync(file, JSON.stringify(network));
  writeFileSync(certificate, authority.certificatePem);
  return {
    environment: { [networkVariable]: file, NODE_EXTRA_CA_CERTS: certificate },
    seen,
    close: async () => {
      for (const server of servers) server.closeAllConnections();
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
