/**
 * `lasso mcp`: serves the tools to one client on stdin and stdout until it is gone. Bound at its start to one folder and one profile.
 * Nothing but the protocol is ever written to stdout.
 */
import { once } from 'node:events';
import { realpath } from 'node:fs/promises';
import type { Readable, Writable } from 'node:stream';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { operations } from '../../protocol/operations.ts';
import type { Connection } from '../cli/connection.ts';
import { HelperLink } from './link.ts';
import { type Bounds, OwnSandboxes } from './sandboxes.ts';
import { mcpServer } from './server.ts';
import { toolsOf } from './tools.ts';

export interface ServeOptions {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly version: string;
  readonly bounds: Bounds;
  readonly connect: () => Promise<Connection>;
}

/** longest message, in bytes: the longest text a file may get, as JSON may have to write it */
const messageLimitBytes = 32 * 1024 * 1024;
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** what a client that talks nonsense may make us write to stderr */
const warningLimit = 100;

/** Exit status, when the client is gone or a signal came. */
export async function serveMcp(options: ServeOptions): Promise<number> {
  const { stdin, stdout, version } = options;
  const warn = warner(options.stderr);
  const over = new AbortController();
  const end = (): void => over.abort();
  for (const name of signals) process.once(name, end);
  stdin.once('end', end).once('close', end).once('error', end);
  stdout.once('close', end).once('error', end);
  const dir = await realpath(options.bounds.dir).catch(() => options.bounds.dir);
  const bounds = { ...options.bounds, dir };
  const link = new HelperLink(options.connect, warn);
  const server = mcpServer(version, toolsOf(operations), about(bounds), { link, sandboxes: new OwnSandboxes(link, bounds) });
  server.server.onclose = end;
  server.server.onerror = (error) => warn(error.message);
  await server.connect(new StdioServerTransport(stdin, stdout, { maxBufferSize: messageLimitBytes }));
  if (!over.signal.aborted) await once(over.signal, 'abort');
  for (const name of signals) process.off(name, end);
  await server.close();
  await link.dispose();
  return 0;
}

function warner(stderr: Writable): (message: string) => void {
  let left = warningLimit;
  stderr.on('error', () => undefined);
  return (message) => {
    left -= 1;
    if (left >= 0) stderr.write(`lasso mcp: ${message.replace(/\s+/g, ' ').slice(0, 300)}\n`);
  };
}

const about = ({ dir, profile }: Bounds): string =>
  [
    `These tools work in a locked-down sandbox that has the folder ${dir} at /workspace`,
    profile === undefined ? '.' : `, under the profile ${profile}.`,
    ' Run every command with sandbox_exec instead of a shell of the host; the first call makes the sandbox.',
    ' What the profile does not allow is refused, with its rule and the reason. A person may have to agree to something first, so a call can take a while.',
    ' A refusal is final: say what you wanted to do and let the person decide.',
  ].join('');
