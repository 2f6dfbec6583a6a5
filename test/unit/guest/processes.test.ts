/** What a process inside is given and how its end is told, the same on both links. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { suite, test } from 'node:test';
import type { GuestLink, GuestProcess, SpawnRequest } from '../../../helper/guest/contract.ts';
import { LassoError } from '../../../helper/protocol/errors.ts';
import { finish, request, run, shell, startGuest, untilPrinted } from '../../kit/guest.ts';

/** signals whose default action ends a process */
const deadly = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 24, 25, 26, 27, 29, 30, 31, 34, 64];
const bytes = 20 * 1024 * 1024;

for (const kind of ['socket', 'stdio'] as const) {
  suite(`over ${kind}`, () => {
    const given = (name: string, body: (link: GuestLink, workspace: string) => Promise<void>): void => {
      test(name, { timeout: 60_000 }, async () => {
        await using world = await startGuest({ kind });
        await body(world.link, world.workspace);
        await world.link.shutdown(200);
        assert.deepEqual((await world.link.ended).reason, 'shutdown');
        assert.equal(await world.gone, 0);
      });
    };

    given('every exit code is told as it was', async (link) => {
      for (let code = 0; code < 256; code++)
        assert.deepEqual((await run(link, shell(`exit ${code}`))).exit, { kind: 'exited', status: code });
    });

    given('death by a signal is told as that signal', async (link) => {
      for (const signal of deadly)
        assert.deepEqual((await run(link, shell(`kill -${signal} $$`))).exit, { kind: 'signalled', status: signal });
    });

    given('stdout and stderr arrive apart, or together when asked', async (link) => {
      const script = 'echo out; echo err >&2';
      const apart = await run(link, shell(script));
      assert.deepEqual([apart.output, apart.errors], ['out\n', 'err\n']);
      const together = await run(link, shell(script, { separateStderr: false }));
      assert.deepEqual([together.output, together.errors], ['out\nerr\n', '']);
    });

    given('stdin reaches the process, ends when ended, and may be empty from the start', async (link) => {
      const cat = await link.spawn(request(['cat']));
      cat.stdio.write('one ');
      cat.stdio.end('two');
      assert.equal((await finish(cat)).output.toString(), 'one two');
      const none = await link.spawn(request(['cat'], { stdin: false }));
      assert.deepEqual((await finish(none)).exit, { kind: 'exited', status: 0 });
    });

    given('a process may close its output and go on', async (link) => {
      const guest = await link.spawn(shell('exec >&- 2>&-; read line; exit 7', { separateStderr: false }));
      guest.stdio.resume();
      await once(guest.stdio, 'end');
      guest.stdio.end('go\n');
      assert.deepEqual(await guest.exited, { kind: 'exited', status: 7 });
    });

    given('a process that reads nothing does not hinder whoever writes to it', async (link) => {
      const guest = await link.spawn(shell('exec <&-; echo closed; sleep 0.2; exit 4'));
      await untilPrinted(guest, 'closed');
      guest.stdio.end(Buffer.alloc(1024 * 1024));
      assert.deepEqual((await finish(guest)).exit, { kind: 'exited', status: 4 });
    });

    given('twenty megabytes pass unchanged both ways through pipes and terminals', async (link) => {
      const sent = Buffer.alloc(bytes, '0123456789abcde\n');
      for (let at = 0; at < bytes; at += 4096) sent.writeUInt32BE(at, at);
      const raw: readonly SpawnRequest[] = [
        request(['cat']),
        shell(`stty raw -echo; echo ready; exec head -c ${bytes}`, { terminal: { rows: 24, columns: 80 } }),
      ];
      for (const wanted of raw) {
        const guest = await link.spawn(wanted);
        if (wanted.terminal) await untilPrinted(guest, 'ready\n');
        const done = finish(guest);
        if (wanted.terminal) guest.stdio.write(sent);
        else guest.stdio.end(sent);
        const { output, exit } = await done;
        assert.equal(exit.status, 0);
        assert.ok(output.equals(sent), `${output.length} bytes of ${sent.length}`);
      }
    });

    given('the environment and the folder are exactly those asked for', async (link) => {
      const { output } = await run(link, request(['env'], { environment: { PATH: '/usr/bin', ODD: 'a b\n"ü' } }));
      assert.equal(output, 'PATH=/usr/bin\nODD=a b\n"ü\n');
      assert.equal((await run(link, request(['pwd'], { cwd: '/workspace' }))).output, '/workspace\n');
    });

    given('its descriptors are three, and /dev/stdout can be opened again', async (link) => {
      assert.equal((await run(link, request(['ls', '/proc/self/fd']))).output, '0\n1\n2\n3\n');
      const again = await run(link, shell('echo a > /dev/stdout; echo b > /dev/stderr; cat /dev/stdin'));
      assert.deepEqual([again.output, again.errors], ['a\n', 'b\n']);
    });

    given('what cannot be started is said, and why', async (link, workspace) => {
      await writeFile(join(workspace, 'plain'), 'no program', { mode: 0o644 });
      await writeFile(join(workspace, 'garbage'), 'no program', { mode: 0o755 });
      const cases: readonly (readonly [SpawnRequest, string])[] = [
        [request(['no-such-command']), 'COMMAND_NOT_FOUND'],
        [request(['/no/such/command']), 'COMMAND_NOT_FOUND'],
        [request(['']), 'COMMAND_NOT_FOUND'],
        [request(['true'], { environment: { PATH: '/nowhere' } }), 'COMMAND_NOT_FOUND'],
        [request(['plain'], { environment: { PATH: '/workspace:/usr/bin' } }), 'COMMAND_NOT_EXECUTABLE'],
        [request(['/workspace/plain']), 'COMMAND_NOT_EXECUTABLE'],
        [request(['/workspace/garbage']), 'COMMAND_NOT_EXECUTABLE'],
        [request(['/workspace']), 'COMMAND_NOT_EXECUTABLE'],
        [request(['true'], { cwd: '/nowhere' }), 'BAD_REQUEST'],
        [request(['true', 'x'.repeat(200_000)]), 'BAD_REQUEST'],
        [request(['true', 'x'.repeat(2_000_000)]), 'BAD_REQUEST'],
        [request(['true', 'a\0b']), 'BAD_REQUEST'],
      ];
      for (const [wanted, code] of cases)
        await assert.rejects(
          link.spawn(wanted),
          (error) => error instanceof LassoError && error.code === code,
          `${wanted.file} ${wanted.cwd}`,
        );
      assert.equal((await run(link, request(['true']))).exit.status, 0);
    });

    given('a hundred processes run at once, and more than fit are refused', async (link) => {
      const many = await Promise.all(Array.from({ length: 100 }, () => link.spawn(shell('read x; echo $x; exit 9'))));
      const ends = many.map(finish);
      many.forEach((guest, index) => guest.stdio.end(`${index}\n`));
      const all = await Promise.all(ends);
      all.forEach(({ output, exit }, index) => assert.deepEqual([output.toString(), exit.status], [`${index}\n`, 9]));
      const held: GuestProcess[] = [];
      for (let i = 0; i < 256; i++) held.push(await link.spawn(request(['cat'])));
      await assert.rejects(link.spawn(request(['cat'])), { code: 'SANDBOX_NOT_RUNNING' });
      for (const guest of held) guest.stdio.end();
      await Promise.all(held.map((guest) => guest.exited));
      assert.equal((await run(link, request(['true']))).exit.status, 0);
    });

    given('orphans are reaped', async (link) => {
      await run(link, shell('for i in 1 2 3 4 5; do (sleep 0.05 &) ; done'));
      await delay(300);
      assert.equal((await run(link, shell('cat /proc/[0-9]*/stat | grep -c ") Z " || true'))).output, '0\n');
    });

    given('a process left in the background does not hold back the end of the command', async (link) => {
      const { output, exit } = await run(link, shell('echo said; (while :; do echo more; sleep 0.05; done) & exit 5'));
      assert.ok(output.startsWith('said\n'));
      assert.equal(exit.status, 5);
    });

    given('a reader that stalls stops its own writer and nobody else', async (link) => {
      const stalled = await Promise.all(Array.from({ length: 20 }, () => link.spawn(request(['cat', '/dev/zero']))));
      await delay(100);
      assert.equal((await run(link, shell('echo free'))).output, 'free\n');
      assert.ok((await link.ping()) < 1000);
      const held = stalled.reduce((sum, guest) => sum + guest.stdio.readableLength, 0);
      assert.ok(held <= 20 * 512 * 1024, `${held} bytes are held for readers that stall`);
      const { output } = await run(link, shell('grep VmRSS /proc/1/status | tr -dc 0-9'));
      assert.ok(Number(output) < 8 * 1024, `pid 1 takes ${output} kB`);
      for (const guest of stalled) guest.stdio.destroy();
      for (const guest of stalled) assert.deepEqual(await guest.exited, { kind: 'signalled', status: 13 });
    });
  });
}
