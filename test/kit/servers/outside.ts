/**
 * Everything sandboxes of a test find outside: made-up names that lead to servers on this machine's loopback, names that lead where
 * nobody may go, and a trap in each place that must never be reached.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { openAuthority } from '../../../helper/egress/certificates.ts';
import { networkVariable, outsideAddress, type Told } from '../network.ts';
import { listening } from '../sockets.ts';
import { makeRaw, type Raw } from './raw.ts';
import { makeWeb, type SeenAtServer, type Site } from './web.ts';

/** an address of a private network, and others behind which there are traps */
export const privateAddress = '10.1.2.3';
const closedAddresses = [privateAddress, '169.254.169.254', '127.0.0.1', '::1', '::ffff:10.1.2.3', '192.0.2.1', '0.0.0.0'];
export const rawPort = 7007;

export interface OutsideOptions {
  /** names besides those of `sites`; what they lead to where that is not the servers, once or in turn */
  readonly names: Readonly<Record<string, Told['names'][string] | undefined>>;
  readonly sites?: Readonly<Record<string, Site>>;
  /** port on loopback of an SSH server */
  readonly ssh?: number;
}

export interface Outside {
  /** environment that leads a helper to it, and by which it trusts its servers */
  readonly environment: Readonly<Record<string, string>>;
  readonly seen: readonly SeenAtServer[];
  /** what web servers heard before they read anything into it */
  readonly heard: readonly string[];
  readonly raw: Raw;
  /** what traps that were reached heard first */
  readonly trapped: readonly string[];
  /** port on this machine’s loopback where the traps are */
  readonly trapPort: number;
  /** names that were looked for, and addresses with ports that were tried, in order */
  questions(): { readonly names: readonly string[]; readonly addresses: readonly string[] };
  close(): Promise<void>;
}

/** @param folder an empty one for its files */
export async function openOutside(folder: string, { names, sites = {}, ssh }: OutsideOptions): Promise<Outside> {
  const authority = await openAuthority();
  const web = makeWeb(authority, sites);
  const raw = makeRaw();
  const trapped: string[] = [];
  const trap = createServer((socket) => {
    const at = trapped.push('') - 1;
    socket.once('data', (bytes: Buffer) => (trapped[at] = bytes.toString('latin1')));
    socket.on('error', () => undefined).end('HTTP/1.1 200 OK\r\nContent-Length: 7\r\nConnection: close\r\n\r\ntrapped');
  });
  const servers: readonly Server[] = [web.plain, web.secure, raw.server, trap];
  const sockets = new Set<Socket>();
  for (const server of servers)
    server.on('connection', (socket: Socket) => void sockets.add(socket.once('close', () => sockets.delete(socket))));
  const [plain = 0, secure = 0, rawAt = 0, trapAt = 0] = await Promise.all(servers.map(listening));
  const ports = { 80: plain, 443: secure, 8443: secure, 22: ssh ?? trapAt, [rawPort]: rawAt };
  const trapPorts = [22, 53, 80, 443, 853, 2375, 3128, 6379, 8080, 8443];
  const [file, certificate, questions] = ['network.json', 'authority.pem', 'questions'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const told: Told = {
    names: { ...leadingHere(Object.keys(sites)), ...leadingHere(Object.keys(names)), ...defined(names) },
    servers: Object.fromEntries([
      ...Object.entries(ports).map(([port, server]) => [`${outsideAddress}:${port}`, server] as const),
      ...closedAddresses.flatMap((address) => trapPorts.map((port) => [`${address}:${port}`, trapAt] as const)),
    ]),
    questions,
  };
  writeFileSync(file, JSON.stringify(told));
  writeFileSync(questions, '');
  writeFileSync(certificate, authority.certificatePem);
  return {
    environment: { [networkVariable]: file, NODE_EXTRA_CA_CERTS: certificate },
    seen: web.seen,
    heard: web.heard,
    raw,
    trapped,
    trapPort: trapAt,
    questions: () => {
      const lines = readFileSync(questions, 'utf8').split('\n');
      const of = (kind: string): readonly string[] =>
        lines.flatMap((line) => (line.startsWith(`${kind} `) ? [line.slice(kind.length + 1)] : []));
      return { names: of('name'), addresses: of('address') };
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

const leadingHere = (names: readonly string[]): Told['names'] => Object.fromEntries(names.map((name) => [name, [outsideAddress]]));

const defined = (names: OutsideOptions['names']): Told['names'] =>
  Object.fromEntries(Object.entries(names).flatMap(([name, answers]) => (answers === undefined ? [] : [[name, answers]])));
