import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { suite, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import type { EgressIntent } from '../../../helper/egress/contract.ts';
import { limitsOfSandbox } from '../../../helper/egress/limits.ts';
import { clientHello } from '../../kit/client-hello.ts';
import { openOutside, type Outside, type OutsideOptions } from '../../kit/egress.ts';
import { type Ending, heard, openServer } from '../../kit/sockets.ts';

const list = 'mode = "restricted"\nallowed_domains = ["a.example", "*.wild.example"]\nallowed_ports = [443, 80, 22]';
const hello = (name: string): Buffer => clientHello({ serverNames: [name] });

/** a.example on 203.0.113.1, whose server tells what it hears. */
async function openWorld(t: Ending, options: Partial<OutsideOptions> = {}): Promise<Outside & { readonly arrived: string[] }> {
  const arrived: string[] = [];
  const port = await openServer(t, (socket) => {
    const index = arrived.push('') - 1;
    socket.on('data', (bytes: Buffer) => {
      arrived[index] = `${arrived[index] ?? ''}${bytes.toString('latin1')}`;
      socket.write(`heard ${bytes.length}`);
    });
    socket.on('end', () => socket.end());
  });
  const servers = Object.fromEntries([443, 80, 22].map((each) => [`203.0.113.1:${each}`, port]));
  const names = { 'a.example': ['203.0.113.1'], 'x.wild.example': ['203.0.113.1'] };
  return { ...(await openOutside(t, { rules: list, names, servers, ...options })), arrived };
}

async function enter(world: Outside, host = 'a.example', port = 443): Promise<Socket> {
  const inside = await world.inside({ host, port });
  if (typeof inside === 'string') throw new Error(inside);
  return inside;
}

/** A client of TLS that trusts the sandbox's authority. */
async function secured(world: Outside, inside: Socket): Promise<void> {
  const client = connectTls({ socket: inside, servername: 'a.example', ca: world.authority.certificatePem });
  await once(client, 'secureConnect');
}

suite('a connection to a name', () => {
  test('TLS for that name goes through as it is, is decided once, and its end is told', async (t) => {
    const world = await openWorld(t);
    const inside = await enter(world);
    inside.end(hello('a.example'));
    assert.equal((await heard(inside)).text, `heard ${hello('a.example').length}`);
    const closed = await world.told('closed');
    assert.deepEqual(world.arrived, [hello('a.example').toString('latin1')]);
    assert.deepEqual(world.decided, [{ what: 'connection', host: 'a.example', port: 443, asker: null }]);
    assert.equal(closed.of, 1);
    assert.equal(closed.target, 'a.example:443');
    assert.equal(closed.detail['bytesUp'], hello('a.example').length);
    assert.equal(closed.detail['bytesDown'], `heard ${hello('a.example').length}`.length);
    assert.equal(closed.detail['address'], '203.0.113.1');
  });

  const mismatches: readonly (readonly [what: string, bytes: Buffer])[] = [
    ['another host', hello('b.example')],
    ['a host that only ends like it', hello('evil-a.example')],
    ['a host below it', hello('x.a.example')],
    ['no host', clientHello()],
    ['an address', hello('203.0.113.1')],
    ['another host, in records of 20 bytes', clientHello({ serverNames: ['b.example'], recordBytes: 20 })],
    ['another host, with an encrypted name', clientHello({ serverNames: ['front.example'], extensions: [[0xfe0d, Buffer.alloc(40)]] })],
  ];
  for (const [what, bytes] of mismatches)
    test(`TLS that names ${what} goes nowhere`, async (t) => {
      const world = await openWorld(t);
      const inside = await enter(world);
      inside.end(bytes);
      assert.equal((await heard(inside)).text, '\x15\x03\x03\x00\x02\x02\x70');
      const told = await world.told('name-mismatch');
      assert.equal(told.outcome, 'blocked');
      assert.deepEqual(world.arrived.join(''), '');
    });

  test('TLS that names the host in another spelling is for that host', async (t) => {
    const world = await openWorld(t);
    const inside = await enter(world);
    inside.write(hello('A.Example'));
    await once(inside, 'data');
    assert.equal(world.arrived.length, 1);
  });

  test('TLS that cannot be read goes nowhere', async (t) => {
    const world = await openWorld(t);
    const inside = await enter(world);
    inside.write(Buffer.of(0x16, 3, 1, 0, 4, 9, 9, 9, 9));
    assert.equal((await heard(inside)).end, 'reset');
    assert.equal((await world.told('malformed-request')).outcome, 'blocked');
    assert.equal(world.arrived.join(''), '');
  });

  test('a host whose address is named needs no server name', async (t) => {
    const world = await openWorld(t, { rules: 'mode = "restricted"\nallowed_domains = ["203.0.113.1"]\nallowed_ports = [443]' });
    const inside = await enter(world, '203.0.113.1');
    inside.write(clientHello());
    await once(inside, 'data');
    assert.deepEqual(world.resolved, []);
  });

  test('bytes of another protocol go through as they are', async (t) => {
    const world = await openWorld(t);
    const inside = await enter(world, 'a.example', 22);
    inside.end('SSH-2.0-test\r\n');
    assert.equal((await heard(inside)).text, 'heard 14');
    assert.deepEqual(world.arrived, ['SSH-2.0-test\r\n']);
  });

  test('a host that speaks first is heard', async (t) => {
    const port = await openServer(t, (socket) => void socket.end('220 ready\r\n'));
    const world = await openWorld(t, { servers: { '203.0.113.1:22': port } });
    const inside = await enter(world, 'a.example', 22);
    assert.deepEqual(await heard(inside), { text: '220 ready\r\n', end: 'end' });
    inside.end();
    await world.told('closed');
  });

  test('a silent host is not the end of looking at what is said', async (t) => {
    const world = await openWorld(t);
    const inside = await enter(world);
    await new Promise((resolve) => setTimeout(resolve, 400));
    inside.end(hello('b.example'));
    await world.told('name-mismatch');
    assert.equal(world.arrived.join(''), '');
  });

  test('a host out of reach is a reset, and is told', async (t) => {
    const world = await openWorld(t, { servers: {} });
    const inside = await enter(world, 'a.example', 22);
    inside.write('SSH-2.0-test\r\n');
    assert.equal((await heard(inside)).end, 'reset');
    const told = await world.told('unreachable');
    assert.deepEqual([told.outcome, told.of, told.detail['reason']], ['error', 1, 'unreachable']);
  });

  test('a name that leads to a closed address is a reset, and is told', async (t) => {
    const world = await openWorld(t, { names: { 'a.example': ['203.0.113.1', '10.0.0.1'] } });
    const inside = await enter(world);
    inside.write(hello('a.example'));
    assert.match((await heard(inside)).text, /^\x15\x03\x03\x00\x02\x02/);
    const told = await world.told('address-refused');
    assert.deepEqual([told.outcome, told.detail['address']], ['blocked', '10.0.0.1']);
    assert.deepEqual(world.dialled, []);
  });

  test('a name that changes its address after it was asked about is judged by the new one', async (t) => {
    const addresses = ['203.0.113.1', '127.0.0.1'];
    const world = await openWorld(t, { names: { 'a.example': () => [addresses.shift() ?? '127.0.0.1'] } });
    (await enter(world)).end(hello('a.example'));
    await world.told('closed');
    (await enter(world)).end(hello('a.example'));
    await world.told('address-refused');
    assert.deepEqual(world.dialled, ['203.0.113.1:443']);
  });
});

suite('a connection that is refused', () => {
  const refused: readonly (readonly [host: string, port: number])[] = [
    ['b.example', 443],
    ['wild.example', 443],
    ['xwild.example', 443],
    ['a.example.b.example', 443],
    ['a.example', 8443],
    ['a.example', 0],
    ['a.example', 70_000],
    ['a.example', 5432],
    ['localhost', 443],
    ['a.example\0.b.example', 443],
    ['a.example\r\nx', 443],
    ['a.example:443', 443],
    ['me@a.example', 443],
    ['', 443],
    ['127.0.0.1', 443],
    ['127.1', 443],
    ['0x7f000001', 443],
    ['017700000001', 443],
    ['2130706433', 443],
    ['0', 443],
    ['[::1]', 443],
    ['::1', 443],
    ['::ffff:127.0.0.1', 443],
    ['::ffff:7f00:1', 443],
    ['[::ffff:10.0.0.1]', 443],
    ['64:ff9b::a00:1', 443],
    ['10.0.0.1', 443],
    ['169.254.169.254', 80],
    ['0xa9fea9fe', 80],
    ['203.0.113.1', 443],
    ['１２７.0.0.1', 443],
  ];
  for (const [host, port] of refused)
    test(`${JSON.stringify(host)}:${port} is said no to, decided once, and nothing is resolved or connected`, async (t) => {
      const world = await openWorld(t);
      const answer = await world.inside({ host, port });
      assert.ok(typeof answer === 'string' && answer.startsWith('LASSO: '));
      assert.equal(world.decided.length, 1);
      assert.deepEqual([world.resolved, world.dialled], [[], []]);
    });

  test('mode none and empty lists refuse all', async (t) => {
    for (const rules of ['mode = "none"', 'mode = "restricted"', 'mode = "restricted"\nallowed_domains = []'])
      assert.equal(typeof (await (await openWorld(t, { rules })).inside({ host: 'a.example', port: 443 })), 'string');
  });
});

suite('a host whose requests are judged', () => {
  const byRequest =
    'mode = "restricted"\nallowed_ports = [443, 80]\n[[network.rules]]\nhost = "a.example"\nmethods = ["GET"]\naction = "allow"';

  test('is not tunnelled to: TLS is ended here, and nothing is decided or connected before its requests', async (t) => {
    const world = await openWorld(t, { rules: byRequest });
    const inside = await enter(world);
    await secured(world, inside);
    assert.deepEqual([world.decided, world.dialled], [[], []]);
  });

  test('is not tunnelled to either where a secret is bound to it', async (t) => {
    const secret = {
      name: 's',
      placeholder: 'placeholder-of-s',
      hosts: [{ host: 'a.example' }],
      header: 'authorization',
      value: async () => 'v',
    };
    const world = await openWorld(t, { secrets: [secret] });
    const inside = await enter(world);
    await secured(world, inside);
    assert.deepEqual(
      world.decided.map(({ what }) => what),
      ['connection'],
    );
  });

  test('hears nothing of bytes that are no requests', async (t) => {
    const world = await openWorld(t, { rules: byRequest });
    const inside = await enter(world);
    inside.write('SSH-2.0-test\r\n');
    assert.equal((await heard(inside)).end, 'reset');
    assert.deepEqual(world.decided, [{ what: 'connection', host: 'a.example', port: 443, asker: null }]);
    assert.deepEqual(world.dialled, []);
  });

  test('is refused at once on a port no rule opens', async (t) => {
    const world = await openWorld(t, { rules: byRequest });
    assert.ok(typeof (await world.inside({ host: 'a.example', port: 22 })) === 'string');
  });

  test('hears the requests that are allowed, each decided by itself; new rules end what they forbid', async (t) => {
    const world = await openWorld(t, { rules: byRequest });
    const inside = await enter(world, 'a.example', 80);
    const answer = heard(inside);
    inside.write('GET /slow HTTP/1.1\r\nHost: a.example\r\n\r\n');
    while (!world.arrived.join('').includes('GET /slow')) await new Promise(setImmediate);
    assert.deepEqual(
      world.decided.map(({ what, method, path }) => [what, method, path]),
      [['request', 'GET', '/slow']],
    );
    world.setRules(byRequest.replace('GET', 'POST'));
    world.egress.reconsider();
    assert.notEqual((await answer).end, 'end');
  });
});

suite('a person who is asked', () => {
  const ask = 'mode = "restricted"\nallowed_ports = [443]\nunlisted = "ask"';

  test('holds that connection and no other', async (t) => {
    const waiting = Promise.withResolvers<boolean>();
    const asked: EgressIntent[] = [];
    const world = await openWorld(t, {
      rules: `${ask}\nallowed_domains = ["x.wild.example"]`,
      answer: (intent) => {
        asked.push(intent);
        return waiting.promise;
      },
    });
    const held = enter(world);
    (await enter(world, 'x.wild.example')).end(hello('x.wild.example'));
    await world.told('closed');
    assert.deepEqual(asked, [{ what: 'connection', host: 'a.example', port: 443, asker: null }]);
    waiting.resolve(true);
    const inside = await held;
    inside.write(hello('a.example'));
    await once(inside, 'data');
  });

  test('is not asked any more when whoever asked has gone', async (t) => {
    const signals: AbortSignal[] = [];
    const world = await openWorld(t, {
      rules: ask,
      answer: (_intent, signal) => {
        signals.push(signal);
        return new Promise((resolve) => signal.addEventListener('abort', () => resolve(false)));
      },
    });
    const gone = new AbortController();
    const answer = world.egress.connect({ kind: 'name', host: 'a.example', port: 443, asker: null }, gone.signal);
    gone.abort();
    assert.equal((await answer).allow, false);
    const proxy = await world.proxy();
    proxy.write('CONNECT b.example:443 HTTP/1.1\r\n\r\n');
    while (signals.length < 2) await new Promise(setImmediate);
    proxy.end();
    assert.equal((await heard(proxy)).text, '');
    assert.ok(signals.every(({ aborted }) => aborted));
  });
});

suite('rules that change', () => {
  const open = async (t: Ending, options: Partial<OutsideOptions> = {}): Promise<{ readonly world: Outside; readonly inside: Socket }> => {
    const world = await openWorld(t, options);
    const inside = await enter(world);
    inside.write(hello('a.example'));
    await once(inside, 'data');
    return { world, inside };
  };

  const ending: readonly (readonly [what: string, rules: string])[] = [
    ['take the host away', 'mode = "restricted"\nallowed_ports = [443]'],
    ['block the host', `${list}\nblocked_domains = ["a.example"]`],
    ['block the port', `${list}\nblocked_ports = [443]`],
    ['block its address', `${list}\nblocked_cidrs = ["203.0.113.0/24"]`],
    ['say no network', 'mode = "none"'],
    ['look at its requests from now on', `${list}\n[[network.rules]]\nhost = "a.example"\nmethods = ["GET"]\naction = "allow"`],
    ['want a person asked', 'mode = "restricted"\nallowed_ports = [443]\nunlisted = "ask"'],
  ];
  for (const [what, rules] of ending)
    test(`to ${what} reset what is open, and say so`, async (t) => {
      const { world, inside } = await open(t);
      world.setRules(rules);
      world.egress.reconsider();
      assert.equal((await heard(inside)).end, 'reset');
      const told = world.reported.find(({ action, outcome }) => action === 'closed' && outcome === 'blocked');
      assert.deepEqual([told?.target, told?.of], ['a.example:443', 1]);
    });

  const keeping: readonly (readonly [what: string, before: string, after: string])[] = [
    ['other hosts are allowed too', list, list.replace('["a.example"', '["b.example", "a.example"')],
    [
      'a person allowed it and would be asked again',
      'mode = "restricted"\nallowed_ports = [443]\nunlisted = "ask"',
      'mode = "restricted"\nallowed_ports = [443, 80]\nunlisted = "ask"',
    ],
  ];
  for (const [what, before, after] of keeping)
    test(`where ${what}, it stays open`, async (t) => {
      const { world, inside } = await open(t, { rules: before, answer: async () => true });
      world.setRules(after);
      world.egress.reconsider();
      inside.write('more');
      await once(inside, 'data');
    });
});

suite('limits', () => {
  test('no more connections are open at once than may be, and one line a second says so', async (t) => {
    let now = 0;
    const world = await openOutside(t, { rules: list, monotonicMs: () => now });
    const opened = [];
    for (let index = 0; index < limitsOfSandbox.connections; index += 1)
      opened.push(await world.egress.connect({ kind: 'proxy', host: '', port: 0, asker: null }));
    assert.ok(opened.every(({ allow }) => allow));
    for (let index = 0; index < 500; index += 1) {
      const refused = await world.egress.connect({ kind: 'name', host: 'a.example', port: 443, asker: null });
      assert.ok(!refused.allow && /more than 200 connections a second/.test(refused.message ?? ''));
    }
    assert.equal(world.reported.length, 1);
    now = 1000;
    assert.ok((await world.egress.connect({ kind: 'name', host: 'a.example', port: 443, asker: null })).allow);
    assert.deepEqual(world.decided.length, 1);
  });

  test('what is closed makes room', async (t) => {
    let now = 0;
    const world = await openWorld(t, { monotonicMs: () => (now += 1000) });
    for (let index = 0; index < 5; index += 1) {
      const inside = await enter(world, 'a.example', 22);
      inside.end('x\0');
      await heard(inside);
    }
    assert.equal(world.reported.filter(({ action }) => action === 'flood').length, 0);
  });

  test('after its end nothing is answered yes any more, and what was open is reset', async (t) => {
    const world = await openWorld(t);
    const inside = await enter(world);
    inside.write(hello('a.example'));
    await once(inside, 'data');
    world.egress.dispose();
    assert.equal((await heard(inside)).end, 'reset');
    assert.equal((await world.egress.connect({ kind: 'proxy', host: '', port: 0, asker: null })).allow, false);
    assert.deepEqual((await world.egress.name({ name: 'a.example', asker: null })).ports, []);
  });
});
