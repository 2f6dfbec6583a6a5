/** What is closed can be neither changed nor made from inside, there or not, and what programs do with all other files works as usual. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import type { ExecGate } from '../../../helper/guest/exec.ts';
import type { FileGate, FileRefusal, GuestFiles } from '../../../helper/guest/files.ts';
import { openSocketLink } from '../../../helper/guest/open.ts';
import { silentLog } from '../../../helper/base/log.ts';
import { assertRefused, closedIn, closedPatterns, layOutClosed } from '../../kit/closed-files/closed.ts';
import { checkedGuestProgram, guestProgram, request, run, shell, startGuest, untilPrinted, type GuestWorld } from '../../kit/guest.ts';

const place = { cwd: '/workspace' } as const;
const allowing: ExecGate = {
  judge: () => Promise.resolve({ allow: true, keep: true }),
  again: () => undefined,
  changed: () => Promise.resolve(true),
  other: () => undefined,
};

interface Told extends FileGate {
  readonly refusals: FileRefusal[];
  readonly seenPaths: number[];
}

function told(changes: Partial<GuestFiles> = {}): Told {
  const refusals: FileRefusal[] = [];
  const seenPaths: number[] = [];
  return {
    refusals,
    seenPaths,
    files: () => ({ workspace: '/workspace', closed: closedPatterns, hidden: [], ...changes }),
    refused: (refusal) => refusals.push(refusal),
    seen: (index) => seenPaths.push(index),
  };
}

const python = (world: GuestWorld, ...words: readonly string[]): Promise<{ readonly output: string; readonly errors: string }> =>
  run(world.link, request(['python3', ...words], place));

const ways = [
  { name: 'with program starts judged', program: guestProgram, gate: allowing },
  { name: 'with program starts let be', program: guestProgram },
  { name: 'in the checked guest', program: checkedGuestProgram, gate: allowing },
] as const;

for (const { name, program, ...gated } of ways)
  suite(name, { skip: existsSync(program) ? false : 'no compiler with sanitizers was found' }, () => {
    test('no way to change or make a closed file works, and no race opens one', { timeout: 120_000 }, async () => {
      const files = told();
      await using world = await startGuest({ kind: 'socket', program, files, ...gated });
      layOutClosed(world.workspace);
      const before = closedIn(world.workspace);
      assert.equal(before.length, 3);
      const { output, errors } = await python(world, 'attack.py');
      assertRefused(output, { exact: true });
      assert.match(errors, /^LASSO: \.envrc is guarded by the profile/m);
      assert.deepEqual(closedIn(world.workspace), before);
      await python(world, 'attack.py', '2');
      assert.deepEqual(closedIn(world.workspace), before);
      for (const act of ['WRITE', 'CREATE', 'FOLDER', 'RENAME', 'LINK', 'SYMLINK', 'NODE', 'REMOVE', 'TRUNCATE', 'MODE'] as const)
        assert.ok(
          files.refusals.some((refusal) => refusal.act === act),
          act,
        );
      assert.equal(world.words(), '');
    });

    test('programs do with all other files what they always did', { timeout: 120_000 }, async () => {
      await using world = await startGuest({ kind: 'stdio', program, files: told(), ...gated });
      layOutClosed(world.workspace);
      const { output, errors } = await python(world, 'everyday.py');
      assert.deepEqual([output, errors], ['all as usual\n', '']);
      assert.equal(world.words(), '');
    });
  });

test('who tried is told with what it tried, and the same is not told again at once', { timeout: 30_000 }, async () => {
  const files = told();
  await using world = await startGuest({ kind: 'socket', files });
  const script = 'for i in 1 2 3 4 5; do (echo x > sub/.envrc); done; echo x > .envrc; echo x > .envrc; mv plain .ENVRC';
  mkdirSync(join(world.workspace, 'sub'));
  writeFileSync(join(world.workspace, 'plain'), '');
  await run(world.link, shell(`exec 2>/dev/null; ${script}`, place));
  const { refusals } = files;
  assert.equal(refusals.length, 5 + 1 + 1);
  const [first, last] = [refusals[5], refusals.at(-1)];
  assert.deepEqual([first?.act, first?.index, first?.path, first?.other], ['CREATE', 0, '/workspace/.envrc', '']);
  assert.equal(first?.argv[0], 'sh');
  assert.deepEqual(
    [last?.act, last?.path, last?.other, last?.argv],
    ['RENAME', '/workspace/plain', '/workspace/.ENVRC', ['mv', 'plain', '.ENVRC']],
  );
});

async function untilRefused(world: GuestWorld, name: string): Promise<void> {
  while ((await run(world.link, shell(`echo x > ${name}`, place))).exit.status === 0);
}

test('new rules count from when they come', { timeout: 30_000 }, async () => {
  await using world = await startGuest({ kind: 'socket', files: told() });
  const guest = await world.link.spawn(shell('while read name; do (echo x > $name) 2>/dev/null && echo made; done', place));
  guest.stdio.write('.envrc\nfirst\n');
  let seen = await untilPrinted(guest, 'made');
  world.link.changeFiles({ workspace: '/workspace', closed: ['first'], hidden: [] });
  // The rules and what is typed come by different ways.
  await untilRefused(world, 'first');
  guest.stdio.write('first\n.envrc\n');
  seen = await untilPrinted(guest, 'made\nmade', seen);
  assert.ok(existsSync(join(world.workspace, '.envrc')));
  assert.equal(seen.trim(), 'made\nmade');
});

test('who opens what is hidden is told of, a second apart', { timeout: 30_000 }, async () => {
  const files = told({ hidden: ['/workspace/not-there', '/workspace/secret'] });
  await using world = await startGuest({ kind: 'socket', files, prepare: (folder) => writeFileSync(join(folder, 'secret'), '') });
  await run(world.link, shell('cat secret secret secret; ls -l secret', place));
  assert.deepEqual(files.seenPaths, [1]);
});

test('without a helper closed files stay closed, and all others work', { timeout: 60_000 }, async () => {
  const files = told();
  await using world = await startGuest({ kind: 'socket', graceMs: 20_000, files });
  const script = 'read x; while [ ! -e stop ]; do (echo x > .envrc) 2>/dev/null; echo x > other; mv other moved; done; echo done; read x';
  const guest = await world.link.spawn(shell(script, place));
  guest.stdio.write('go\n');
  while (!existsSync(join(world.workspace, 'moved'))) await new Promise((resolve) => setTimeout(resolve, 10));
  await world.link.dispose();
  const { socketPath, token } = world;
  const pending = await openSocketLink({ socketPath, token, graceMs: 0, log: silentLog, files, onIntruder: () => undefined });
  const again = await pending.link;
  writeFileSync(join(world.workspace, 'stop'), '');
  const [resumed] = again.resumed;
  assert.ok(resumed);
  await untilPrinted(resumed, 'done');
  assert.equal(existsSync(join(world.workspace, '.envrc')), false);
  await again.dispose();
  await pending.dispose();
});
