/**
 * The program that loads a way out, the same inside a sandbox and on the host: one kind of work over TLS, to a server on this loopback
 * or through a proxy; it prints one figure. It runs by itself under Node, and must not import what is not mounted beside it.
 *
 *     egress-load.ts --what KIND --host NAME --port PORT [--proxy PORT] --amount N [--mark FILE]
 */
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { connect as connectTls, createSecureContext, type TLSSocket } from 'node:tls';
import { parseArgs } from 'node:util';
import { median } from './measurement.ts';

export interface Load {
  readonly what: 'requests' | 'tunnels' | 'download' | 'latency' | 'first-byte' | 'idle';
  readonly host: string;
  readonly port: number;
  /** port on the loopback of a proxy that is asked with CONNECT; absent: directly, to `port` on the loopback */
  readonly proxy?: number;
  /** milliseconds of requests; tunnels, bytes, requests one by one, streams of events, or connections left open */
  readonly amount: number;
  /** of `idle`: file that says all connections are open; once it is gone, so are they */
  readonly mark?: string;
}

const clients = 16;
const warmUp = 30;

const text = { type: 'string', default: '' } as const;
const { values } = parseArgs({ options: { what: text, host: text, port: text, proxy: text, amount: text, mark: text } });
const { host } = values;
const [port, amount] = [Number(values.port), Number(values.amount)];
const secureContext = createSecureContext();

async function requestsPerSecond(): Promise<number> {
  const all = await Promise.all(Array.from({ length: clients }, opened));
  const began = performance.now();
  let count = 0;
  await Promise.all(
    all.map(async (client) => {
      while (performance.now() - began < amount) {
        await client.ask('/', small());
        count += 1;
      }
    }),
  );
  return (count * 1000) / (performance.now() - began);
}

/** Each with a handshake and one request of its own. */
async function tunnelsPerSecond(): Promise<number> {
  await inLanes(clients, useOnce);
  const began = performance.now();
  await inLanes(amount, useOnce);
  return (amount * 1000) / (performance.now() - began);
}

async function bytesPerSecond(): Promise<number> {
  const client = await opened();
  const began = performance.now();
  await client.ask(`/bytes?count=${amount}`, bytes(amount));
  return (amount * 1000) / (performance.now() - began);
}

async function requestUs(): Promise<number> {
  const client = await opened();
  const all: number[] = [];
  for (let request = 0; request < amount; request += 1) {
    const began = performance.now();
    await client.ask('/', small());
    all.push((performance.now() - began) * 1000);
  }
  return median(all);
}

/** From the moment the server wrote its first event until it is here; a server holds the next one back for a while. */
async function firstByteMs(): Promise<number> {
  const client = await opened();
  const all: number[] = [];
  for (let stream = 0; stream < amount; stream += 1)
    await client.ask(
      '/events',
      events((tookMs) => all.push(tookMs)),
    );
  return median(all);
}

async function idle(): Promise<number> {
  await inLanes(amount, opened);
  writeFileSync(values.mark, '');
  while (existsSync(values.mark)) await delay(20);
  return amount;
}

/** takes what comes; true when that was all of an answer */
type Take = (piece: Buffer) => boolean;

class Client {
  readonly #socket: TLSSocket;
  #settle: { readonly take: Take; readonly done: () => void; readonly failed: (error: Error) => void } | undefined;

  constructor(socket: TLSSocket) {
    this.#socket = socket;
    socket.on('data', (piece: Buffer) => this.#arrived(piece));
    socket
      .on('error', (error: Error) => this.#settle?.failed(error))
      .on('close', () => this.#settle?.failed(new Error('the connection ended')));
  }

  ask(path: string, take: Take): Promise<void> {
    return new Promise((done, failed) => {
      this.#settle = { take, done, failed };
      this.#socket.write(`GET ${path} HTTP/1.1\r\nHost: ${port === 443 ? host : `${host}:${port}`}\r\n\r\n`);
    });
  }

  end(): void {
    this.#settle = undefined;
    this.#socket.end();
  }

  #arrived(piece: Buffer): void {
    const waiting = this.#settle;
    try {
      if (waiting?.take(piece) !== true) return;
      this.#settle = undefined;
      waiting.done();
    } catch (error) {
      waiting?.failed(error instanceof Error ? error : new Error(String(error)));
    }
  }
}

function small(): Take {
  let answer = '';
  return (piece) => {
    answer += piece.toString('latin1');
    return checked(answer).endsWith('twelve bytes');
  };
}

function bytes(count: number): Take {
  let head = '';
  let got = -1;
  return (piece) => {
    if (got < 0) {
      head = checked(head + piece.toString('latin1'));
      const at = head.indexOf('\r\n\r\n');
      if (at < 0) return false;
      got = head.length - at - 4;
    } else got += piece.length;
    return got >= count;
  };
}

function events(first: (tookMs: number) => unknown): Take {
  let answer = '';
  let told = false;
  return (piece) => {
    answer = checked(answer + piece.toString('latin1'));
    const written = /data: (\d+)\n/.exec(answer)?.[1];
    if (written !== undefined && !told) {
      told = true;
      // The clock of the whole machine: the server has the same.
      first(Number(process.hrtime.bigint() - BigInt(written)) / 1e6);
    }
    return answer.endsWith('0\r\n\r\n');
  };
}

function checked(answer: string): string {
  if (answer.length >= 12 && !answer.startsWith('HTTP/1.1 200')) throw new Error(`refused: ${answer.slice(0, 300)}`);
  return answer;
}

/** A connection that has been used for a while already, but where connections themselves are measured. */
async function opened(): Promise<Client> {
  const client = await reach();
  for (let request = 0; request < (values.what === 'idle' ? 1 : warmUp); request += 1) await client.ask('/', small());
  return client;
}

async function useOnce(): Promise<void> {
  const client = await reach();
  await client.ask('/', small());
  client.end();
}

async function reach(): Promise<Client> {
  const socket = connect({ host: '127.0.0.1', port: values.proxy === '' ? port : Number(values.proxy), noDelay: true });
  await once(socket, 'connect');
  if (values.proxy !== '') await tunnel(socket);
  const secured = connectTls({ socket, servername: host, secureContext });
  await once(secured, 'secureConnect');
  return new Client(secured);
}

async function tunnel(socket: Socket): Promise<void> {
  socket.write(`CONNECT ${host}:${port} HTTP/1.1\r\nHost: ${host}:${port}\r\n\r\n`);
  const said: readonly unknown[] = await once(socket, 'data');
  if (!/^HTTP\/1\.[01] 200/.test(String(said[0]))) throw new Error(`no tunnel: ${String(said[0])}`);
}

async function inLanes(count: number, work: () => Promise<unknown>): Promise<void> {
  let left = count;
  const lane = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await work();
    }
  };
  await Promise.all(Array.from({ length: clients }, lane));
}

const kinds: ReadonlyMap<string, () => Promise<number>> = new Map([
  ['requests', requestsPerSecond],
  ['tunnels', tunnelsPerSecond],
  ['download', bytesPerSecond],
  ['latency', requestUs],
  ['first-byte', firstByteMs],
  ['idle', idle],
]);
const measure = kinds.get(values.what);
if (measure === undefined) throw new Error(`there is no kind of work called “${values.what}”`);
console.log(JSON.stringify({ value: await measure() }));
// What is still open is nobody's any more.
process.exit();
