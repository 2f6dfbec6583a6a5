/** Programs in a sandbox reach names and the proxy, and are reached, through a real guest over both links. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { suite, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { ConnectionQuestion, NameQuestion, NetworkGate } from '../../../helper/guest/network.ts';
import { silentLog } from '../../../helper/base/log.ts';
import { openSocketLink } from '../../../helper/guest/open.ts';
import { request, run, shell, startGuest, untilPrinted, type GuestWorld } from '../../kit/guest.ts';

/** What was asked; names that begin with `no` are refused, the rest echo on 7, discard on 9, and give on 19. */
function gate(): { readonly network: NetworkGate; readonly names: NameQuestion[]; readonly connections: ConnectionQuestion[] } {
  const names: NameQuestion[] = [];
  const connections: ConnectionQuestion[] = [];
  const network: NetworkGate = {
    name: (question) => {
      names.push(question);
      const refused = question.name.startsWith('no');
      return Promise.resolve(refused ? { ports: [], message: 'LASSO: that name is not allowed' } : { ports: [7, 9, 19, 21] });
    },
    connect: (question) => {
      connections.push(question);
      if (question.port === 21) return Promise.resolve({ allow: false, message: 'LASSO: that port is not allowed' });
      return Promise.resolve({ allow: true, carry: (stream) => serve(stream, question.port) });
    },
  };
  return { network, names, connections };
}

const given = 3_000_000;

function serve(stream: Duplex, port: number): void {
  stream.on('error', () => undefined);
  if (port === 9) return;
  if (port === 19) stream.end(Buffer.alloc(given, 'g'));
  if (port === 19) stream.resume();
  else stream.pipe(stream);
}

const python = (code: string): ReturnType<typeof request> =>
  request(['/usr/bin/python3', '-c', `import os, socket, threading, time\n${code}`]);
const connect = (port: number, host = 'yes.example'): string => `s = socket.create_connection(('${host}', ${port}), 10)\n`;

for (const kind of ['socket', 'stdio'] as const)
  suite(`a sandbox's network over ${kind}`, { timeout: 120_000 }, () => {
    const inside = (name: string, body: (world: GuestWorld, seen: ReturnType<typeof gate>) => Promise<void>): void => {
      test(name, { timeout: 60_000 }, async () => {
        const seen = gate();
        await using world = await startGuest({ kind, network: seen.network });
        await body(world, seen);
      });
    };

    inside('the guest listens for names and as a proxy, and holds no capability for it', async ({ link }) => {
      assert.deepEqual(link.listens, { names: true, proxy: true });
      const { output } = await run(link, shell('grep -h Cap /proc/self/status | sort -u'));
      assert.match(output, /CapEff:\t0000000000000000/);
    });

    inside(
      'an allowed name is found and its ports are reached; both are asked about with the program',
      async ({ link }, { names, connections }) => {
        const code = `${connect(7, 'Yes.Example')}peer = s.getpeername()[0]\ns.sendall(b'hello')\ns.shutdown(socket.SHUT_WR)\nprint(s.recv(9), s.recv(9), peer)`;
        const { output, errors } = await run(link, python(code));
        assert.match(output, /^b'hello' b'' 127\.\d+\.\d+\.\d+$/m, errors);
        assert.equal(names[0]?.name, 'yes.example');
        assert.deepEqual([connections[0]?.kind, connections[0]?.host, connections[0]?.port], ['name', 'yes.example', 7]);
        for (const asker of [names[0].asker, connections[0]?.asker]) {
          assert.match(asker?.executable ?? '', /\/python3/);
          assert.equal(asker?.argv.at(1), '-c');
        }
      },
    );

    inside('a refused name is not found, and a refused connection is reset, each with a line to whoever asked', async ({ link }) => {
      const name = await run(
        link,
        python(`try:\n  ${connect(7, 'no.example')}except socket.gaierror as e: print(e.errno == socket.EAI_NONAME)`),
      );
      assert.equal(name.output, 'True\n');
      assert.match(name.errors, /LASSO: that name is not allowed\r\n/);
      const code = `try:\n  ${connect(21)}  print(s.recv(9))\nexcept ConnectionResetError: print('reset')`;
      const { output, errors } = await run(link, python(code));
      assert.equal(output, 'reset\n');
      assert.match(errors, /LASSO: that port is not allowed\r\n/);
    });

    inside('the proxy takes any connection, and what it asks for is in its bytes', async ({ link }, { connections }) => {
      const { output } = await run(link, python(`${connect(3128, '127.0.0.1')}s.sendall(b'CONNECT x')\nprint(s.recv(9))`));
      assert.equal(output, "b'CONNECT x'\n");
      assert.deepEqual([connections[0]?.kind, connections[0]?.host], ['proxy', '']);
    });

    inside('megabytes pass whole, and the end is an end', async ({ link }) => {
      const code = `${connect(19)}n = 0\nwhile True:\n  part = s.recv(65536)\n  if not part: break\n  n += len(part)\nprint(n)`;
      assert.equal((await run(link, python(code))).output, `${given}\n`);
    });

    inside('a thousand connections at once all answer', async ({ link }, { connections }) => {
      const code = `all = [socket.create_connection(('yes.example', 7), 30) for _ in range(1000)]
for at, s in enumerate(all): s.sendall(b'%d' % at)
print(sum(s.recv(9) == b'%d' % at for at, s in enumerate(all)))`;
      const { output, errors } = await run(link, python(code));
      assert.equal(output, '1000\n', errors);
      assert.equal(connections.length, 1000);
    });

    inside('who sends what nobody reads stops, and hinders nobody', async ({ link }) => {
      const stuck = await link.spawn(
        python(
          `${connect(9)}s.settimeout(1)\ntry:\n  while True: s.send(b'x' * 65536)\nexcept TimeoutError: print('stopped', flush=True)\ntime.sleep(60)`,
        ),
      );
      await untilPrinted(stuck, 'stopped');
      const other = await run(link, python(`${connect(7)}s.sendall(b'well')\nprint(s.recv(9))`));
      assert.equal(other.output, "b'well'\n");
      stuck.signal(9, 'group');
    });

    inside('what is forgotten is asked about again', async ({ link }, { names }) => {
      const ask = python("socket.gethostbyname('yes.example')");
      await run(link, ask);
      const before = names.length;
      await run(link, ask);
      assert.equal(names.length, before);
      link.forgetNames();
      await run(link, ask);
      assert.ok(names.length > before);
    });

    inside('a program that listens is reached, on either loopback, and a silent port is told', async ({ link }) => {
      for (const [family, host, port] of [
        ['AF_INET', '127.0.0.1', 3000],
        ['AF_INET6', '::1', 3001],
      ] as const) {
        const server = await link.spawn(
          python(`l = socket.socket(socket.${family})\nl.bind(('${host}', ${port}))\nl.listen()\nprint('ready', flush=True)
s, _ = l.accept()\nwhile True:\n  part = s.recv(65536)\n  if not part: break\n  s.sendall(part)\ns.close()\ntime.sleep(60)`),
        );
        await untilPrinted(server, 'ready');
        const stream = await link.forward(port);
        stream.end(Buffer.alloc(1_000_000, 'f'));
        assert.equal(Buffer.concat(await stream.toArray()).length, 1_000_000);
        server.signal(9, 'group');
      }
      await assert.rejects(link.forward(4000), { code: 'PORT_CLOSED' });
    });

    inside('when either side resets, the other hears a reset and no end', async ({ link }) => {
      const server = await link.spawn(
        python(`l = socket.socket()\nl.bind(('127.0.0.1', 3000))\nl.listen()\nprint('ready', flush=True)
s, _ = l.accept()\ns.recv(1)\nimport struct\ns.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))\ns.close()
s, _ = l.accept()\ns.sendall(b'x')\ntry: print(s.recv(1))\nexcept ConnectionResetError: print('reset', flush=True)`),
      );
      await untilPrinted(server, 'ready');
      const broken = await link.forward(3000);
      broken.write('x');
      await assert.rejects(once(broken, 'end'), { code: 'ECONNRESET' });
      const stream = await link.forward(3000);
      await once(stream, 'readable');
      stream.destroy();
      await untilPrinted(server, 'reset');
    });

    inside('a flood of names and of connections does not keep others waiting', async ({ link }) => {
      const flood = await link.spawn(
        python(`def storm(at):
  for i in range(400):
    try: socket.create_connection(('127.0.0.1', 3128), 5)
    except OSError: pass
    try: socket.gethostbyname('no%d-%d.example' % (at, i))
    except OSError: pass
for at in range(16): threading.Thread(target=storm, args=(at,), daemon=True).start()
print('storm', flush=True)\ntime.sleep(60)`),
      );
      flood.stderr?.resume();
      await untilPrinted(flood, 'storm');
      for (let times = 0; times < 5; times += 1) {
        await link.ping();
        assert.equal((await run(link, shell('echo runs'))).output, 'runs\n');
        await delay(50);
      }
      flood.signal(9, 'group');
      await flood.exited;
      assert.equal((await run(link, python(`${connect(7)}s.sendall(b'well')\nprint(s.recv(9))`))).output, "b'well'\n");
    });
  });

test('with the next helper names are asked about again, and what was open is reset', { timeout: 60_000 }, async () => {
  const seen = gate();
  await using world = await startGuest({ kind: 'socket', graceMs: 10_000, network: seen.network });
  const holder = await world.link.spawn(
    python(`${connect(7)}s.sendall(b'x')\ns.recv(1)\nprint('open', flush=True)\ntry: print(s.recv(1))
except ConnectionResetError: print('reset', flush=True)\nprint(socket.gethostbyname('yes.example'), flush=True)\ntime.sleep(60)`),
  );
  await untilPrinted(holder, 'open');
  await world.link.dispose();
  const { socketPath, token } = world;
  const next = gate();
  const pending = await openSocketLink({
    ...{ socketPath, token, graceMs: 5000, log: silentLog, network: next.network },
    onIntruder: (why) => world.intruders.push(why),
  });
  const link = await pending.link;
  assert.deepEqual(link.listens, { names: true, proxy: true });
  const [again] = link.resumed;
  assert.ok(again);
  await untilPrinted(again, '127.', await untilPrinted(again, 'reset'));
  assert.equal(next.names[0]?.name, 'yes.example');
  const code = `${connect(7)}s.sendall(b'well')\nprint(s.recv(9))`;
  assert.equal((await run(link, python(code))).output, "b'well'\n");
  await pending.dispose();
});
