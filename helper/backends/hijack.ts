/**
 * Two calls of the engine made by hand. "attach": the library sends its options as a body, which Podman hands to the container
 * as its first input. "wait": the library never answers when the engine dies after it has sent the headers.
 */
import http from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import type { Connection } from './connection.ts';
import type { Endpoint } from './endpoints.ts';

/** Attaches to stdio; `stdin` false: only listens. */
export async function attachStream(connection: Connection, container: string, stdin: boolean): Promise<NodeJS.ReadWriteStream> {
  const { endpoint, docker } = connection;
  const query = `stream=1&stdout=1&stderr=1${stdin ? '&stdin=1' : ''}`;
  const path = `/containers/${encodeURIComponent(container)}/attach?${query}`;
  if (endpoint.kind === 'ssh')
    return docker.getContainer(container).attach({ stream: true, hijack: true, stdin, stdout: true, stderr: true });
  return upgraded(ask(endpoint, { path, headers: { Connection: 'Upgrade', Upgrade: 'tcp', 'Content-Length': '0' } }));
}

/** Settles when the container ends, the engine goes, or `signal` fires: in each case there is something to look at. */
export async function somethingHappened(connection: Connection, container: string, signal: AbortSignal): Promise<void> {
  const { endpoint, docker } = connection;
  if (endpoint.kind === 'ssh') {
    await docker
      .getContainer(container)
      .wait({ abortSignal: signal })
      .catch(() => undefined);
    return;
  }
  const asked = ask(endpoint, { path: `/containers/${encodeURIComponent(container)}/wait`, headers: { 'Content-Length': '0' }, signal });
  await new Promise<void>((resolve) => {
    asked.once('response', (response) => {
      response.resume();
      response.once('error', () => resolve()).once('close', resolve);
    });
    asked.once('error', () => resolve()).once('close', resolve);
    asked.end();
  });
}

type Asked = Pick<http.RequestOptions, 'path' | 'headers' | 'signal'>;

function ask(endpoint: Exclude<Endpoint, { readonly kind: 'ssh' }>, what: Asked): http.ClientRequest {
  // A connection of its own: a kept one may have been closed by the engine, and these calls last.
  const asked = { ...what, method: 'POST', agent: false } as const;
  if (endpoint.kind === 'socket') return http.request({ ...asked, socketPath: endpoint.path });
  const address = { ...asked, host: endpoint.host, port: endpoint.port };
  return endpoint.tls === null ? http.request(address) : https.request({ ...address, ...endpoint.tls });
}

function upgraded(asked: http.ClientRequest): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    asked.once('upgrade', (_response, socket, head) => {
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    asked.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text = (text + part).slice(0, 4096);
      });
      response.once('end', () => reject(refusal(response.statusCode ?? 500, text)));
    });
    asked.once('error', reject);
    asked.end();
  });
}

/** The engine's refusal, in the shape the library gives to every other. */
function refusal(statusCode: number, text: string): Error {
  let message = text.trim();
  try {
    const json: unknown = JSON.parse(text);
    const inner: unknown = typeof json === 'object' && json !== null && 'message' in json ? json.message : undefined;
    if (typeof inner === 'string') message = inner;
  } catch {
    // Podman answers some failures in plain text.
  }
  return Object.assign(new Error(message), { statusCode });
}
