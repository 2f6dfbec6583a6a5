/**
 * The engine's "attach" call by hand: a request without a body that becomes a raw stream. The library sends its options as a body,
 * which Podman hands to the container as its first input.
 */
import http from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import type { Connection } from './connection.ts';

/** Attaches to stdio; `stdin` false: only listens. */
export async function attachStream(connection: Connection, container: string, stdin: boolean): Promise<NodeJS.ReadWriteStream> {
  const { endpoint, docker } = connection;
  const query = `stream=1&stdout=1&stderr=1${stdin ? '&stdin=1' : ''}`;
  const path = `/containers/${encodeURIComponent(container)}/attach?${query}`;
  switch (endpoint.kind) {
    case 'ssh':
      return docker.getContainer(container).attach({ stream: true, hijack: true, stdin, stdout: true, stderr: true });
    case 'socket':
      return upgraded(http.request({ ...request, path, socketPath: endpoint.path }));
    case 'tcp': {
      const address = { ...request, path, host: endpoint.host, port: endpoint.port };
      return upgraded(endpoint.tls === null ? http.request(address) : https.request({ ...address, ...endpoint.tls }));
    }
  }
}

const request = {
  method: 'POST',
  agent: false,
  headers: { Connection: 'Upgrade', Upgrade: 'tcp', 'Content-Length': '0' },
} as const;

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
