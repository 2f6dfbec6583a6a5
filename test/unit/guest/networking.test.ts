/** What the helper does about names and connections, whatever a guest says, over both links. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { suite, test } from 'node:test';
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import { deferred } from '../../../helper/guest/deferred.ts';
import type { ConnectionAnswer, NameAnswer, NetworkGate } from '../../../helper/guest/network.ts';
import { connectionIds, frameType, initialWindowBytes } from '../../../helper/protocol/guest.ts';
import { fakeGuest, type FakeGuest, type FakeStream } from '../../kit/fake-guest.ts';

const first: number = connectionIds.guest;
const u16 = (...values: readonly number[]): Buffer => Buffer.concat(values.map((value) => Buffer.of(value >> 8, value & 255)));
const u32 = (value: number): Buffer => Buffer.of(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
const words = (...texts: readonly string[]): Buffer => Buffer.from(texts.map((text) => `${text}\0`).join(''));
const nameAsk = (name: string): Buffer => Buffer.concat([u32(7), words(name, '/usr/bin/curl', 'curl')]);
const connectAsk = (host: string, port = 443): Buffer =>
  Buffer.concat([Buffer.of(host === '' ? 1 : 0), u16(port), u32(7), words(host, '/usr/bin/curl', 'curl')]);

const gateOf = (gate: Partial<NetworkGate>): NetworkGate => ({
  name: () => Promise.resolve({ ports: [443] }),
  connect: () => Promise.resolve({ allow: false }),
  ...gate,
});

/** A gate whose connections the test holds. */
function takingGate(): { readonly gate: NetworkGate; readonly taken: () => Promise<Duplex> } {
  const streams: Duplex[] = [];
  const waiting: ((stream: Duplex) => void)[] = [];
  const carry = (stream: Duplex): void => {
    const take = waiting.shift();
    if (take) take(stream);
    else streams.push(stream);
  };
  const taken = (): Promise<Duplex> => {
    const stream = streams.shift();
    return stream ? Promise.resolve(stream) : new Promise((resolve) => waiting.push(resolve));
  };
  return { gate: gateOf({ connect: () => Promise.resolve({ allow: true, carry }) }), taken };
}

/** A connection from inside, both ends of it. */
async function connection(guest: FakeGuest, taken: () => Promise<Duplex>, id = first): Promise<{ stream: Duplex; inside: FakeStream }> {
  guest.say(frameType.CONNECT_ASK, id, connectAsk('api.example'));
  const open = await guest.hear(frameType.CONNECT_OPEN);
  assert.equal(open.id, id);
  const inside = await guest.stream(id, open.payload);
  return { stream: await taken(), inside };
}

const readAll = async (stream: Duplex): Promise<Buffer> => Buffer.concat(await stream.toArray());
const brokenWith = async (stream: Duplex): Promise<unknown> => {
  await until(() => stream.closed);
  const error = stream.errored;
  return error instanceof Error && 'code' in error ? error.code : error;
};
async function until(holds: () => boolean): Promise<void> {
  for (let times = 0; !holds(); times += 1) {
    assert.ok(times < 3000, 'it never came to be');
    await delay(2);
  }
}

for (const kind of ['socket', 'stdio'] as const)
  suite(`names and connections over ${kind}`, { timeout: 60_000 }, () => {
    test('what the guest listens on is known when the link is', async () => {
      for (const [flags, names, proxy] of [
        [3, true, true],
        [1, true, false],
        [0, false, false],
      ] as const) {
        await using guest = await fakeGuest(kind, gateOf({}), flags);
        assert.deepEqual(guest.link.listens, { names, proxy });
      }
    });

    test('a name is answered with its ports, or with why not', async () => {
      const asked: unknown[] = [];
      const answers: Record<string, NameAnswer> = {
        'yes.example': { ports: [443, 80, 443, 70_000, 0] },
        'no.example': { ports: [], message: 'LASSO: no\n\u001b[2Jno' },
      };
      const name: NetworkGate['name'] = (question) => {
        asked.push(question);
        const answer = answers[question.name];
        return answer ? Promise.resolve(answer) : Promise.reject(new Error('cannot tell'));
      };
      await using guest = await fakeGuest(kind, gateOf({ name }));
      const ask = async (id: number, host: string): Promise<string> => {
        guest.say(frameType.NAME_ASK, id, nameAsk(host));
        const { id: answered, payload } = await guest.hear(frameType.NAME_ANSWER);
        assert.equal(answered, id);
        return payload.toString('latin1');
      };
      assert.equal(await ask(1, 'yes.example'), u16(2, 443, 80).toString('latin1'));
      assert.equal(await ask(2, 'no.example'), `${u16(0).toString('latin1')}LASSO: no  [2Jno\r\n`);
      assert.match(await ask(3, 'other.example'), /^\0\0LASSO: this could not be judged/);
      assert.deepEqual(asked[0], { name: 'yes.example', asker: { pid: 7, executable: '/usr/bin/curl', argv: ['curl'] } });
    });

    test('a flood of names is answered no, and does not grow what is thought about', async () => {
      const release = deferred<NameAnswer>();
      let asked = 0;
      const name: NetworkGate['name'] = () => {
        asked += 1;
        return release.promise;
      };
      await using guest = await fakeGuest(kind, gateOf({ name }));
      for (let id = 1; id <= 1500; id += 1) guest.say(frameType.NAME_ASK, id, nameAsk(`n${id}.example`));
      await until(() => guest.unheard(frameType.NAME_ANSWER).length === 1500 - 512);
      assert.equal(asked, 512);
      release.resolve({ ports: [80] });
      await until(() => guest.unheard(frameType.NAME_ANSWER).length === 1500);
      await guest.link.ping();
    });

    test('a name that is thought about while names are forgotten is thought about again', async () => {
      const held = deferred<NameAnswer>();
      const answers = [held.promise, Promise.resolve({ ports: [8443] })];
      await using guest = await fakeGuest(kind, gateOf({ name: () => answers.shift() ?? Promise.reject(new Error('asked too often')) }));
      guest.say(frameType.NAME_ASK, 1, nameAsk('api.example'));
      await until(() => answers.length === 1);
      guest.link.forgetNames();
      await guest.hear(frameType.NAMES_FORGET);
      held.resolve({ ports: [443] });
      assert.deepEqual((await guest.hear(frameType.NAME_ANSWER)).payload, u16(1, 8443));
    });

    test('a refused connection is told why, and what fails is refused', async () => {
      const answers: ConnectionAnswer[] = [{ allow: false, message: 'LASSO: not there' }];
      const connect: NetworkGate['connect'] = () =>
        Promise.resolve(answers.shift()).then((answer) => answer ?? Promise.reject(new Error('broken')));
      await using guest = await fakeGuest(kind, gateOf({ connect }));
      for (const [id, text] of [
        [first, 'LASSO: not there\r\n'],
        [first + 1, /could not be judged/],
      ] as const) {
        guest.say(frameType.CONNECT_ASK, id, connectAsk('api.example'));
        const refusal = await guest.hear(frameType.CONNECT_REFUSE);
        assert.equal(refusal.id, id);
        if (typeof text === 'string') assert.equal(refusal.payload.toString(), text);
        else assert.match(refusal.payload.toString(), text);
      }
    });

    test('bytes pass both ways unchanged, and each side ends by itself', async () => {
      const { gate, taken } = takingGate();
      await using guest = await fakeGuest(kind, gate);
      const { stream, inside } = await connection(guest, taken);
      const up = Buffer.alloc(200_000, 'up');
      inside.send(up);
      inside.end();
      assert.deepEqual(await readAll(stream), up);
      assert.equal(stream.destroyed, false);
      stream.end('down');
      assert.equal((await guest.hear(frameType.END)).id, first);
      await until(() => inside.received().length === 4);
      assert.equal(inside.received().toString(), 'down');
      await until(() => stream.destroyed);
      await turn();
      assert.deepEqual(guest.unheard(frameType.RESET), []);
    });

    test('a stream that ends without END is broken, never over', async () => {
      const { gate, taken } = takingGate();
      await using guest = await fakeGuest(kind, gate);
      const { stream, inside } = await connection(guest, taken);
      inside.send(Buffer.from('part'));
      const over = readAll(stream);
      await until(() => stream.readableDidRead);
      inside.vanish();
      guest.say(frameType.RESET, first);
      await assert.rejects(over, { code: 'ECONNRESET' });
    });

    test('destroy() resets inside, once, and later words about it are passed over', async () => {
      const { gate, taken } = takingGate();
      await using guest = await fakeGuest(kind, gate);
      const { stream, inside } = await connection(guest, taken);
      stream.destroy();
      assert.equal((await guest.hear(frameType.RESET)).id, first);
      inside.end();
      guest.say(frameType.RESET, first);
      guest.say(frameType.END, first);
      const again = await connection(guest, taken, first + 1);
      again.inside.send(Buffer.from('x'));
      await once(again.stream, 'readable');
      assert.deepEqual(guest.unheard(frameType.RESET), []);
    });

    test('a taker that does not read stops its own sender', async () => {
      const { gate, taken } = takingGate();
      await using guest = await fakeGuest(kind, gate);
      const { stream, inside } = await connection(guest, taken);
      const all = Buffer.alloc(8_000_000, 'x');
      let sent = 0;
      if (inside.raw) inside.send(all);
      else for (; sent < initialWindowBytes; sent += 65_536) inside.send(all.subarray(sent, sent + 65_536));
      await delay(50);
      assert.ok(stream.readableLength <= initialWindowBytes, `${stream.readableLength} bytes are kept`);
      assert.equal(guest.unheard(frameType.WINDOW).length, 0);
      if (inside.raw) assert.ok(inside.raw.writableLength > 6_000_000);
      stream.resume();
      if (inside.raw) await until(() => inside.raw?.writableLength === 0);
      else await guest.hear(frameType.WINDOW);
    });

    test('a connection that is gone before its answer is still given to its taker, as gone', async () => {
      const held = deferred<undefined>();
      const { gate, taken } = takingGate();
      const connect: NetworkGate['connect'] = async (question) => {
        await held.promise;
        return gate.connect(question);
      };
      await using guest = await fakeGuest(kind, gateOf({ connect }));
      guest.say(frameType.CONNECT_ASK, first, connectAsk('', 3128));
      guest.say(frameType.RESET, first);
      await guest.link.ping();
      held.resolve(undefined);
      assert.equal(await brokenWith(await taken()), 'ECONNRESET');
      assert.deepEqual(guest.unheard(frameType.CONNECT_OPEN), []);
    });

    test('when the link is lost every connection is reset, and nothing can be forwarded', async () => {
      const { gate, taken } = takingGate();
      await using guest = await fakeGuest(kind, gate);
      const { stream } = await connection(guest, taken);
      stream.resume();
      const waiting = assert.rejects(guest.link.forward(3000), { code: 'LINK_LOST' });
      guest.die();
      assert.equal(await brokenWith(stream), 'ECONNRESET');
      await waiting;
      await assert.rejects(guest.link.forward(3000), { code: 'LINK_LOST' });
    });

    test('a port inside is reached, or it is said that nothing listens there', async () => {
      await using guest = await fakeGuest(kind, gateOf({}));
      const reaching = guest.link.forward(3000);
      const { id, payload } = await guest.hear(frameType.FORWARD);
      assert.deepEqual([id, payload.readUInt16BE(0), payload.length], [connectionIds.helper, 3000, 34]);
      const inside = await guest.stream(id, payload.subarray(2));
      guest.say(frameType.FORWARDED, id, u32(0));
      inside.send(Buffer.from('hello'));
      inside.end();
      assert.equal((await readAll(await reaching)).toString(), 'hello');
      const refused = guest.link.forward(3001);
      guest.say(frameType.FORWARDED, (await guest.hear(frameType.FORWARD)).id, u32(111));
      await assert.rejects(refused, { code: 'PORT_CLOSED', message: 'Nothing in the sandbox takes connections on port 3001.' });
      const reset = guest.link.forward(3002);
      guest.say(frameType.RESET, (await guest.hear(frameType.FORWARD)).id);
      await assert.rejects(reset, { code: 'PORT_CLOSED' });
    });

    const violations: readonly (readonly [string, (guest: FakeGuest) => void])[] = [
      ['asks twice about one connection', ({ say }) => [1, 2].forEach(() => say(frameType.CONNECT_ASK, first, connectAsk('api.example')))],
      ['takes a number of the helper’s', ({ say }) => say(frameType.CONNECT_ASK, connectionIds.helper, connectAsk('api.example'))],
      ['answers a forward nobody asked for', ({ say }) => say(frameType.FORWARDED, connectionIds.helper + 9, u32(0))],
      ['tells twice what it listens on', ({ say }) => say(frameType.NETWORK, 0, Buffer.of(3))],
      ['resets a stream of a process', ({ say }) => say(frameType.RESET, 2)],
      ['asks about an empty name', ({ say }) => say(frameType.NAME_ASK, 1, nameAsk(''))],
      ['names no port', ({ say }) => say(frameType.CONNECT_ASK, first, connectAsk('api.example', 0))],
    ];
    for (const [what, does] of violations)
      test(`a guest that ${what} loses its link`, async () => {
        await using guest = await fakeGuest(kind, gateOf({ connect: () => new Promise(() => undefined) }));
        does(guest);
        assert.equal((await guest.link.ended).reason, 'protocol');
      });

    test('a guest that asks and hears no answer loses its link before it costs memory', async () => {
      await using guest = await fakeGuest(kind, gateOf({}));
      guest.deafen();
      for (let id = 1; id <= 40_000; id += 1) guest.say(frameType.NAME_ASK, id, nameAsk('api.example'));
      assert.deepEqual(await guest.link.ended, { reason: 'protocol', message: 'the guest asks without hearing the answers' });
    });

    test('where nobody decides, nothing is reached, and a guest that asks loses its link', async () => {
      await using guest = await fakeGuest(kind);
      await assert.rejects(guest.link.forward(3000), { code: 'UNSUPPORTED' });
      guest.say(frameType.NAME_ASK, 1, nameAsk('api.example'));
      assert.equal((await guest.link.ended).reason, 'protocol');
    });
  });

test('a stream that ended on its socket and not on the link is broken in the end', { timeout: 30_000 }, async () => {
  const { gate, taken } = takingGate();
  await using guest = await fakeGuest('socket', gate);
  const { stream, inside } = await connection(guest, taken);
  inside.raw?.end('all of it?');
  await assert.rejects(readAll(stream), { code: 'ECONNRESET' });
});
