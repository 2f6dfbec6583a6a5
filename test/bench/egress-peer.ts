/** The two ends of a measured connection, each in a thread of its own: a TLS server, and clients that reach it directly or through a proxy. */
import { once } from 'node:events';
import { Agent, createServer, request } from 'node:https';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { parentPort, workerData } from 'node:worker_threads';
import { openAuthority } from '../../helper/egress/certificates.ts';

export const benchHost = 'bench.example';
export const bulkBytes = 200_000_000;
const clients = 16;

export interface ClientTask {
  readonly what: 'requests' | 'tunnels' | 'bulk';
  readonly serverPort: number;
  readonly certificatePem: string;
  /** absent: directly */
  readonly proxyPort?: number;
  readonly forMs: number;
}

/** Serves 12 bytes, or `bulkBytes` of them at /bulk. @returns to its parent where it listens and who vouches for it */
async function serve(): Promise<void> {
  const authority = await openAuthority();
  const block = Buffer.alloc(65_536);
  const server = createServer({ SNICallback: (name, done) => done(null, authority.contextFor(name)) }, (asked, answer) => {
    if (asked.url !== '/bulk') return void answer.end('twelve bytes');
    answer.writeHead(200, { 'content-length': bulkBytes });
    let left = bulkBytes;
    const more = (): void => {
      while (left > 0) {
        const part = block.subarray(0, Math.min(left, block.length));
        left -= part.length;
        if (!answer.write(part)) return void answer.once('drain', more);
      }
      answer.end();
    };
    more();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  parentPort?.postMessage({ port: typeof address === 'object' ? address?.port : undefined, certificatePem: authority.certificatePem });
}

async function reach({ serverPort, proxyPort, certificatePem }: ClientTask): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port: proxyPort ?? serverPort, noDelay: true });
  await once(socket, 'connect');
  if (proxyPort !== undefined) {
    socket.write(`CONNECT ${benchHost}:${serverPort} HTTP/1.1\r\nHost: ${benchHost}:${serverPort}\r\n\r\n`);
    const said: readonly unknown[] = await once(socket, 'data');
    if (!/^HTTP\/1\.[01] 200/.test(String(said[0]))) throw new Error(`no tunnel: ${String(said[0])}`);
  }
  const secured = connectTls({ socket, servername: benchHost, ca: certificatePem });
  await once(secured, 'secureConnect');
  return secured;
}

/** Does one task over and over for its time. @returns how many a second, or bytes a second */
async function measure(task: ClientTask): Promise<number> {
  const began = performance.now();
  const over = (): boolean => performance.now() - began > task.forMs;
  const agentOf = (keepAlive: boolean): Agent => {
    const agent = new Agent({ keepAlive, maxSockets: 1 });
    agent.createConnection = (_options, done) => {
      reach(task).then(
        (socket) => done?.(null, socket),
        (error: unknown) => done?.(error instanceof Error ? error : new Error('no connection'), connect(0)),
      );
      return undefined;
    };
    return agent;
  };
  let count = 0;
  const client = async (): Promise<void> => {
    const kept = agentOf(true);
    while (!over()) {
      const agent = task.what === 'tunnels' ? agentOf(false) : kept;
      const got = await get(agent, task.what === 'bulk' ? '/bulk' : '/');
      count += task.what === 'bulk' ? got : 1;
    }
    kept.destroy();
  };
  await Promise.all(Array.from({ length: task.what === 'bulk' ? 1 : clients }, client));
  return (count * 1000) / (performance.now() - began);
}

function get(agent: Agent, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request({ agent, path, host: benchHost, headers: { host: benchHost } }, (answer) => {
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => (bytes += chunk.length)).on('error', reject);
      answer.on('end', () => resolve(bytes));
    });
    asked.on('error', reject).end();
  });
}

if (workerData === 'serve') void serve();
if (workerData === 'measure')
  parentPort?.on('message', (task: ClientTask) => void measure(task).then((value) => parentPort?.postMessage({ value })));
