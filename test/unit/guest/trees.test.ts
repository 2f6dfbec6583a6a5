/** Ending a command ends everything it started, wherever that went, and nothing else. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { ExecGate } from '../../../helper/guest/exec.ts';
import type { GuestLink, GuestProcess } from '../../../helper/guest/contract.ts';
import { finish, request, run, shell, startGuest, untilPrinted } from '../../kit/guest.ts';

const gate: ExecGate = {
  judge: () => Promise.resolve({ allow: true, keep: true }),
  again: () => undefined,
  changed: () => Promise.resolve(true),
  other: () => undefined,
};
const [sigterm, sigkill] = [15, 9];

const daemon = `
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork(): os._exit(0)
os.setsid()
if os.fork(): os._exit(0)
while True: time.sleep(1)
`;
const hopper = `
import os, signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
while True:
    if os.fork(): os._exit(0)
    os.setsid()
`;
const bomb = `
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
for _ in range(7): os.fork()
while True:
    if os.fork() == 0: os._exit(0)
    try: os.wait()
    except OSError: pass
`;
const headless = `
import ctypes, signal, threading, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
def run():
    while True: time.sleep(1)
threading.Thread(target=run).start()
ctypes.CDLL(None).pthread_exit(None)
`;

/** name, what is started, a program in Python that it may use, whether it can be told without a gate */
const ways: readonly (readonly [string, string, string, boolean])[] = [
  ['a background job', 'sleep 60 &', '', true],
  ['nohup', 'nohup sleep 60 >/dev/null 2>&1 &', '', true],
  ['setsid', 'setsid sleep 60 &', '', true],
  ['a shell that ignores being asked to end', 'setsid sh -c "trap \'\' TERM; while :; do sleep 60; done" &', '', true],
  ['a stopped process', 'setsid sh -c "kill -STOP \\$\\$" &', '', true],
  ['a double fork', '(setsid sleep 60 &)', '', false],
  ['a daemon that never executed anything', '/usr/bin/python3 /workspace/try.py', daemon, false],
  ['a process that forks on and on, each time in a session of its own', '(/usr/bin/python3 /workspace/try.py &)', hopper, false],
  ['a hundred processes that fork', '/usr/bin/python3 /workspace/try.py &', bomb, true],
  ['a process whose first thread has ended', 'setsid /usr/bin/python3 /workspace/try.py &', headless, true],
];

const endings: readonly (readonly [string, (guest: GuestProcess) => Promise<void>])[] = [
  [
    'asked, then by force',
    async (guest) => {
      guest.signal(sigterm, 'tree');
      await delay(100);
      guest.signal(sigkill, 'tree');
    },
  ],
  ['by force', async (guest) => guest.signal(sigkill, 'tree')],
];

/** Processes inside, and whoever counts; dead are those without a second thread. */
async function living(link: GuestLink): Promise<number> {
  const count =
    'for p in /proc/[0-9]*; do set -- $(cat $p/stat 2>/dev/null); [ "$3${20}" = Z1 ] || [ $# = 0 ] || n=$((n+1)); done; echo $n';
  const { output } = await run(link, shell(count));
  return Number(output);
}

for (const gated of [true, false])
  for (const [name, script, program, told] of ways.filter(([, , , plain]) => gated || plain))
    test(
      `${name}: nothing of it outlives its command${gated ? '' : ', also where starts are not asked about'}`,
      { timeout: 60_000 },
      async () => {
        assert.ok(gated || told);
        await using world = await startGuest({ kind: 'socket', ...(gated ? { gate } : {}) });
        await writeFile(join(world.workspace, 'try.py'), program);
        const bystander = await world.link.spawn(shell('setsid sh -c "echo here; read line; echo still here"'));
        const seen = await untilPrinted(bystander, 'here');
        const before = await living(world.link);
        for (const [how, end] of endings) {
          const guest = await world.link.spawn(shell(`${script}\nsleep 0.3; echo started; read line`));
          await untilPrinted(guest, 'started');
          // One that forks on and on may be missed by every count, on a machine that has nothing else to do.
          for (let tries = 0; tries < 20 && (await living(world.link)) < before + 2; tries += 1) await delay(20);
          guest.stdio.resume();
          await end(guest);
          const exit = await guest.exited;
          assert.equal(exit.kind, 'signalled', how);
          for (let look = 0; look < 3; look += 1) assert.equal(await living(world.link), before, how);
        }
        bystander.stdio.write('go\n');
        assert.match(await untilPrinted(bystander, 'still here', seen), /still here/);
        bystander.stdio.end();
        await finish(bystander);
      },
    );

test('a signal of another kind reaches everything and ends nothing', { timeout: 30_000 }, async () => {
  await using world = await startGuest({ kind: 'socket', gate });
  const child = 'setsid sh -c \'trap "echo heard" USR1; echo ready; read line\' <&3 &';
  const guest = await world.link.spawn(shell(`exec 3<&0; trap : USR1; ${child} wait; wait; echo over`));
  const seen = await untilPrinted(guest, 'ready');
  guest.signal(10, 'tree');
  const more = await untilPrinted(guest, 'heard', seen);
  guest.stdio.write('x\n');
  guest.stdio.end();
  const { output, exit } = await finish(guest);
  assert.match(more + output.toString(), /heard/);
  assert.deepEqual(exit, { kind: 'exited', status: 0 });
});

test('a command that ends by itself leaves what it started alone', { timeout: 30_000 }, async () => {
  await using world = await startGuest({ kind: 'socket', gate });
  const before = await living(world.link);
  await run(world.link, shell('setsid sleep 60 >/dev/null 2>&1 &'));
  const late = await world.link.spawn(request(['sleep', '60']));
  late.signal(sigkill, 'tree');
  await finish(late);
  assert.equal(await living(world.link), before + 1);
});
