/** Files of a workspace as they are really looked at and written: whatever lies there, and whenever it ends in the middle. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { rename, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { lookAt, type Place } from '../../../helper/agents/disk/look.ts';
import { type FileWrite, writeAll } from '../../../helper/agents/disk/write.ts';
import { undoing } from '../../kit/undoing.ts';

const undo = undoing();
const superuser = process.getuid?.() === 0;

function folder(platform = process.platform): Place {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'lasso-files-')));
  undo(() => {
    chmodSync(root, 0o700);
    rmSync(root, { recursive: true, force: true });
  });
  return { root, platform, owners: new Set(process.getuid ? [process.getuid()] : []) };
}

function put({ root }: Place, path: string, text: string | Buffer, mode = 0o644): string {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
}

/** Everything below the root, links and folders too. */
function all({ root }: Place): Readonly<Record<string, string>> {
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' }).sort();
  return Object.fromEntries(
    names.map((name) => {
      const status = lstatSync(join(root, name));
      return [name, status.isFile() ? readFileSync(join(root, name), 'utf8') : status.isDirectory() ? 'folder' : 'other'];
    }),
  );
}

// Where no folder can be held open, what is looked at afterwards has to do: the same promises.
for (const platform of [process.platform, 'darwin'] as const) {
  describe(`on ${platform}, what is left alone, and why`, () => {
    const path = 'a/settings.json';
    const cases: readonly (readonly [name: string, arrange: (place: Place) => void, reason: RegExp])[] = [
      ['a link to a file', (place) => symlinkSync(put(place, 'other', '{}'), join(place.root, path)), /is a link.*writes through none/],
      ['a link to nowhere', ({ root }) => symlinkSync('/nonexistent/x', join(root, path)), /is a link/],
      ['a folder in its place', ({ root }) => mkdirSync(join(root, path)), /no file/],
      ['a pipe in its place', ({ root }) => void execFileSync('mkfifo', [join(root, path)]), /no file/],
      ['a read-only file', (place) => void put(place, path, '{}', 0o444), /read-only: allow writing first/],
      ['a read-only folder', ({ root }) => chmodSync(join(root, 'a'), 0o555), /its folder is read-only/],
      ['a huge file', (place) => void put(place, path, ' '.repeat(1024 * 1024 + 1)), /longer than 1 MiB/],
      ['bytes that are no text', (place) => void put(place, path, Buffer.from([0xff, 0xfe, 0x00])), /not text in UTF-8/],
      ['a text with a zero in it', (place) => void put(place, path, '{}\0'), /not text/],
      [
        'a link in place of its folder',
        (place) => {
          put(place, 'other/settings.json', '{}');
          rmSync(join(place.root, 'a'), { recursive: true });
          symlinkSync(join(place.root, 'other'), join(place.root, 'a'));
        },
        /a is a link.*writes through none/,
      ],
      [
        'a file in place of its folder',
        (place) => {
          rmSync(join(place.root, 'a'), { recursive: true });
          put(place, 'a', 'x');
        },
        /a is no folder/,
      ],
    ];
    for (const [name, arrange, reason] of cases)
      test(name, async () => {
        const place = folder(platform);
        mkdirSync(join(place.root, 'a'));
        arrange(place);
        const before = all(place);
        const found = await lookAt(place, path);
        assert.equal(found.text, null);
        assert.match(found.reason ?? '', reason);
        await assert.rejects(writeAll(place, [{ path, before: null, after: '{"a": 1}' }], []), { name: 'LassoError' });
        assert.deepEqual(all(place), before);
        chmodSync(join(place.root, 'a'), 0o755);
      });

    test('another user’s file', { skip: !superuser && 'only the superuser can make one' }, async () => {
      const place = folder(platform);
      chownSync(put(place, path, '{}'), 12_345, 12_345);
      assert.match((await lookAt(place, path)).reason ?? '', /belongs to another user/);
      const owner = { ...place, owners: new Set([12_345]) };
      await writeAll(owner, [{ path, before: '{}', after: '[]' }], []);
      assert.equal(lstatSync(join(place.root, path)).uid, 12_345);
    });
  });

  describe(`on ${platform}, files are written all or none`, () => {
    const writes: readonly FileWrite[] = [
      { path: 'notes.json', before: null, after: 'begun' },
      { path: 'new/deep/a.md', before: null, after: 'new' },
      { path: 'there.json', before: '{}', after: '{"a": 1}' },
      { path: 'old/gone.md', before: 'gone', after: null },
      { path: 'notes.json', before: null, after: 'done' },
    ];
    const arrange = (): Place => {
      const place = folder(platform);
      put(place, 'there.json', '{}', 0o640);
      put(place, 'old/gone.md', 'gone');
      return place;
    };

    test('with the mode they had, in folders that are made, and the folders that are empty then go', async () => {
      const place = arrange();
      await writeAll(place, writes, ['old', 'new']);
      assert.deepEqual(all(place), {
        new: 'folder',
        'new/deep': 'folder',
        'new/deep/a.md': 'new',
        'notes.json': 'done',
        'there.json': '{"a": 1}',
      });
      assert.equal(lstatSync(join(place.root, 'there.json')).mode & 0o777, 0o640);
    });

    for (let fails = 1; fails <= 5; fails += 1)
      test(`what was done goes back when step ${fails} fails`, async () => {
        const place = arrange();
        const before = all(place);
        let count = 0;
        const failing = (): void => {
          count += 1;
          if (count === fails) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
        };
        const calls = {
          rename: async (from: string, to: string) => (failing(), rename(from, to)),
          unlink: async (file: string) => (failing(), unlink(file)),
        };
        await assert.rejects(writeAll(place, writes, ['old'], calls), { code: 'WORKSPACE_REFUSED', message: /ENOSPC/ });
        assert.deepEqual(all(place), before);
      });

    test('one that ends in the middle leaves whole files, and the next clears what it left', async () => {
      const place = arrange();
      let count = 0;
      const dies = (): never => {
        throw new Error('ended');
      };
      const calls = {
        rename: async (from: string, to: string) => ((count += 1) > 2 ? dies() : rename(from, to)),
        unlink: async () => dies(),
      };
      await assert.rejects(writeAll(place, writes, [], calls));
      const left = all(place);
      assert.equal(left['there.json'], '{}');
      assert.equal(left['new/deep/a.md'], 'new');
      assert.ok(Object.keys(left).some((name) => name.endsWith('.tmp')));
      await writeAll(
        place,
        [
          { path: 'there.json', before: '{}', after: '[]' },
          { path: 'new/deep/a.md', before: 'new', after: null },
          { path: 'old/gone.md', before: 'gone', after: null },
        ],
        ['new/deep', 'new'],
      );
      assert.deepEqual(all(place), { 'notes.json': 'begun', old: 'folder', 'there.json': '[]' });
    });

    test('a file that is not any more what was looked at is left, and so are all others', async () => {
      const place = arrange();
      put(place, 'there.json', '{"mine": 1}');
      const before = all(place);
      await assert.rejects(writeAll(place, writes, []), { code: 'PROFILE_MISMATCH', message: /there\.json/ });
      assert.deepEqual(all(place), before);
    });

    test('a folder that becomes a link while it is written to leads nowhere', async () => {
      const place = arrange();
      const outside = folder(platform);
      const swap = async (from: string, to: string): Promise<void> => {
        if (to.endsWith('a.md') && !existsSync(join(outside.root, 'swapped'))) {
          put(outside, 'swapped', '');
          await rename(join(place.root, 'new'), join(place.root, 'aside'));
          mkdirSync(join(outside.root, 'deep'));
          symlinkSync(outside.root, join(place.root, 'new'));
        }
        await rename(from, to);
      };
      await assert.rejects(writeAll(place, writes, [], { rename: swap, unlink }), { code: 'WORKSPACE_REFUSED' });
      assert.deepEqual(readdirSync(join(outside.root, 'deep')), []);
      assert.equal(readFileSync(join(place.root, 'there.json'), 'utf8'), '{}');
    });
  });
}
