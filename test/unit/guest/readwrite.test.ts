/** The guest's program as the helper starts it to read or write one file: whole or not at all, and nothing that the agent could not do. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, linkSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { suite, test } from 'node:test';
import type { GuestLink } from '../../../helper/guest/contract.ts';
import { guestPaths } from '../../../helper/protocol/guest.ts';
import { checkedGuestProgram, finish, guestProgram, request, startGuest, type Finished } from '../../kit/guest.ts';

const own = (words: readonly string[]) => request([guestPaths.program, ...words], { environment: {}, separateStderr: false });

async function act(link: GuestLink, words: readonly string[], input = ''): Promise<Finished> {
  const guest = await link.spawn(own(words));
  guest.stdio.end(input);
  return await finish(guest);
}

const readRefusals: readonly (readonly [path: string, errno: number])[] = [
  ['/workspace/none', 2],
  ['/workspace', 21],
  ['/workspace/file/x', 20],
  ['/workspace/closed', 13],
  ['/workspace/loop', 40],
  ['/workspace/fifo', 19],
  ['/dev/zero', 19],
  ['/dev/tty', 19],
  ['/proc/1/mem', 13],
  ['', 2],
];
const writeRefusals: readonly (readonly [path: string, errno: number])[] = [
  ['/workspace/none/file', 2],
  ['/workspace', 21],
  ['/workspace/', 21],
  ['/workspace/file/x', 20],
  ['/workspace/readonly', 13],
  ['/workspace/loop', 40],
  ['/workspace/dangling', 40],
  ['/workspace/fifo', 19],
  ['/workspace/closed-folder/x', 13],
  ['/usr/bin/sh', 30],
  ['/usr/bin/new', 30],
  ['/.lasso/guest', 30],
  [`/workspace/${'x'.repeat(256)}`, 36],
  ['', 2],
];

for (const [says, program] of [
  ['as shipped', guestProgram],
  ['with sanitizers', checkedGuestProgram],
] as const)
  suite(`the program ${says}`, { skip: existsSync(program) ? false : 'it is not built here' }, () => {
    test('a file is read in parts, with its size', { timeout: 60_000 }, async () => {
      await using world = await startGuest({ kind: 'socket', program });
      const bytes = Buffer.alloc(200_000, 'abcdefg');
      writeFileSync(join(world.workspace, 'file'), bytes);
      for (const [offset, limit] of [
        [0, 10],
        [5, 70_000],
        [199_990, 100],
        [200_000, 5],
        [999_999, 5],
        [0, 300_000],
        [7, 0],
      ] as const) {
        const { exit, output } = await act(world.link, ['read', '/workspace/file', String(offset), String(limit)]);
        assert.deepEqual(exit, { kind: 'exited', status: 0 });
        assert.ok(output.equals(Buffer.concat([Buffer.from('200000\n'), bytes.subarray(offset, offset + limit)])), `${offset} ${limit}`);
      }
    });

    test('a file is written whole, keeps its mode, and leaves links and other names of it as they are', { timeout: 60_000 }, async () => {
      await using world = await startGuest({ kind: 'socket', program });
      const at = (name: string): string => join(world.workspace, name);
      writeFileSync(at('old'), 'old');
      chmodSync(at('old'), 0o640);
      symlinkSync('old', at('link'));
      linkSync(at('old'), at('other'));
      for (const [name, text] of [
        ['link', 'changed'],
        ['new', ''],
        ['-rf', 'x'],
        ['a\nb', 'x'.repeat(300_000)],
      ] as const) {
        const { exit, output } = await act(world.link, ['write', `/workspace/${name}`, String(text.length)], `${text}beyond`);
        assert.deepEqual([exit.status, output.toString()], [0, '']);
        assert.equal(readFileSync(at(name), 'utf8'), text);
      }
      assert.equal(readFileSync(at('old'), 'utf8'), 'changed');
      assert.equal(statSync(at('old')).mode & 0o7777, 0o640);
      assert.equal(readFileSync(at('other'), 'utf8'), 'old');
      assert.deepEqual(
        readdirSync(world.workspace).filter((name) => name.startsWith('.lasso')),
        [],
      );
    });

    test('what cannot be done is told by its number, and changes nothing', { timeout: 60_000 }, async () => {
      await using world = await startGuest({ kind: 'socket', program });
      const at = (name: string): string => join(world.workspace, name);
      for (const name of ['file', 'closed', 'readonly']) writeFileSync(at(name), name);
      chmodSync(at('closed'), 0o000);
      chmodSync(at('readonly'), 0o444);
      mkdirSync(at('closed-folder'), { mode: 0o555 });
      symlinkSync('loop', at('loop'));
      symlinkSync('nowhere/at/all', at('dangling'));
      await finish(await world.link.spawn(request(['mkfifo', '/workspace/fifo'])));
      const before = readdirSync(world.workspace).sort();
      for (const [path, errno] of readRefusals)
        assert.equal((await act(world.link, ['read', path, '0', '10'])).exit.status, errno, `read ${path}`);
      for (const [path, errno] of writeRefusals)
        assert.equal((await act(world.link, ['write', path, '1'], 'x')).exit.status, errno, `write ${path.slice(0, 40)}`);
      assert.deepEqual(readdirSync(world.workspace).sort(), before);
      assert.equal(readFileSync(at('readonly'), 'utf8'), 'readonly');
    });

    test('a text that does not come whole, and an end in the middle, leave the file as it was', { timeout: 60_000 }, async () => {
      await using world = await startGuest({ kind: 'socket', program });
      const at = (name: string): string => join(world.workspace, name);
      writeFileSync(at('file'), 'old');
      assert.equal((await act(world.link, ['write', '/workspace/file', '10'], 'short')).exit.status, 125);
      const guest = await world.link.spawn(own(['write', '/workspace/file', '100']));
      guest.stdio.write('begun');
      while (readdirSync(world.workspace).length < 2) await delay(10);
      guest.signal(15, 'tree');
      await finish(guest);
      assert.deepEqual(readdirSync(world.workspace), ['file']);
      assert.equal(readFileSync(at('file'), 'utf8'), 'old');
    });

    test('words it does not know do nothing', { timeout: 60_000 }, async () => {
      await using world = await startGuest({ kind: 'socket', program });
      for (const words of [
        ['read'],
        ['read', '/etc/passwd'],
        ['read', '/etc/passwd', '-1', '5'],
        ['read', '/etc/passwd', '0', '5x'],
        ['write', 'a'],
      ])
        assert.equal((await act(world.link, words)).exit.status, 22, words.join(' '));
    });
  });
