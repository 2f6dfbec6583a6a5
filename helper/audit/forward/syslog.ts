/**
 * Syslog: RFC 5424 messages over UDP (RFC 5426), TCP with counted octets (RFC 6587), TLS (RFC 5425), or the machine's own socket.
 * The protocol knows no acknowledgement. Over TCP and TLS a batch counts as taken when the server closed after reading all of it,
 * or left it a while without breaking the connection; over UDP when it was sent and nobody said that nobody is there.
 */
import { createSocket } from 'node:dgram';
import { isIPv6, connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { errnoOf } from '../../base/atomic-file.ts';
import { runChild } from '../../base/child.ts';
import { findProgram } from '../../base/program.ts';
import { parseSyslogAddress, type SyslogAddress } from '../../policy/syslog-address.ts';
import type { Courier, ForwardFacts, Item } from './contract.ts';
import { abandoned, secured } from './http.ts';
import type { SyslogSettings } from './settings.ts';
import { severityOf, syslogMessage, textOf } from './syslog-message.ts';

/** what every server takes in one datagram (RFC 5424, 6.1), and what the usual ones take over a stream */
const datagramBytes = 2048;
const streamBytes = 8192;
const timeoutMs = 10_000;
/** how long a server may leave a finished connection open before its silence counts as consent */
const settleMs = 1000;

export function syslogCourier(sink: SyslogSettings, facts: ForwardFacts): Courier {
  const address = parseSyslogAddress(sink.address);
  return {
    batchItems: 200,
    batchBytes: 262_144,
    deliver: async (items, signal) => {
      if (address === undefined) return { accepted: false, message: 'its address cannot be understood' };
      const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      try {
        return { accepted: true, message: await send(address, sink, facts, items, limit) };
      } catch (error) {
        return { accepted: false, message: limit.aborted && !signal.aborted ? 'it took nothing for 10 seconds' : messageOf(error) };
      }
    },
  };
}

async function send(
  address: SyslogAddress,
  sink: SyslogSettings,
  facts: ForwardFacts,
  items: readonly Item[],
  signal: AbortSignal,
): Promise<string> {
  const { hostName, version } = facts;
  const limitBytes = address.by === 'udp' ? datagramBytes : streamBytes;
  const messages = items.map((item) => syslogMessage(item, { facility: sink.facility, hostName, version, limitBytes }));
  switch (address.by) {
    case 'udp':
      await overUdp(address, messages, facts, signal);
      return 'sent; nothing is ever answered over UDP';
    case 'socket':
      return overSocket(address.path, sink, items, messages, facts, signal);
    case 'tcp':
    case 'tls': {
      const plain = await abandoned(facts.dial({ ...address, web: false }, signal), signal);
      plain.on('error', () => undefined);
      const stream = address.by === 'tcp' ? plain : await secured(plain, address.host, await facts.trust(), signal);
      await overStream(stream, messages.map((text) => `${text.length} ${text}`).join(''), facts, signal);
      return 'taken';
    }
  }
}

async function overUdp(
  { host, port }: Extract<SyslogAddress, { host: string }>,
  messages: readonly string[],
  facts: ForwardFacts,
  signal: AbortSignal,
): Promise<void> {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  const failed = new Promise<never>((_resolve, reject) => {
    socket.on('error', reject);
    signal.addEventListener('abort', () => reject(new Error('it was no longer waited for')), { once: true });
  });
  failed.catch(() => undefined);
  try {
    await Promise.race([failed, new Promise<void>((resolve) => socket.connect(port, host, resolve))]);
    for (const text of messages) {
      const sent = new Promise<void>((resolve, reject) => socket.send(text, (error) => (error ? reject(error) : resolve())));
      await Promise.race([failed, sent]);
    }
    // Where nobody listens, the other machine says so a moment later.
    await Promise.race([failed, facts.clock.sleep(50, signal)]);
  } finally {
    socket.close();
  }
}

/** Writes all, says that it was all, and waits for the other end to say the same. */
async function overStream(stream: Duplex, text: string, facts: ForwardFacts, signal: AbortSignal): Promise<void> {
  const settled = new AbortController();
  try {
    await new Promise<void>((resolve, reject) => {
      const stop = (): void => reject(new Error('it was no longer waited for'));
      if (signal.aborted) return stop();
      signal.addEventListener('abort', stop, { once: true });
      let whole = false;
      stream.on('error', (error) => reject(error));
      stream.on('end', () => (whole ? resolve() : reject(new Error('it closed the connection'))));
      stream.on('close', () => (whole ? resolve() : reject(new Error('it closed the connection'))));
      stream.resume();
      stream.end(text, 'latin1', () => {
        whole = true;
        facts.clock.sleep(settleMs, settled.signal).then(resolve, () => undefined);
      });
    });
  } finally {
    settled.abort();
    stream.destroy();
  }
}

async function overSocket(
  path: string,
  sink: SyslogSettings,
  items: readonly Item[],
  messages: readonly string[],
  facts: ForwardFacts,
  signal: AbortSignal,
): Promise<string> {
  const stream = await new Promise<Duplex | undefined>((resolve, reject) => {
    const socket = connect({ path, signal });
    socket.once('connect', () => resolve(socket));
    // A socket of datagrams, as /dev/log is: Node has no such thing.
    socket.once('error', (error) => (errnoOf(error) === 'EPROTOTYPE' ? resolve(undefined) : reject(error)));
  });
  if (stream === undefined) return byLogger(path, sink, items, facts, signal);
  await overStream(stream, messages.map((text) => `${text}\n`).join(''), facts, signal);
  return 'taken';
}

/** logger(1) of util-linux speaks to sockets of datagrams. */
async function byLogger(
  path: string,
  sink: SyslogSettings,
  items: readonly Item[],
  facts: ForwardFacts,
  signal: AbortSignal,
): Promise<string> {
  const program = findProgram('logger', facts.environment['PATH']);
  if (program === undefined) throw new Error('it takes datagrams, for which the program logger is needed');
  const lines = items.map((item) => `<${severityOf(item)}>${textOf(item, datagramBytes)}\n`);
  const argv = ['--socket', path, '--udp', '--socket-errors=on', '--tag', 'lasso-audit', '--size', '8192'];
  const { code, stderr } = await runChild(program, [...argv, '--prio-prefix', '--priority', `${sink.facility}.info`], {
    ...{ timeoutMs, environment: facts.environment, input: lines.join(''), signal },
  });
  if (code !== 0) throw new Error(`logger failed: ${stderr.slice(0, 200).trim()}`);
  return 'sent; nothing is ever answered over datagrams';
}

function messageOf(error: unknown): string {
  const code = errnoOf(error);
  if (code !== undefined) return `the connection failed (${code})`;
  return error instanceof Error ? error.message : 'it could not be reached';
}
