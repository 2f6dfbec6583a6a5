/** Names inside a sandbox: what a program is told, and what is asked of the helper. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { openSocketLink } from '../../../helper/guest/open.ts';
import { silentLog } from '../../../helper/base/log.ts';
import type { NameAnswer } from '../../../helper/guest/network.ts';
import { answerCode, asked, extension, labels, message, namesGate, python, recordType, talk, type SeenNames } from '../../kit/dns.ts';
import { finish, run, startGuest, untilPrinted, type GuestWorld } from '../../kit/guest.ts';

const longest = `${`${'l'.repeat(63)}.`.repeat(3)}${'m'.repeat(61)}`;

suite('names in a sandbox', { timeout: 120_000, concurrency: 2 }, () => {
  const inside = (name: string, seen: SeenNames, body: (world: GuestWorld) => Promise<void>): void => {
    test(name, { timeout: 60_000 }, async () => {
      await using world = await startGuest({ kind: 'socket', network: seen.network });
      await body(world);
    });
  };

  const plain = namesGate();
  inside('an allowed name has an address of its own, in the letters it was asked in', plain, async (world) => {
    const [first, other, again, ...rest] = await talk(world, [
      { send: [asked('Www.Yes-1_x.TEST')] },
      { send: [asked('other.test')] },
      { way: 'tcp', send: [message({ name: labels('www.yes-1_x.test'), counts: [1, 0, 0, 1], rest: extension })] },
      ...[recordType.AAAA, recordType.TXT, recordType.ANY, recordType.PTR, 65].map((of) => ({ send: [asked('other.test', of)] })),
    ]);
    const [a, b, c] = [first?.[0], other?.[0], again?.[0]];
    assert.ok(a && b && c);
    assert.equal(a.question, 'Www\x07Yes-1_x\x04TEST');
    assert.deepEqual([a.code, a.counts, a.seconds], [answerCode.OK, [1, 1, 0, 0], 5]);
    assert.match(a.address, /^127\.(6[4-9]|[7-9]\d|1\d\d|2\d\d)\.\d+\.\d+$/);
    assert.notEqual(a.address, b.address);
    assert.deepEqual([c.address, c.counts], [a.address, [1, 1, 0, 1]]);
    assert.deepEqual(plain.names, ['www.yes-1_x.test', 'other.test']);
    for (const [reply] of rest) assert.deepEqual([reply?.code, reply?.counts], [answerCode.OK, [1, 0, 0, 0]]);
    const reversed = `${a.address.split('.').reverse().join('.')}.in-addr.arpa`;
    const [[back] = []] = await talk(world, [{ send: [asked(reversed, recordType.PTR)] }]);
    assert.equal(back?.code, answerCode.OK);
    assert.ok(back.bytes.subarray(-18).equals(labels('www.yes-1_x.test')));
  });

  const long = namesGate();
  inside('the longest name there is can be asked for, also backwards', long, async (world) => {
    const [[reply] = []] = await talk(world, [{ send: [asked(longest)] }]);
    assert.equal(reply?.code, answerCode.OK);
    assert.deepEqual(long.names, [longest]);
    const [[back] = []] = await talk(world, [
      { send: [asked(`${reply.address.split('.').reverse().join('.')}.in-addr.arpa`, recordType.PTR)] },
    ]);
    assert.ok(back?.bytes.subarray(-255).equals(labels(longest)));
  });

  const refusing = namesGate();
  inside('a refused name is not there, and is asked about each time', refusing, async (world) => {
    const replies = await talk(world, [{ send: [asked('no.test')] }, { way: 'tcp', send: [asked('no.test', recordType.AAAA)] }]);
    for (const [reply] of replies) assert.deepEqual([reply?.code, reply?.counts], [answerCode.NO_NAME, [1, 0, 0, 0]]);
    const { output, errors } = await run(
      world.link,
      python(`import socket
for name in ('no.test', 'No.test'):
    try: socket.gethostbyname(name)
    except socket.gaierror as error: print(error.errno == socket.EAI_NONAME)`),
    );
    assert.equal(output, 'True\nTrue\n');
    assert.match(errors, /LASSO: not that one/);
    assert.ok(refusing.names.length >= 4 && refusing.names.every((name) => name === 'no.test'));
  });

  const pieces = namesGate();
  inside('over TCP a question may come in pieces, and several in one', pieces, async (world) => {
    const three = [asked('a.test', recordType.A, 1), asked('b.test', recordType.A, 2), message({ id: 3, class: 3 })];
    for (const way of ['slowly', 'tcp'] as const) {
      const [replies] = await talk(world, [{ way, send: three }]);
      assert.deepEqual(
        replies?.map(({ id, code }) => [id, code]),
        [
          [1, answerCode.OK],
          [2, answerCode.OK],
          [3, answerCode.REFUSED],
        ],
      );
    }
  });

  const held: { readonly answers: ((answer: NameAnswer) => void)[] } = { answers: [] };
  const waiting = namesGate(() => new Promise((resolve) => held.answers.push(resolve)));
  inside('many wait for many names; the same name is asked about once, and too many are told so', waiting, async (world) => {
    const guest = await world.link.spawn(
      python(`import socket, struct
def ask(id, name): return struct.pack('>6H', id, 256, 1, 0, 0, 0) + bytes([len(name)]) + name + b'\\4test\\0\\0\\1\\0\\1'
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(30)
s.connect(('127.0.0.1', 53))
for i in range(100): s.send(ask(i, b'same'))
for i in range(100): s.send(ask(100 + i, b'n%d' % i))
print('sent', flush=True)
input()
codes = [s.recv(600)[3] & 15 for i in range(200)]
print(codes.count(0), codes.count(2))`),
    );
    const done = finish(guest);
    while (!waiting.names.includes('n90.test')) await delay(20);
    guest.stdio.write('go\n');
    const timer = setInterval(() => {
      for (const answer of held.answers.splice(0)) answer({ ports: [80] });
    }, 10);
    const { output } = await done;
    clearInterval(timer);
    const [ok = 0, failed = 0] = (output.toString().split('\n')[1] ?? '').split(' ').map(Number);
    assert.equal(ok + failed, 200);
    assert.ok(ok >= 191, `${ok} were answered`);
    assert.equal(waiting.names.filter((name) => name === 'same.test').length, 1);
  });

  const never = namesGate(() => new Promise(() => undefined));
  inside('a question nobody answers fails after a while', never, async (world) => {
    const [[reply] = []] = await talk(world, [{ send: [asked('a.test')] }]);
    assert.deepEqual([reply?.code, reply?.counts], [answerCode.FAILED, [1, 0, 0, 0]]);
  });

  test('what waits when the link is lost fails; names keep their addresses and are asked about anew', { timeout: 60_000 }, async () => {
    const first = namesGate((name) => (name === 'late.test' ? new Promise(() => undefined) : Promise.resolve({ ports: [80] })));
    await using world = await startGuest({ kind: 'socket', graceMs: 20_000, network: first.network });
    const guest = await world.link.spawn(
      python(`import socket, struct
def ask(name): return struct.pack('>6H', 9, 256, 1, 0, 0, 0) + bytes([len(name)]) + name + b'\\4test\\0\\0\\1\\0\\1'
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.connect(('127.0.0.1', 53))
u.send(ask(b'kept'))
kept = u.recv(600)[-4:]
s = socket.create_connection((socket.inet_ntoa(kept), 80), 30)
u.send(ask(b'late'))
print('waits', flush=True)
print(u.recv(600)[3] & 15)
try: print(s.recv(1))
except ConnectionResetError: print('reset')
u.send(ask(b'kept'))
print(u.recv(600)[-4:] == kept)
s = socket.create_connection((socket.inet_ntoa(kept), 80), 30)
print('connected')`),
    );
    await untilPrinted(guest, 'waits');
    while (!first.names.includes('late.test')) await world.link.ping();
    await world.link.dispose();
    const second = namesGate();
    const { socketPath, token } = world;
    const settings = { socketPath, token, graceMs: 0, log: silentLog, network: second.network, onIntruder: () => undefined };
    const pending = await openSocketLink(settings);
    const link = await pending.link;
    const [again] = link.resumed;
    assert.ok(again);
    assert.equal((await finish(again)).output.toString(), '2\nreset\nTrue\nconnected\n');
    assert.deepEqual(second.names, ['kept.test']);
    await pending.dispose();
  });
});
