/** A terminal inside behaves as one outside does, on both links. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { GuestLink } from '../../../helper/guest/contract.ts';
import { finish, request, shell, startGuest, untilPrinted } from '../../kit/guest.ts';

const terminal = { rows: 24, columns: 80 };

for (const kind of ['socket', 'stdio'] as const) {
  suite(`over ${kind}`, () => {
    const given = (name: string, body: (link: GuestLink) => Promise<void>): void => {
      test(name, { timeout: 30_000 }, async () => {
        await using world = await startGuest({ kind });
        await body(world.link);
      });
    };

    given('it is a terminal of the size asked for, and it is the controlling one', async (link) => {
      const guest = await link.spawn(shell('stty size; tty; echo mine > /dev/tty', { terminal: { rows: 33, columns: 121 } }));
      const { output } = await finish(guest);
      assert.equal(output.toString(), '33 121\r\n/dev/pts/0\r\nmine\r\n');
      assert.equal(guest.stderr, null);
    });

    given('what is typed is echoed, and Ctrl-D ends the input', async (link) => {
      const guest = await link.spawn(request(['cat'], { terminal }));
      guest.stdio.write('wide 漢字 🙂\n');
      assert.match(await untilPrinted(guest, '🙂\r\nwide 漢字 🙂\r\n'), /wide/);
      const done = finish(guest);
      guest.stdio.write('\u0004');
      assert.deepEqual((await done).exit, { kind: 'exited', status: 0 });
    });

    given('the end of what is typed ends the input as Ctrl-D does', async (link) => {
      const guest = await link.spawn(request(['cat'], { terminal }));
      guest.stdio.end('last\n');
      assert.deepEqual((await finish(guest)).exit, { kind: 'exited', status: 0 });
    });

    given('a change of size reaches the program in front', async (link) => {
      const guest = await link.spawn(shell('trap "stty size" WINCH; echo ready; while :; do sleep 0.05; done', { terminal }));
      await untilPrinted(guest, 'ready');
      guest.resize(50, 132);
      await untilPrinted(guest, '50 132');
      guest.stdio.destroy();
      assert.equal((await guest.exited).kind, 'signalled');
    });

    given('Ctrl-C interrupts the job in front and leaves the shell', async (link) => {
      const guest = await link.spawn(request(['bash', '--norc', '-i'], { terminal }));
      guest.stdio.write('PS1=; stty -echo; sleep 1000; echo status $?\n');
      await delay(300);
      guest.stdio.write('\u0003');
      guest.stdio.write('echo still $((40 + 2))\n');
      await untilPrinted(guest, 'still 42');
      guest.stdio.write('exit 6\n');
      assert.deepEqual((await finish(guest)).exit, { kind: 'exited', status: 6 });
    });

    given('a signal to the foreground reaches the job, one to the group the shell', async (link) => {
      const guest = await link.spawn(request(['bash', '--norc', '-i'], { terminal }));
      guest.stdio.write('PS1=; stty -echo; echo re""ady; sleep 1000\n');
      await untilPrinted(guest, 'ready');
      await delay(200);
      guest.signal(9, 'foreground');
      await untilPrinted(guest, 'Killed');
      const done = finish(guest);
      guest.signal(9, 'group');
      assert.deepEqual((await done).exit, { kind: 'signalled', status: 9 });
    });

    given('closing it hangs up on what runs in it', async (link) => {
      const guest = await link.spawn(shell('sleep 1000', { terminal }));
      guest.stdio.destroy();
      assert.deepEqual(await guest.exited, { kind: 'signalled', status: 1 });
    });
  });
}
