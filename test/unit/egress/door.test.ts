import assert from 'node:assert/strict';
import { once } from 'node:events';
import { suite, test } from 'node:test';
import { clientHello } from '../../kit/client-hello.ts';
import { enter, hello, openWorld } from '../../kit/echoing.ts';
import { heard, openServer } from '../../kit/sockets.ts';

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
