/** The guest built with sanitizers does its work without a word from them. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { openSocketLink } from '../../../helper/guest/open.ts';
import { silentLog } from '../../../helper/base/log.ts';
import { checkedGuestProgram, finish, request, run, shell, startGuest, untilPrinted } from '../../kit/guest.ts';

const skip = existsSync(checkedGuestProgram) ? false : 'no compiler with sanitizers was found';

for (const kind of ['socket', 'stdio'] as const)
  test(`over ${kind} no byte is read or written where it should not be`, { skip, timeout: 60_000 }, async () => {
    await using world = await startGuest({ kind, program: checkedGuestProgram, graceMs: 5000, limits: 'nofile=1000:1000,core=0:0' });
    const { link } = world;
    assert.equal((await run(link, shell('echo out; echo err >&2; exit 3'))).exit.status, 3);
    await assert.rejects(link.spawn(request(['no-such-command'])));
    const cat = await link.spawn(request(['cat']));
    const bytes = Buffer.alloc(3_000_000, 'abcdefg');
    cat.stdio.end(bytes);
    assert.ok((await finish(cat)).output.equals(bytes));
    const terminal = await link.spawn(request(['cat'], { terminal: { rows: 5, columns: 5 } }));
    terminal.resize(50, 50);
    terminal.stdio.write('typed\n');
    await untilPrinted(terminal, 'typed');
    const many = await Promise.all(Array.from({ length: 60 }, () => link.spawn(request(['cat', '/dev/zero']))));
    for (const guest of many) guest.stdio.destroy();
    await Promise.all(many.map((guest) => guest.exited));
    if (kind === 'stdio') await link.shutdown(200);
    else {
      await link.dispose();
      const { socketPath, token } = world;
      const pending = await openSocketLink({ socketPath, token, graceMs: 0, log: silentLog, onIntruder: () => undefined });
      const again = await pending.link;
      assert.equal(again.resumed.length, 1);
      await again.shutdown(200);
      await pending.dispose();
    }
    assert.equal(await world.gone, 0);
    assert.equal(world.words(), '');
  });
