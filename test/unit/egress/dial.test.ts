import assert from 'node:assert/strict';
import { type Duplex, PassThrough } from 'node:stream';
import { suite, test } from 'node:test';
import { type Network, EgressFailure, type ResolvedAddress, type UpstreamProxy } from '../../../helper/egress/contract.ts';
import { connectFirst, interleaved } from '../../../helper/egress/connect-first.ts';
import { type DialTimes, dial } from '../../../helper/egress/dial.ts';
import { systemNetwork } from '../../../helper/egress/system-network.ts';
import { networkRulesOfText } from '../../kit/network-rules.ts';
import { heard, openServer } from '../../kit/sockets.ts';

const never = new AbortController().signal;
const times: DialTimes = { timeoutMs: 300, headStartMs: 20, lookBeforeProxyMs: 50 };
const failing = (code: string): Promise<never> => Promise.reject(Object.assign(new Error(code), { code }));
const hanging = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('given up'))));

interface Made {
  readonly network: Network;
  readonly tried: string[];
}

/** A network in which names have these addresses, and addresses answer unless said otherwise. */
function made(
  addresses: readonly string[],
  connect: (address: string, signal: AbortSignal) => Promise<Duplex> = async () => new PassThrough(),
): Made {
  const tried: string[] = [];
  return {
    tried,
    network: {
      resolve: async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      connect: ({ address, port }, signal) => {
        tried.push(`${address}:${port}`);
        return connect(address, signal);
      },
    },
  };
}

const reach = (network: Network, host = 'a.example', rules = '', upstreamProxy?: UpstreamProxy): Promise<string> =>
  dial(
    {
      rules: () => networkRulesOfText(`mode = "full"\n${rules}`),
      nameServers: () => [],
      network,
      ...(upstreamProxy ? { upstreamProxy } : {}),
    },
    { host, port: 443 },
    never,
    times,
  ).then(
    ({ address }) => address,
    (error: unknown) => (error instanceof EgressFailure ? error.reason : String(error)),
  );

suite('addresses of a name', () => {
  const closed = [
    ['127.0.0.1'],
    ['::1'],
    ['0.0.0.0'],
    ['10.0.0.5'],
    ['169.254.169.254'],
    ['192.168.1.1'],
    ['100.64.0.1'],
    ['fe80::1'],
    ['fd00:ec2::254'],
    ['::ffff:10.0.0.1'],
    ['::ffff:127.0.0.1'],
    ['64:ff9b::7f00:1'],
    ['2002:7f00:1::'],
    ['224.0.0.1'],
    ['255.255.255.255'],
    ['203.0.113.1', '10.0.0.5'],
    ['10.0.0.5', '203.0.113.1'],
    ['2001:db8::1', '::1'],
    ['0177.0.0.1'],
    ['0x7f000001'],
    ['203.0.113.1', 'localhost'],
    ['fe80::1%eth0'],
  ];
  for (const addresses of closed)
    test(`${addresses.join(' and ')}: nothing is connected to`, async () => {
      const { network, tried } = made(addresses);
      assert.equal(await reach(network), 'address-refused');
      assert.deepEqual(tried, []);
    });

  test('an address that the profile opens is connected to', async () => {
    const { network } = made(['10.20.0.5']);
    assert.equal(await reach(network, 'registry.example', 'allowed_cidrs = ["10.20.0.0/16"]'), '10.20.0.5');
  });

  test('a name is resolved and judged again each time, and nothing else is connected to than what was judged', async () => {
    const answers = [['203.0.113.1'], ['127.0.0.1']];
    const { network, tried } = made([]);
    const rebinding: Network = {
      ...network,
      resolve: async () => (answers.shift() ?? []).map((address) => ({ address, family: 4 })),
    };
    assert.equal(await reach(rebinding), '203.0.113.1');
    assert.equal(await reach(rebinding), 'address-refused');
    assert.deepEqual(tried, ['203.0.113.1:443']);
  });

  test('a host that is an address is judged too, and not resolved', async () => {
    const { network } = made([]);
    assert.equal(await reach(network, '203.0.113.9'), '203.0.113.9');
    assert.equal(await reach(network, '10.0.0.1'), 'address-refused');
    assert.equal(await reach(network, '::ffff:10.0.0.1'), 'address-refused');
  });

  test('a name without addresses is said to have none', async () => {
    assert.equal(await reach(made([]).network), 'unresolved');
    assert.equal(await reach({ ...made([]).network, resolve: () => failing('ENOTFOUND') }), 'unresolved');
  });

  test('a host that does not answer is given up', async () => {
    assert.equal(await reach(made(['203.0.113.1'], (_, signal) => hanging(signal)).network), 'timeout');
    assert.equal(await reach({ ...made([]).network, resolve: (_host, _servers, signal) => hanging(signal) }), 'timeout');
  });

  test('a host that refuses is said to be out of reach', async () => {
    assert.equal(await reach(made(['203.0.113.1'], () => failing('ECONNREFUSED')).network), 'unreachable');
  });

  test('what is no longer wanted is given up', async () => {
    const stop = new AbortController();
    const { network } = made(['203.0.113.1'], (_, signal) => hanging(signal));
    const dialling = dial(
      { rules: () => networkRulesOfText('mode = "full"'), nameServers: () => [], network },
      { host: 'a.example', port: 1 },
      stop.signal,
      times,
    );
    stop.abort();
    await assert.rejects(dialling, (error: unknown) => error instanceof EgressFailure && error.reason === 'cancelled');
  });
});

suite('several addresses', () => {
  const addresses = (...all: string[]): ResolvedAddress[] => all.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

  test('families take turns, the first one first', () => {
    const order = interleaved(addresses('::1', '::2', '::3', '1', '2')).map(({ address }) => address);
    assert.deepEqual(order, ['::1', '1', '::2', '2', '::3']);
    assert.deepEqual(
      interleaved(addresses('1', '::1', '::2')).map(({ address }) => address),
      ['1', '::1', '::2'],
    );
  });

  test('the next is tried at once when one fails, and after a while when one does not answer', async () => {
    const { network, tried } = made(['2001:db8::1', '2001:db8::2', '203.0.113.1'], (address, signal) =>
      address === '2001:db8::1' ? failing('ENETUNREACH') : address.includes(':') ? hanging(signal) : Promise.resolve(new PassThrough()),
    );
    assert.equal(await reach(network), '203.0.113.1');
    assert.deepEqual(tried, ['2001:db8::1:443', '203.0.113.1:443']);
  });

  test('one that answers too late is closed', async () => {
    const late = new PassThrough();
    const answered = Promise.withResolvers<Duplex>();
    const { stream } = await connectFirst(
      addresses('1', '2'),
      (address) => (address === '1' ? answered.promise : Promise.resolve(new PassThrough())),
      5,
      never,
    );
    answered.resolve(late);
    await new Promise(setImmediate);
    assert.ok(late.destroyed && !stream.destroyed);
  });

  test('no address at all, and none that answers, are failures', async () => {
    await assert.rejects(connectFirst([], () => failing('x'), 5, never));
    await assert.rejects(
      connectFirst(addresses('1', '2'), (address) => failing(address), 5, never),
      /2/,
    );
  });
});

suite('the user’s own proxy', () => {
  const proxy: UpstreamProxy = { host: 'proxy.example', port: 3128, authorization: 'Basic dTpw', except: ['.inside.example'] };

  /** A proxy that answers so, on a made-up network; what it was asked. */
  async function serving(
    t: Parameters<typeof openServer>[0],
    answer: string,
    known: readonly string[] = ['203.0.113.7'],
  ): Promise<Made & { readonly asked: Promise<string> }> {
    const asked = Promise.withResolvers<string>();
    const port = await openServer(t, (socket) => {
      socket.once('data', (bytes: Buffer) => {
        asked.resolve(bytes.toString('latin1'));
        socket.end(answer);
      });
    });
    const { network, tried } = made([], (_address, signal) => systemNetwork.connect({ address: '127.0.0.1', port }, signal));
    const resolve: Network['resolve'] = async (host) =>
      (host === 'proxy.example' ? ['127.0.0.1'] : known).map((address) => ({ address, family: 4 }));
    return { network: { ...network, resolve }, tried, asked: asked.promise };
  }

  test('a host is asked for by its name, through the proxy wherever that is', async (t) => {
    const { network, tried, asked } = await serving(t, 'HTTP/1.1 200 OK\r\nX: y\r\n\r\nhello');
    const facts = { rules: () => networkRulesOfText('mode = "full"'), nameServers: () => [], network, upstreamProxy: proxy };
    const { stream } = await dial(facts, { host: 'a.example', port: 443 }, never, times);
    assert.deepEqual(await heard(stream), { text: 'hello', end: 'end' });
    stream.destroy();
    assert.deepEqual(tried, ['127.0.0.1:3128']);
    assert.equal(await asked, 'CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\nProxy-Authorization: Basic dTpw\r\n\r\n');
  });

  test('a name this machine knows is judged by its addresses first', async (t) => {
    const { network, tried } = await serving(t, '', ['10.0.0.1']);
    assert.equal(await reach(network, 'a.example', '', proxy), 'address-refused');
    assert.deepEqual(tried, []);
  });

  test('a name only the proxy knows is left to it', async (t) => {
    const { network } = await serving(t, 'HTTP/1.1 200 OK\r\n\r\n', []);
    assert.equal(await reach(network, 'a.example', '', proxy), 'a.example');
  });

  test('what it excepts is connected to directly', async (t) => {
    const { network, tried } = await serving(t, '');
    assert.equal(await reach(network, 'b.inside.example', '', proxy), '203.0.113.7');
    assert.deepEqual(tried, ['203.0.113.7:443']);
  });

  for (const answer of [
    'HTTP/1.1 403 No\r\n\r\n',
    'HTTP/1.1 200 OK\n\n',
    'SSH-2.0-x\r\n\r\n',
    '',
    'HTTP/1.1 2000 OK\r\n\r\n',
    `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(20_000)}`,
  ])
    test(`the answer ${JSON.stringify(answer.slice(0, 30))} is no connection`, async (t) => {
      const { network } = await serving(t, answer);
      assert.equal(await reach(network, 'a.example', '', proxy), 'unreachable');
    });
});

suite('the machine’s network', () => {
  test('it connects to addresses, and never looks a name up', async (t) => {
    const port = await openServer(t, (socket) => void socket.end('hello'));
    const stream = await systemNetwork.connect({ address: '127.0.0.1', port }, never);
    assert.deepEqual(await heard(stream), { text: 'hello', end: 'end' });
    stream.destroy();
    await assert.rejects(systemNetwork.connect({ address: 'localhost', port }, never), /no address/);
  });

  test('names of this machine are resolved its own way', async () => {
    const found = await systemNetwork.resolve('localhost', [], never);
    assert.ok(found.every(({ address }) => ['127.0.0.1', '::1'].includes(address)));
  });

  test('a name server that is none, one that refuses and a withdrawn question are failures', async () => {
    await assert.rejects(systemNetwork.resolve('a.example', ['no server'], never));
    await assert.rejects(systemNetwork.resolve('a.example', ['127.0.0.1:1'], never));
    await assert.rejects(systemNetwork.resolve('a.example', ['127.0.0.1:1'], AbortSignal.abort()));
    await assert.rejects(systemNetwork.connect({ address: '127.0.0.1', port: 1 }, AbortSignal.abort()));
  });
});
