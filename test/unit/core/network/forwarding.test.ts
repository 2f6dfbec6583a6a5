/** Ports of a sandbox on this machine: on record before anything passes, on 127.0.0.1 alone, and over with the sandbox. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { duplexPair, type Duplex } from 'node:stream';
import { test, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Forwards, type Forwarded } from '../../../../helper/core/network/forwarding.ts';
import { portPair } from '../../../../helper/core/operations/forwards.ts';
import type { LinkEnd } from '../../../../helper/guest/contract.ts';
import { deferred } from '../../../../helper/guest/deferred.ts';
import { LassoError } from '../../../../helper/protocol/errors.ts';
import type { RecordEntry } from '../../../../helper/protocol/record.ts';

const actor = { kind: 'user', face: 'cli', user: 'tester' } as const;

interface Desk {
  readonly forwards: Forwards;
  readonly sandbox: Forwarded;
  readonly records: (RecordEntry & { readonly finishes?: number })[];
  /** ends inside of connections made, in order */
  readonly inside: Duplex[];
  readonly endLink: () => void;
  readonly fill: () => void;
  readonly hostPort: () => number;
}

/** A sandbox in which everything echoes but port 9, where nothing listens. */
function desk(t: TestContext): Desk {
  const records: Desk['records'][number][] = [];
  const inside: Duplex[] = [];
  const ended = deferred<LinkEnd>();
  let full = false;
  const append = (entry: RecordEntry, finishes?: number): Promise<number> => {
    if (full) return Promise.reject(new LassoError('RECORD_FAILED', 'The disk is full.', 'Make room.'));
    return Promise.resolve(records.push({ ...entry, ...(finishes === undefined ? {} : { finishes }) }) - 1);
  };
  const forward = (port: number): Promise<Duplex> => {
    if (port === 9) return Promise.reject(new LassoError('PORT_CLOSED', 'Nothing takes connections on port 9.', 'Start something.'));
    const [near, far] = duplexPair();
    far.pipe(far);
    inside.push(far.on('error', () => undefined));
    return Promise.resolve(near.on('error', () => undefined));
  };
  const sandbox: Forwarded = {
    id: '0123456789ab',
    saved: { name: 'app' },
    record: { file: '', head: { seq: -1, digest: '' }, append, checkpoint: () => Promise.resolve(''), close: () => Promise.resolve() },
    note: async (entry, finishes) => {
      await append(entry, finishes).catch(() => undefined);
    },
    requireLive: () => ({ link: { forward, ended: ended.promise } }),
  };
  const forwards = new Forwards();
  const endLink = (): void => ended.resolve({ reason: 'shutdown', message: 'over' });
  t.after(endLink);
  return {
    ...{ forwards, sandbox, records, inside, endLink },
    fill: () => (full = true),
    hostPort: () => forwards.of(sandbox)[0]?.hostPort ?? 0,
  };
}

async function open(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true }).on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}
/** Settles when somebody who connects was reset, maybe before they knew that they were connected. */
const resetAt = async (port: number): Promise<void> => {
  const socket = connect({ host: '127.0.0.1', port }).on('error', () => undefined);
  await until(() => socket.closed);
};
const read = async (socket: Socket): Promise<string> => Buffer.concat(await socket.toArray()).toString();
const lines = ({ records }: Desk): string[] => records.map(({ action, outcome }) => `${action} ${outcome}`);
async function until(holds: () => boolean): Promise<void> {
  for (let times = 0; !holds(); times += 1) {
    assert.ok(times < 3000, 'it never came to be');
    await delay(2);
  }
}

test('a port is reached, both ends end, and all of it is on record', async (t) => {
  const all = desk(t);
  await all.forwards.begin(all.sandbox, { port: 3000, hostPort: 0 }, actor);
  assert.deepEqual(all.forwards.of(all.sandbox), [{ port: 3000, hostPort: all.hostPort(), connections: 0 }]);
  const socket = await open(all.hostPort());
  socket.end('hello');
  assert.equal(await read(socket), 'hello');
  await until(() => all.records.length === 3);
  await all.forwards.end(all.sandbox, 3000, actor);
  assert.deepEqual(lines(all), ['forward intent', 'forwarded intent', 'forwarded success', 'forward success']);
  assert.deepEqual(all.records[0]?.actor, actor);
  assert.deepEqual(
    all.records.map(({ finishes }) => finishes),
    [undefined, undefined, 1, 0],
  );
  assert.equal(all.records[2]?.detail?.['toSandboxBytes'], 5);
  assert.deepEqual(all.forwards.of(all.sandbox), []);
});

test('a port that is taken here is told, with what to do, and nothing listens', async (t) => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port: hostPort } = other.address() as AddressInfo;
  const all = desk(t);
  await assert.rejects(all.forwards.begin(all.sandbox, { port: 3000, hostPort }, actor), {
    code: 'PORT_TAKEN',
    message: `Port ${hostPort} of 127.0.0.1 is taken by another program.`,
    hint: 'Choose another: `lasso forward app 3000:HOSTPORT`, where 0 is any that is free.',
  });
  assert.deepEqual(lines(all), ['forward intent', 'forward error']);
  assert.deepEqual(all.forwards.of(all.sandbox), []);
  other.close();
  await once(other, 'close');
  await all.forwards.begin(all.sandbox, { port: 3000, hostPort }, actor);
  all.endLink();
  await until(() => all.records.length === 4);
});

test('the same again changes nothing, and another port here for it is refused', async (t) => {
  const all = desk(t);
  await Promise.all([1, 2].map(() => all.forwards.begin(all.sandbox, { port: 3000, hostPort: 0 }, actor)));
  await all.forwards.begin(all.sandbox, { port: 3000, hostPort: all.hostPort() }, actor);
  assert.equal(all.records.length, 1);
  await assert.rejects(all.forwards.begin(all.sandbox, { port: 3000, hostPort: 1 }, actor), { code: 'BAD_REQUEST' });
  await assert.rejects(all.forwards.end(all.sandbox, 4000, actor), { code: 'BAD_REQUEST', hint: 'Ports that are: 3000.' });
  all.endLink();
  await until(() => all.records.length === 2);
});

test('where nothing listens inside, whoever connects is reset, and the reason is on record', async (t) => {
  const all = desk(t);
  await all.forwards.begin(all.sandbox, { port: 9, hostPort: 0 }, actor);
  await resetAt(all.hostPort());
  await until(() => all.records.length === 3);
  assert.deepEqual(lines(all), ['forward intent', 'forwarded intent', 'forwarded error']);
  assert.equal(all.records[2]?.detail?.['reason'], 'Nothing takes connections on port 9.');
  all.endLink();
  await until(() => all.records.length === 4);
});

test('it ends with the sandbox, and so do its connections', async (t) => {
  const all = desk(t);
  await all.forwards.begin(all.sandbox, { port: 3000, hostPort: 0 }, actor);
  const port = all.hostPort();
  const socket = await open(port);
  socket.write('x');
  await once(socket, 'readable');
  all.endLink();
  await until(() => socket.destroyed && all.records.length === 4);
  assert.deepEqual(all.forwards.of(all.sandbox), []);
  assert.ok(all.inside.every((stream) => stream.destroyed || stream.readableEnded));
  const late = connect({ host: '127.0.0.1', port });
  await assert.rejects(once(late, 'connect'), { code: 'ECONNREFUSED' });
});

test('what cannot be recorded does not happen', async (t) => {
  const all = desk(t);
  await all.forwards.begin(all.sandbox, { port: 3000, hostPort: 0 }, actor);
  all.fill();
  await resetAt(all.hostPort());
  assert.deepEqual(all.inside, []);
  await assert.rejects(all.forwards.begin(all.sandbox, { port: 3001, hostPort: 0 }, actor), { code: 'RECORD_FAILED' });
  assert.equal(all.forwards.of(all.sandbox).length, 1);
  all.endLink();
  await until(() => all.forwards.of(all.sandbox).length === 0);
});

const pairs: readonly (readonly [string, readonly [number, number] | null])[] = [
  ['3000', [3000, 3000]],
  ['3000:8080', [3000, 8080]],
  ['3000:0', [3000, 0]],
  ['0', null],
  ['0:3000', null],
  ['70000', null],
  ['3000:70000', null],
];
for (const [text, expected] of pairs)
  test(`${text} is ${expected === null ? 'no port' : `port ${expected.join(' on ')}`}`, () => {
    if (expected === null) assert.throws(() => portPair(text), { code: 'BAD_REQUEST' });
    else assert.deepEqual(portPair(text), { port: expected[0], hostPort: expected[1] });
  });
