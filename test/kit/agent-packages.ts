/** Packages as npm's registry has them, made up here, and a registry on this machine's loopback that serves them. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import type { AgentPackage } from '../../helper/images/agent-catalog.ts';
import type { Connect } from '../../helper/images/agent-fetch.ts';

export interface ArchiveEntry {
  readonly name: string;
  readonly text?: string;
  readonly mode?: number;
  readonly type?: 'file' | 'directory' | 'symlink' | 'link' | 'fifo' | 'character-device';
  readonly linkname?: string;
}

export interface MadePackage {
  readonly bytes: Buffer;
  readonly integrity: string;
}

/** An archive with exactly these entries, whatever they are. */
export async function packageOf(entries: readonly ArchiveEntry[]): Promise<MadePackage> {
  const archive = pack();
  for (const { name, text = '', mode = 0o644, type = 'file', linkname } of entries) {
    if (type === 'file') archive.entry({ name, mode }, text);
    else archive.entry({ name, mode, type, ...(linkname === undefined ? {} : { linkname }) });
  }
  archive.finalize();
  return madeOf(gzipSync(await buffer(archive)));
}

export const madeOf = (bytes: Buffer): MadePackage => ({
  bytes,
  integrity: `sha512-${createHash('sha512').update(bytes).digest('base64')}`,
});

export interface TestRegistry {
  readonly address: string;
  /** paths that were asked for */
  readonly asked: string[];
  readonly headers: IncomingMessage['headers'][];
  close(): Promise<void>;
}

type Answer = Buffer | ((response: ServerResponse) => void);

/** @param answers by path below the address; anything else is not there */
export async function serveRegistry(answers: Readonly<Record<string, Answer>>): Promise<TestRegistry> {
  const asked: string[] = [];
  const headers: IncomingMessage['headers'][] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    headers.push(request.headers);
    const answer = answers[request.url ?? ''];
    if (answer === undefined) response.writeHead(404).end();
    else if (typeof answer === 'function') answer(response);
    else response.writeHead(200, { 'content-length': answer.length }).end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}/`,
    asked,
    headers,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Plain connections to this machine. */
export const connectHere: Connect = (url) =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: url.hostname, port: Number(url.port) }, () => resolve(socket));
    socket.once('error', reject);
  });

/** An entry of a catalogue for a package; everything in it is kept unless told otherwise. */
export const packageNamed = (name: string, version: string, integrity: string, more: Partial<AgentPackage> = {}): AgentPackage => ({
  ...{ name, version, integrity, keep: ['bin', 'tool'], into: 'package' },
  ...more,
});
