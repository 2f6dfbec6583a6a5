/** The server at the end of every way that is measured, in a thread of its own: a few bytes, many, or a stream of events. */
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { parentPort } from 'node:worker_threads';
import { openAuthority } from '../../helper/egress/certificates.ts';
import { manyBytes } from '../kit/servers/bytes.ts';
import { listening } from '../kit/sockets.ts';

/** how long a stream of events rests after its first */
const pauseMs = 25;

const authority = await openAuthority();
const server = createServer({ noDelay: true, SNICallback: (name, done) => done(null, authority.contextFor(name)) }, (asked, answer) => {
  const [path, query] = (asked.url ?? '/').split('?count=');
  if (path === '/bytes') manyBytes(Number(query)).pipe(answer.setHeader('content-length', Number(query)));
  else if (path === '/events') sendEvents(answer.setHeader('content-type', 'text/event-stream'));
  else answer.setHeader('content-length', 12).end('twelve bytes');
});
// Connections are left idle on purpose.
server.keepAliveTimeout = 0;
parentPort?.postMessage({ port: await listening(server), certificatePem: authority.certificatePem });

/** The first event says when it was written, in nanoseconds of the machine’s clock. */
function sendEvents(answer: ServerResponse): void {
  answer.write(`data: ${process.hrtime.bigint()}\n\n`);
  setTimeout(() => answer.end('data: last\n\n'), pauseMs);
}
