/** Connections out of a sandbox: how they end, what they cost, and what becomes of them when a name's ports change. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { suite, test } from 'node:test';
import type { NetworkGate } from '../../../helper/guest/network.ts';
import { request, run, shell, startGuest, untilPrinted, type GuestWorld } from '../../kit/guest.ts';

const bytes = 2_000_000;

/** what answers on a port */
const servers: Readonly<Record<number, (stream: Duplex) => void>> = {
  /** echoes */
  80: (stream) => stream.pipe(stream),
  /** ends at once, and counts what it hears all the same */
  81: (stream) => {
    stream.end('bye');
    heard(stream);
  },
  /** speaks only when the other side has ended */
  82: (stream) => void once(stream.resume(), 'end').then(() => stream.end(Buffer.alloc(bytes, 's'))),
  /** breaks in the middle */
  83: (stream) => stream.write('half', () => setImmediate(() => stream.destroy())),
};
const counted: number[] = [];
function heard(stream: Duplex): void {
  let total = 0;
  stream.on('data', (part: Buffer) => (total += part.length)).on('end', () => counted.push(total));
}

function gate(ports: () => readonly number[] = () => [80, 81, 82, 83]): NetworkGate {
  return {
    name: () => Promise.resolve({ ports: ports() }),
    connect: ({ port }) =>
      Promise.resolve({
        allow: true,
        carry: (stream) => {
          stream.on('error', () => undefined);
          (servers[port] ?? servers[80])?.(stream);
        },
      }),
  };
}

const python = (code: string): ReturnType<typeof request> =>
  request(['/usr/bin/python3', '-c', `import os, resource, socket, time\n${code}`]);
const open = (port: number): string => `s = socket.create_connection(('a.test', ${port}), 30)\n`;
const readAll = `def all():
    total = 0
    while True:
        part = s.recv(65536)
        if not part: return total
        total += len(part)
`;

for (const kind of ['socket', 'stdio'] as const)
  suite(`connections over ${kind}`, { timeout: 120_000 }, () => {
    const inside = (name: string, network: NetworkGate, body: (world: GuestWorld) => Promise<void>): void => {
      test(name, { timeout: 60_000 }, async () => {
        await using world = await startGuest({ kind, network });
        await body(world);
      });
    };

    inside('either side may end first, and the other goes on', gate(), async ({ link }) => {
      const first = await run(link, python(`${readAll}${open(82)}s.sendall(b'x' * ${bytes})\ns.shutdown(socket.SHUT_WR)\nprint(all())`));
      assert.equal(first.output, `${bytes}\n`, first.errors);
      const before = counted.length;
      const second = await run(link, python(`${readAll}${open(81)}print(all())\ns.sendall(b'x' * ${bytes})\ns.close()`));
      assert.equal(second.output, '3\n', second.errors);
      while (counted.length === before) await link.ping();
      assert.equal(counted.at(-1), bytes);
    });

    inside('what breaks outside is a reset inside, never an end', gate(), async ({ link }) => {
      const { output, errors } = await run(
        link,
        python(`try:
  ${open(83)}  while s.recv(9): pass
  print('ended')
except ConnectionResetError: print('reset')`),
      );
      assert.equal(output, 'reset\n', errors);
    });

    inside('who reads slowly gets everything, and stops nobody', gate(), async ({ link }) => {
      const slow = await link.spawn(
        python(`${readAll}${open(80)}s.setblocking(False)\nsent = idle = 0
while idle < 50:
  try:
    sent += s.send(b'x' * 65536)
    idle = 0
  except BlockingIOError:
    idle += 1
    time.sleep(0.01)
print('full', flush=True)
input()
s.setblocking(True)
s.shutdown(socket.SHUT_WR)
print(all() == sent)`),
      );
      await untilPrinted(slow, 'full');
      const other = await run(link, python(`${readAll}${open(80)}s.sendall(b'x' * 100000)\ns.shutdown(socket.SHUT_WR)\nprint(all())`));
      assert.equal(other.output, '100000\n');
      slow.stdio.write('\n');
      await untilPrinted(slow, 'True');
    });

    inside('a program that holds all it can get leaves room for others, and costs little', gate(), async ({ link }) => {
      const holder = await link.spawn(
        python(`resource.setrlimit(resource.RLIMIT_NOFILE, (4000, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
address = (socket.gethostbyname('a.test'), 80)
held = []
for i in range(2500):
    s = socket.socket()
    s.setblocking(False)
    s.connect_ex(address)
    held.append(s)
print('held', flush=True)
time.sleep(60)`),
      );
      holder.stderr?.resume();
      await untilPrinted(holder, 'held');
      const { output, errors } = await run(link, python(`${open(80)}s.sendall(b'well')\nprint(s.recv(9))`));
      assert.equal(output, "b'well'\n", errors);
      const status = await run(link, shell('grep RssAnon /proc/1/status'));
      assert.ok(Number(/\d+/.exec(status.output)?.[0]) < 10_000, status.output);
      holder.signal(9, 'group');
    });

    const ports = { now: [80] };
    inside(
      'a port that is allowed no more is closed, one that came is open, and what is connected stays',
      gate(() => ports.now),
      async ({ link }) => {
        const guest = await link.spawn(
          python(`${open(80)}address = s.getpeername()[0]
print('open', flush=True)
input()
print(socket.gethostbyname('a.test') == address)
try: socket.create_connection((address, 80), 30)
except ConnectionRefusedError: print('closed')
print(socket.create_connection((address, 8080), 30).getpeername()[1])
s.sendall(b'well')
print(s.recv(9), flush=True)`),
        );
        await untilPrinted(guest, 'open');
        ports.now = [8080];
        link.forgetNames();
        guest.stdio.write('\n');
        assert.match(await untilPrinted(guest, "b'well'"), /True\r?\nclosed\r?\n8080\r?\n/);
      },
    );
  });
