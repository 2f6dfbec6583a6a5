import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { suite, test } from 'node:test';
import type { EgressIntent } from '../../../helper/egress/contract.ts';
import { limitsOfSandbox } from '../../../helper/egress/limits.ts';
import { enter, hello, list, openWorld } from '../../kit/echoing.ts';
import { openOutside, type Outside, type OutsideOptions } from '../../kit/egress.ts';
import { type Ending, heard } from '../../kit/sockets.ts';

/** A client of TLS that trusts the sandbox's authority. */
async function secured(world: Outside, inside: Socket): Promise<void> {
  const client = connectTls({ socket: inside, servername: 'a.example', ca: world.authority.certificatePem });
  await once(client, 'secureConnect');
}

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
  test('many connections at once are all carried, each to its own end', async (t) => {
    const world = await openWorld(t);
    const all = await Promise.all(Array.from({ length: 250 }, () => enter(world, 'a.example', 22)));
    const answers = all.map((inside, index) => {
      inside.end(`\0${'x'.repeat(index)}`);
      return heard(inside);
    });
    assert.deepEqual(
      (await Promise.all(answers)).map(({ text }) => text),
      all.map((_, index) => `heard ${index + 1}`),
    );
  });

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
