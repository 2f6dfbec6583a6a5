/** What an agent's hook runs inside: it hears the answer of the helper, and takes everything else for a no. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { suite, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { silentLog } from '../../../helper/base/log.ts';
import { openSocketLink } from '../../../helper/guest/open.ts';
import type { GuardGate, GuardQuestion, NetworkGate } from '../../../helper/guest/network.ts';
import {
  checkedGuestProgram,
  finish,
  request,
  run,
  shell,
  startGuest,
  untilPrinted,
  type GuestOptions,
  type GuestWorld,
} from '../../kit/guest.ts';

const hook = ['/.lasso/guest', 'guard', 'claude'] as const;

interface Heard {
  readonly question: GuardQuestion;
  readonly said: string;
}

/** Hears a hook out, then answers. */
function answering(answer: string | ((said: string) => string), heard: Heard[] = []): GuardGate {
  return (question, stream) => {
    stream.on('error', () => undefined);
    void text(stream).then(
      (said) => {
        heard.push({ question, said });
        stream.end(typeof answer === 'string' ? answer : answer(said));
      },
      () => undefined,
    );
  };
}

async function asked(world: GuestWorld, payload: string | Buffer, argv: readonly string[] = hook) {
  const guest = await world.link.spawn(request(argv));
  guest.stdio.on('error', () => undefined).end(payload);
  const { exit, errors, output } = await finish(guest);
  return { status: exit.status, errors: errors.toString(), output: output.toString() };
}

const anyNetwork: NetworkGate = { name: () => Promise.resolve({ ports: [80] }), connect: () => Promise.resolve({ allow: false }) };
const openNetwork: NetworkGate = {
  name: () => Promise.resolve({ ports: [80] }),
  connect: () => Promise.resolve({ allow: true, carry: (stream) => void stream.on('error', () => undefined).pipe(stream) }),
};

const worlds: readonly (readonly [string, Pick<GuestOptions, 'kind' | 'network' | 'program'>])[] = [
  ['over a socket without a network', { kind: 'socket' }],
  ['over a socket with a network', { kind: 'socket', network: anyNetwork }],
  ['over stdio without a network', { kind: 'stdio' }],
  ['over stdio with a network', { kind: 'stdio', network: anyNetwork }],
  ...(existsSync(checkedGuestProgram)
    ? [['over a socket, with sanitizers', { kind: 'socket', program: checkedGuestProgram }] as const]
    : []),
];

for (const [where, options] of worlds)
  suite(`a hook ${where}`, { timeout: 120_000 }, () => {
    test('is heard out and answered, with the process that asks', async () => {
      const heard: Heard[] = [];
      await using world = await startGuest({
        ...options,
        guard: answering((said) => (said.includes('good') ? '0\n' : '2\nnot that\n'), heard),
      });
      assert.deepEqual(await asked(world, '{"a":"good"}'), { status: 0, errors: '', output: '' });
      assert.deepEqual(await asked(world, 'bad'), { status: 2, errors: 'not that \n', output: '' });
      assert.deepEqual(await asked(world, ''), { status: 2, errors: 'not that \n', output: '' });
      assert.deepEqual(
        heard.map(({ said }) => said),
        ['claude\n{"a":"good"}', 'claude\nbad', 'claude\n'],
      );
      for (const { question } of heard) {
        assert.equal(question.kind, 'guard');
        assert.equal(question.asker?.executable, '/.lasso/guest');
        assert.deepEqual(question.asker.argv, hook);
      }
    });

    test('of Copilot gets the reason in JSON too, which no reason breaks', async () => {
      await using world = await startGuest({ ...options, guard: answering('2\nLASSO: not "this\\') });
      const { status, errors, output } = await asked(world, '{}', ['/.lasso/guest', 'guard', 'copilot']);
      assert.deepEqual(
        [status, errors, JSON.parse(output)],
        [2, 'LASSO: not "this\\\n', { permissionDecision: 'deny', permissionDecisionReason: "LASSO: not 'this'" }],
      );
    });

    test('may be given megabytes, and too much is a no', async () => {
      await using world = await startGuest({ ...options, guard: answering((said) => `2\n${said.length}`) });
      const most = 8 * 1024 * 1024;
      assert.deepEqual(await asked(world, Buffer.alloc(most, 'x')), { status: 2, errors: `${most + 7}\n`, output: '' });
      const { status, errors } = await asked(world, Buffer.alloc(most + 1, 'x'));
      assert.equal(status, 2);
      assert.match(errors, /^LASSO: .*too large\.\n$/);
    });
  });

suite('a hook is refused', { timeout: 120_000 }, () => {
  const answers: readonly (readonly [what: string, answer: string, said: RegExp])[] = [
    ['for no answer', '', /there was no answer/],
    ['for half of one', '0', /makes no sense/],
    ['for a yes with more behind it', '0\n0\n', /makes no sense/],
    ['for another number', '1\nwell\n', /makes no sense/],
    ['for a no without a reason', '2\n', /makes no sense/],
    ['for too long an answer', `2\n${'x'.repeat(10_000)}`, /too long/],
    ['with nothing that moves a cursor', '2\n\u001b[2Jgone\r', /^ \[2Jgone \n$/],
  ];
  for (const [what, answer, said] of answers)
    test(what, async () => {
      await using world = await startGuest({ kind: 'socket', guard: answering(answer) });
      const { status, errors } = await asked(world, '{}');
      assert.equal(status, 2);
      assert.match(errors, said);
    });

  test('where nobody answers hooks', async () => {
    await using world = await startGuest({ kind: 'socket' });
    const { status, errors } = await asked(world, '{}');
    assert.equal(status, 2);
    assert.match(errors, /nobody answers hooks here[^]*refused/);
  });

  test('when its stream breaks in the middle of an answer', async () => {
    const breaking: GuardGate = (_question, stream) => {
      stream.on('error', () => undefined).resume();
      stream.write('2\nhalf', () => setTimeout(() => stream.destroy(), 50));
    };
    await using world = await startGuest({ kind: 'socket', guard: breaking });
    assert.equal((await asked(world, '{}')).status, 2);
  });

  const names: readonly (readonly string[])[] = [
    ['guard'],
    ['guard', ''],
    ['guard', 'a b'],
    ['guard', 'x'.repeat(40)],
    ['guard', 'claude', 'more'],
  ];
  test('when it does not name its agent', async () => {
    await using world = await startGuest({ kind: 'socket', guard: answering('0\n') });
    for (const argv of names) {
      const { status, errors } = await asked(world, '{}', ['/.lasso/guest', ...argv]);
      assert.equal(status, 2, argv.join(' '));
      assert.match(errors, /does not name its agent/);
    }
  });

  test('in a network of its own, where nobody is', async () => {
    await using world = await startGuest({ kind: 'socket', guard: answering('0\n') });
    const { exit, errors } = await run(world.link, shell('echo "{}" | unshare -rn /.lasso/guest guard claude; echo $? >&2'));
    assert.match(errors, /nobody answers in this sandbox\.\n2\n$|unshare: /, `${exit.status}`);
  });

  test('with a stdin that is closed', async () => {
    await using world = await startGuest({ kind: 'socket', guard: answering('0\n') });
    const { errors } = await run(world.link, shell('/.lasso/guest guard claude <&-; echo $? >&2'));
    assert.match(errors, /\n2\n$/);
  });
});

test('an empty line now and then is a sign that somebody still thinks', { timeout: 60_000 }, async () => {
  const thinking: GuardGate = (_question, stream) => {
    stream.on('error', () => undefined).resume();
    void (async () => {
      await once(stream, 'end');
      for (let times = 0; times < 4; times += 1) {
        stream.write('\n\n');
        await delay(50);
      }
      stream.end('\n0\n');
    })();
  };
  await using world = await startGuest({ kind: 'stdio', guard: thinking });
  assert.equal((await asked(world, '{}')).status, 0);
});

test('a hook that is ended withdraws its question', { timeout: 60_000 }, async () => {
  const streams: Duplex[] = [];
  await using world = await startGuest({
    kind: 'socket',
    guard: (_question, stream) => void streams.push(stream.on('error', () => undefined)),
  });
  const { link } = world;
  await run(
    link,
    shell('sleep 100 | timeout -s KILL 0.3 /.lasso/guest guard claude & echo "{}" | timeout -s KILL 1 /.lasso/guest guard claude; true'),
  );
  while (streams.length === 0) await link.ping();
  for (const stream of streams) {
    stream.resume();
    if (!stream.closed) await once(stream, 'close');
  }
});

test('many at once get their answers in turn, and programs’ own connections always have room', { timeout: 30_000 }, async () => {
  const held: Duplex[] = [];
  const holding: GuardGate = (_question, stream) => void held.push(stream.on('error', () => undefined).resume());
  await using world = await startGuest({ kind: 'socket', network: openNetwork, guard: holding });
  const { link } = world;
  const flood = await link.spawn(
    request([
      '/usr/bin/python3',
      '-c',
      `import socket, sys, time
kept = []
for i in range(150):
    s = socket.socket(socket.AF_UNIX); s.setblocking(False)
    try: s.connect('\\0lasso-guard'); s.send(b'claude\\n'); kept.append(s)
    except BlockingIOError: pass
print(len(kept), flush=True)
time.sleep(60)`,
    ]),
  );
  await once(flood.stdio, 'data');
  while (held.length < 64) await link.ping();
  const { output, errors } = await run(
    link,
    request([
      '/usr/bin/python3',
      '-c',
      `import socket\ns = socket.create_connection(('a.test', 80), 20)\ns.sendall(b'hello')\nprint(s.recv(9).decode())`,
    ]),
  );
  assert.equal(output, 'hello\n', errors);
  assert.equal(held.length, 64);
  // Who asked neither takes the answer nor goes away.
  for (const stream of held.splice(0)) stream.end('0\n').destroy();
  const served = async (): Promise<boolean> => await link.ping().then(() => held.length > 0);
  while (!(await served()));
  flood.signal(9, 'tree');
  await flood.exited;
});

test('a hook that waits when the helper is lost is refused, and the next helper answers the next', { timeout: 30_000 }, async () => {
  const heard: Duplex[] = [];
  const holding: GuardGate = (_question, stream) => void heard.push(stream.on('error', () => undefined).resume());
  await using world = await startGuest({ kind: 'socket', graceMs: 10_000, guard: holding });
  await world.link.spawn(shell('echo "{}" | /.lasso/guest guard claude; echo "status $?"; cat'));
  while (heard.length === 0) await world.link.ping();
  await world.link.dispose();
  const { socketPath, token, intruders } = world;
  const next = await openSocketLink({
    ...{ socketPath, token, graceMs: 5000, log: silentLog, helloTimeoutMs: 5000 },
    guard: answering('0\n'),
    onIntruder: (why) => intruders.push(why),
  });
  const link = await next.link;
  const [waiting] = link.resumed;
  assert.ok(waiting);
  await untilPrinted(waiting, 'status 2');
  assert.equal((await run(link, shell('echo "{}" | /.lasso/guest guard claude; exit $?'))).exit.status, 0);
  await link.shutdown(300);
  await next.dispose();
});

test('what is said too slowly, or never to its end, is refused in good time', { timeout: 60_000 }, async () => {
  await using world = await startGuest({ kind: 'socket', guard: answering('0\n') });
  const { output, errors } = await run(
    world.link,
    shell('mkfifo /tmp/f; sleep 50 > /tmp/f & /.lasso/guest guard claude < /tmp/f; echo "status $?"; kill $!'),
  );
  assert.equal(output, 'status 2\n');
  assert.match(errors, /did not say in time/);
});

test('nothing but hooks is answered at that door', { timeout: 60_000 }, async () => {
  const heard: Heard[] = [];
  await using world = await startGuest({ kind: 'socket', network: openNetwork, guard: answering('2\nno hook', heard) });
  const { output } = await run(
    world.link,
    request([
      '/usr/bin/python3',
      '-c',
      `import socket
s = socket.socket(socket.AF_UNIX); s.connect('\\0lasso-guard')
s.sendall(b'CONNECT a.test:443 HTTP/1.1\\r\\n\\r\\n'); s.shutdown(socket.SHUT_WR)
print(s.recv(100))`,
    ]),
  );
  assert.equal(output, "b'2\\nno hook'\n");
  assert.equal(heard[0]?.said, 'CONNECT a.test:443 HTTP/1.1\r\n\r\n');
});
