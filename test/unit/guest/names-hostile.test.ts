/** What a program sends to the resolver of its sandbox is hostile: whatever it is, it gets a plain answer or none. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { suite, test } from 'node:test';
import {
  answerCode,
  asked,
  extension,
  labels,
  message,
  namesGate,
  python,
  recordType,
  sentinel,
  talk,
  u16,
  type SeenNames,
} from '../../kit/dns.ts';
import { checkedGuestProgram, run, startGuest, untilPrinted, type GuestWorld } from '../../kit/guest.ts';

const skip = existsSync(checkedGuestProgram) ? false : 'no compiler with sanitizers was found';
/** one letter more is too many */
const longest = `${`${'l'.repeat(63)}.`.repeat(3)}${'m'.repeat(61)}`;

/** [what it is, message, code of the answer]; none of them is asked about */
const wrong: readonly (readonly [string, Buffer, number])[] = [
  ['two questions', message({ counts: [2, 0, 0, 0], rest: asked('b.test').subarray(12) }), answerCode.MALFORMED],
  ['no question', message({ counts: [0, 0, 0, 0] }), answerCode.MALFORMED],
  ['a name that points at itself', message({ name: Buffer.from([0xc0, 12]) }), answerCode.MALFORMED],
  ['a name that points at the header', message({ name: Buffer.from([1, 97, 0xc0, 0]) }), answerCode.MALFORMED],
  ['a label of 64', message({ name: labels(`${'x'.repeat(64)}.test`) }), answerCode.MALFORMED],
  ['an extended label', message({ name: Buffer.from([0x41, 1, 0]) }), answerCode.MALFORMED],
  ['a name of 256', message({ name: labels(`${longest}n`) }), answerCode.MALFORMED],
  ['a name without an end', Buffer.concat([u16(7, 0x100, 1, 0, 0, 0), Buffer.from([3, 97, 97])]), answerCode.MALFORMED],
  ['a label beyond the end', Buffer.concat([u16(7, 0x100, 1, 0, 0, 0), Buffer.from([60, 97])]), answerCode.MALFORMED],
  ['a question without its type', asked('a.test').subarray(0, -4), answerCode.MALFORMED],
  ['half a class', asked('a.test').subarray(0, -1), answerCode.MALFORMED],
  ['a header alone', u16(7, 0x100, 1, 0, 0, 0), answerCode.MALFORMED],
  ['something behind the end', message({ rest: Buffer.from([0]) }), answerCode.MALFORMED],
  ['an answer in the question', message({ counts: [1, 1, 0, 0], rest: extension }), answerCode.MALFORMED],
  ['an authority in the question', message({ counts: [1, 0, 1, 0], rest: extension }), answerCode.MALFORMED],
  ['two more records', message({ counts: [1, 0, 0, 2], rest: Buffer.concat([extension, extension]) }), answerCode.MALFORMED],
  ['a record that is not there', message({ counts: [1, 0, 0, 1] }), answerCode.MALFORMED],
  ['half an extension', message({ counts: [1, 0, 0, 1], rest: extension.subarray(0, 6) }), answerCode.MALFORMED],
  [
    'an extension longer than it is',
    message({ counts: [1, 0, 0, 1], rest: Buffer.from([...extension.subarray(0, 10), 9]) }),
    answerCode.MALFORMED,
  ],
  [
    'another record for an extension',
    message({ counts: [1, 0, 0, 1], rest: Buffer.from([0, 0, 1, ...extension.subarray(3)]) }),
    answerCode.MALFORMED,
  ],
  ['another class', message({ class: 3 }), answerCode.REFUSED],
  ['every class', message({ class: 255 }), answerCode.REFUSED],
  ['another operation', message({ flags: 0x2800 }), answerCode.UNKNOWN],
  ['the root', message({ name: Buffer.of(0), type: recordType.NS }), answerCode.NO_NAME],
  ['a dot in a label', message({ name: Buffer.from([3, 97, 46, 98, 4, 116, 101, 115, 116, 0]) }), answerCode.NO_NAME],
  ['a zero in a label', asked('a\0b.test'), answerCode.NO_NAME],
  ['a line end in a label', asked('a\r\nb.test'), answerCode.NO_NAME],
  ['a space in a label', asked('a b.test'), answerCode.NO_NAME],
  ['bytes above ASCII', asked('\xe4.test'), answerCode.NO_NAME],
  ['an address nobody has', asked('9.9.64.127.in-addr.arpa', recordType.PTR), answerCode.NO_NAME],
  ['an address outside', asked('10.113.0.203.in-addr.arpa', recordType.PTR), answerCode.NO_NAME],
  ['an address with a leading zero', asked('01.0.64.127.in-addr.arpa', recordType.PTR), answerCode.NO_NAME],
  ['an address of more than a byte', asked('300.0.64.127.in-addr.arpa', recordType.PTR), answerCode.NO_NAME],
  ['a reversed address of IPv6', asked(`${'0.'.repeat(32)}ip6.arpa`, recordType.PTR), answerCode.NO_NAME],
];

suite('hostile questions about names', { timeout: 120_000, concurrency: 2 }, () => {
  const inside = (name: string, seen: SeenNames, body: (world: GuestWorld) => Promise<void>): void => {
    test(name, { timeout: 60_000 }, async () => {
      await using world = await startGuest({ kind: 'socket', network: seen.network });
      await body(world);
    });
  };

  for (const way of ['udp', 'tcp'] as const) {
    const seen = namesGate();
    inside(`what is no question is answered as such over ${way}, and never asked about`, seen, async (world) => {
      const replies = await talk(
        world,
        wrong.map(([, bytes]) => ({ way, send: [bytes] })),
      );
      wrong.forEach(([what, , expected], index) => {
        assert.deepEqual(
          replies[index]?.map(({ id, code, counts }) => [id, code, counts[1]]),
          [[7, expected, 0]],
          what,
        );
      });
      assert.deepEqual(seen.names, []);
    });
  }

  const silent = namesGate();
  inside('an answer, and what has no header, is answered with silence', silent, async (world) => {
    const never = [message({ flags: 0x8180 }), Buffer.alloc(0), Buffer.alloc(11, 1), sentinel.subarray(0, 5)];
    const replies = await talk(
      world,
      never.map((bytes) => ({ send: [bytes, sentinel], replies: 1 })),
    );
    for (const [reply] of replies) assert.deepEqual([reply?.id, reply?.code], [0xfffe, answerCode.UNKNOWN]);
    const tcp = [
      Buffer.from([0, 0]),
      Buffer.from([0, 11]),
      Buffer.from([0xff, 0xff]),
      Buffer.concat([u16(12), u16(7, 0x8180, 1, 0, 0, 0)]),
    ];
    const ended = await talk(
      world,
      tcp.map((bytes) => ({ way: 'raw' as const, send: [bytes], replies: 1 })),
    );
    assert.deepEqual(ended, [[], [], [], []]);
  });

  const idle = namesGate();
  inside('who connects and says nothing keeps nobody from asking', idle, async (world) => {
    const silentOnes = await world.link.spawn(
      python(`import socket, time
all = []
for i in range(500):
    s = socket.create_connection(('127.0.0.1', 53), 30)
    s.send(b'\\0' if i % 2 else b'\\0\\x20abc')
    all.append(s)
print('here', flush=True)
time.sleep(60)`),
    );
    await untilPrinted(silentOnes, 'here');
    const [[tcp] = [], [udp] = []] = await talk(world, [{ way: 'tcp', send: [asked('a.test')] }, { send: [asked('b.test')] }]);
    assert.deepEqual([tcp?.code, udp?.code], [answerCode.OK, answerCode.OK]);
    silentOnes.signal(9, 'group');
  });

  test('whatever bytes come, the guest reads and writes nothing beside them', { skip, timeout: 120_000 }, async () => {
    const seen = namesGate();
    await using world = await startGuest({ kind: 'socket', program: checkedGuestProgram, network: seen.network });
    const { output, errors } = await run(
      world.link,
      python(`import random, socket, struct
random.seed(5)
good = [bytes.fromhex(text) for text in '${[...wrong.slice(0, 24).map(([, bytes]) => bytes), asked('a.test'), asked('1.0.64.127.in-addr.arpa', recordType.PTR)].map((bytes) => bytes.toString('hex')).join()}'.split(',')]
def mutant():
    b = bytearray(random.choice(good))
    for i in range(random.randrange(4)):
        how = random.randrange(4)
        if how == 0 and b: b[random.randrange(len(b))] = random.randrange(256)
        if how == 1: del b[random.randrange(len(b) + 1):]
        if how == 2: b += random.randbytes(random.randrange(300))
        if how == 3: b = bytearray(random.randbytes(random.randrange(64)))
    return bytes(b)
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.connect(('127.0.0.1', 53))
u.setblocking(False)
for i in range(6000):
    u.send(mutant())
    try: u.recv(2048)
    except BlockingIOError: pass
for i in range(150):
    s = socket.create_connection(('127.0.0.1', 53), 30)
    for j in range(5):
        m = mutant()
        try: s.send(struct.pack('>H', random.choice([len(m)] * 9 + [random.randrange(65536)])) + m)
        except OSError: break
    s.close()
print('done', socket.gethostbyname('after.test').startswith('127.'))`),
    );
    assert.equal(output, 'done True\n', errors);
    assert.equal(world.words(), '');
    for (const name of seen.names) assert.match(name, /^[a-z0-9_.-]{1,253}$/);
  });
});
