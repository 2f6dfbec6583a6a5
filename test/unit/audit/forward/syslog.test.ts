/** Syslog as RFC 5424 has it, over everything it is carried by; and that what cannot be whole is honest about it. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { createSecureContext, createServer as createTlsServer } from 'node:tls';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { digestOf } from '../../../../helper/audit/form/chain.ts';
import type { Item, RecordItem } from '../../../../helper/audit/forward/contract.ts';
import { syslogCourier } from '../../../../helper/audit/forward/syslog.ts';
import { syslogMessage } from '../../../../helper/audit/forward/syslog-message.ts';
import { openAuthority } from '../../../../helper/egress/certificates.ts';
import { parseSyslogAddress, type SyslogAddress } from '../../../../helper/policy/syslog-address.ts';
import { chainName, listening, testOutbox, until, written, type TestOutbox } from '../../../kit/forwarding.ts';

const facts = { facility: 'local0', hostName: 'machine.test', version: '2.0.0', limitBytes: 8192 };
const line = (detail: unknown): string => JSON.stringify({ v: 3, seq: 41, detail });
const item = (more: Partial<RecordItem> = {}): RecordItem => ({
  ...{ kind: 'record', sandbox: chainName, seq: 41, line: line({}), digest: digestOf(line({})), ts: '2026-01-02T03:04:05.678Z' },
  ...{ type: 'command', action: 'exec', outcome: 'success', target: 'git' },
  ...more,
});
const checkpoint: Item = { kind: 'checkpoint', sandbox: chainName, size: 3, note: 'a\n\n\u2014 b c\n', ts: '2026-01-02T03:04:06.000Z' };

test('a message has every part where the RFC wants it', () => {
  const head = `<134>1 2026-01-02T03:04:05.678Z machine.test lasso-audit ${chainName} command`;
  assert.equal(syslogMessage(item(), facts), `${head} [origin software="lasso" swVersion="2.0.0"][meta sequenceId="42"] ${line({})}`);
});

describe('severity and facility', () => {
  const cases: readonly (readonly [item: Item, facility: string, priority: number])[] = [
    [item(), 'local0', 134],
    [item({ outcome: 'intent' }), 'local7', 190],
    [item({ outcome: 'blocked' }), 'local0', 132],
    [item({ outcome: 'unknown' }), 'local0', 132],
    [item({ type: 'violation', outcome: 'success' }), 'auth', 36],
    [item({ outcome: 'error' }), 'local0', 131],
    [item({ type: 'gap', outcome: 'unknown' }), 'local0', 131],
    [checkpoint, 'user', 13],
    [item(), 'no such', 134],
  ];
  for (const [what, facility, priority] of cases)
    test(`${what.kind === 'record' ? `${what.type} ${what.outcome}` : 'checkpoint'} to ${facility}: ${priority}`, () =>
      assert.ok(syslogMessage(what, { ...facts, facility }).startsWith(`<${priority}>1 `)));
});

test('what is too long says so, and what its digest is', () => {
  const long = line({ text: 'x'.repeat(9000) });
  const message = syslogMessage(item({ line: long, digest: digestOf(long), target: '\u202e"'.repeat(3000) }), {
    ...facts,
    limitBytes: 2048,
  });
  assert.ok(message.length <= 2048 && message.length > 600, String(message.length));
  const said: unknown = JSON.parse(message.slice(message.indexOf('] {') + 2));
  assert.ok(typeof said === 'object' && said !== null && 'cut' in said && 'target' in said);
  assert.deepEqual(said.cut, { bytes: long.length, sha256: digestOf(long) });
  assert.match(message, /^[\x20-\x7e]+$/);
});

test('names of machines and versions cannot add a part', () => {
  const message = syslogMessage(item(), { ...facts, hostName: 'a b\n', version: '2"]\\' });
  assert.match(message, / ab lasso-audit .* \[origin software="lasso" swVersion="2\\"\\\]\\\\"\]\[meta /);
});

describe('addresses', () => {
  const cases: readonly (readonly [text: string, address: SyslogAddress | undefined])[] = [
    ['log.example:514', { by: 'udp', host: 'log.example', port: 514 }],
    ['log.example', { by: 'udp', host: 'log.example', port: 514 }],
    ['udp://192.0.2.1:1514', { by: 'udp', host: '192.0.2.1', port: 1514 }],
    ['tcp://log.example:601', { by: 'tcp', host: 'log.example', port: 601 }],
    ['tls://log.example', { by: 'tls', host: 'log.example', port: 6514 }],
    ['tls://[2001:db8::1]:6515', { by: 'tls', host: '2001:db8::1', port: 6515 }],
    ['/dev/log', { by: 'socket', path: '/dev/log' }],
    ['unix:///run/log', { by: 'socket', path: '/run/log' }],
    ['', undefined],
    ['http://log.example', undefined],
    ['log.example:0', undefined],
    ['log.example:70000', undefined],
    ['log example', undefined],
    ['2001:db8::1', undefined],
  ];
  for (const [text, address] of cases) test(JSON.stringify(text), () => assert.deepEqual(parseSyslogAddress(text), address));
});

describe('carried', () => {
  let place: TestOutbox;
  let ends: (() => unknown)[] = [];
  const items: readonly Item[] = [item(), item({ seq: 42, outcome: 'blocked' }), checkpoint];
  const messages = items.map((one) => syslogMessage(one, facts));
  const send = (address: string, more = {}): ReturnType<ReturnType<typeof syslogCourier>['deliver']> =>
    syslogCourier({ kind: 'syslog', address, facility: 'local0', ...written }, { ...place.facts, ...more }).deliver(
      items,
      new AbortController().signal,
    );

  beforeEach(() => {
    place = testOutbox();
    ends = [() => place.end()];
  });
  afterEach(async () => {
    for (const end of ends.reverse()) await end();
  });

  /** All that each connection brought. */
  const collect = (server: Server): string[] => {
    const heard: string[] = [];
    ends.push(() => new Promise((resolve) => server.close(resolve)));
    return heard;
  };
  const keep = (heard: string[], socket: Socket): void => {
    const at = heard.push('') - 1;
    socket.on('data', (piece: Buffer) => (heard[at] = `${heard[at] ?? ''}${piece.toString('latin1')}`));
    socket.on('error', () => undefined);
  };
  const counted = messages.map((text) => `${text.length} ${text}`).join('');

  test('over UDP, one a datagram', async () => {
    const heard: string[] = [];
    const socket = createSocket('udp4', (bytes) => heard.push(bytes.toString('latin1')));
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    ends.push(() => void socket.close());
    assert.equal((await send(`127.0.0.1:${socket.address().port}`)).accepted, true);
    await until('three', () => heard.length === 3);
    assert.deepEqual(heard, messages);
  });

  test('over UDP to where nobody is, as far as that is known', async () => {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const { port } = socket.address();
    socket.close();
    const { accepted, message } = await send(`udp://127.0.0.1:${port}`);
    assert.deepEqual([accepted, message], [false, 'the connection failed (ECONNREFUSED)']);
  });

  test('over TCP, octets counted', async () => {
    const server = createServer();
    const heard = collect(server);
    server.on('connection', (socket) => keep(heard, socket));
    assert.equal((await send(`tcp://127.0.0.1:${await listening(server)}`)).accepted, true);
    await until('all is heard', () => heard.join('').length >= counted.length);
    assert.deepEqual(heard, [counted]);
  });

  test('over TCP to one who breaks off, again', async () => {
    const server = createServer((socket) => socket.resetAndDestroy());
    collect(server);
    assert.equal((await send(`tcp://127.0.0.1:${await listening(server)}`)).accepted, false);
  });

  test('over TCP to nobody', async () => {
    const server = createServer();
    const port = await listening(server);
    await new Promise((resolve) => server.close(resolve));
    const { accepted, message } = await send(`tcp://127.0.0.1:${port}`);
    assert.deepEqual([accepted, message], [false, 'it could not be reached']);
  });

  test('over TLS to who proves to be who it is, and to nobody else', async () => {
    const authority = await openAuthority();
    const server = createTlsServer({ SNICallback: (_name, done) => done(null, authority.contextFor('log.example')) });
    const heard = collect(server);
    server.on('secureConnection', (socket) => keep(heard, socket)).on('tlsClientError', () => undefined);
    const port = await listening(server);
    const dial: TestOutbox['facts']['dial'] = (to, signal) => place.facts.dial({ ...to, host: '127.0.0.1' }, signal);
    const trust = (): ReturnType<TestOutbox['facts']['trust']> => Promise.resolve(createSecureContext({ ca: authority.certificatePem }));
    assert.equal((await send(`tls://log.example:${port}`, { dial, trust })).accepted, true);
    await until('all is heard', () => heard.join('').length >= counted.length);
    assert.deepEqual(heard, [counted]);
    const { accepted, message } = await send(`tls://log.example:${port}`, { dial });
    assert.equal(accepted, false);
    assert.match(message, /did not prove who it is/);
    assert.match((await send(`tls://other.example:${port}`, { dial, trust })).message, /ERR_TLS_CERT_ALTNAME_INVALID/);
  });

  test('over a socket of this machine, one a line', { skip: process.platform === 'win32' && 'sockets have no paths there' }, async () => {
    const server = createServer();
    const heard = collect(server);
    server.on('connection', (socket) => keep(heard, socket));
    const path = join(place.chain.places.audit, 'log');
    await new Promise<void>((resolve) => server.listen(path, resolve));
    assert.equal((await send(path)).accepted, true);
    const lines = messages.map((text) => `${text}\n`).join('');
    await until('all is heard', () => heard.join('').length >= lines.length);
    assert.deepEqual(heard, [lines]);
  });
});
