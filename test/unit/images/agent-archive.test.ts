/** Archives from a registry are hostile until their digest is known: nothing of them lands where it should not. */
import assert from 'node:assert/strict';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, describe, test } from 'node:test';
import { ArchiveFault, unpack, type UnpackOptions } from '../../../helper/images/agent-archive.ts';
import { type ArchiveEntry, type MadePackage, madeOf, packageOf } from '../../kit/agent-packages.ts';

const place = mkdtempSync(join(tmpdir(), 'lasso-unpack-'));
after(() => rmSync(place, { recursive: true, force: true }));

async function unpacked({ bytes, integrity }: MadePackage, options: UnpackOptions = {}, keep = ['bin', 'tool']): Promise<string> {
  const outer = mkdtempSync(join(place, 'one-'));
  const folder = join(outer, 'into');
  mkdirSync(folder);
  try {
    await unpack(Readable.from([bytes]), folder, { keep, integrity }, options);
  } finally {
    assert.deepEqual(readdirSync(outer), ['into'], 'nothing beside the folder');
  }
  return folder;
}

test('what is needed is unpacked, read-only, runnable where it was', async () => {
  const made = await packageOf([
    { name: 'package/tool', text: '#!/bin/sh\n', mode: 0o755 },
    { name: 'package/bin/deep/data', text: 'data', mode: 0o600 },
    { name: 'package/README.md', text: 'not needed' },
    { name: 'package/toolbox', text: 'not needed' },
  ]);
  const folder = await unpacked(made);
  assert.deepEqual(readdirSync(folder, { recursive: true }).map(String).sort(), ['bin', 'bin/deep', 'bin/deep/data', 'tool']);
  const mode = (name: string): number => lstatSync(join(folder, name)).mode & 0o777;
  assert.deepEqual([mode('tool') & 0o222, mode('tool') & 0o100, mode('bin/deep/data') & 0o333], [0, 0o100, 0]);
  assert.equal(readFileSync(join(folder, 'bin/deep/data'), 'utf8'), 'data');
});

describe('refused, and nothing is left beside the folder:', () => {
  const file = { name: 'package/tool', text: 'x' };
  const cases: readonly (readonly [what: string, entries: readonly ArchiveEntry[], words: RegExp])[] = [
    ['a step back', [{ name: 'package/../../escaped', text: 'x' }], /impossible name/],
    ['a step back at the end', [{ name: 'package/bin/..', text: 'x' }], /impossible name/],
    ['an absolute name', [{ name: '//tmp/lasso-escaped', text: 'x' }], /impossible name/],
    ['a name with a backslash', [{ name: 'package/bin\\..\\x', text: 'x' }], /impossible name/],
    ['a name with a line break', [{ name: 'package/bin/a\nb', text: 'x' }], /impossible name/],
    ['an empty step', [{ name: 'package//bin/x', text: 'x' }], /impossible name/],
    [
      'a link that leads out',
      [
        { name: 'package/bin', type: 'symlink', linkname: '/tmp' },
        { name: 'package/bin/x', text: 'x' },
      ],
      /symlink/,
    ],
    ['a link that leads nowhere', [{ name: 'package/tool', type: 'symlink', linkname: 'x' }], /symlink/],
    ['a second name of a file', [file, { name: 'package/bin/x', type: 'link', linkname: '/etc/passwd' }], /holds a link/],
    ['a pipe', [{ name: 'package/bin/pipe', type: 'fifo' }], /fifo/],
    ['a device', [{ name: 'package/bin/device', type: 'character-device' }], /character-device/],
    ['a file twice', [file, { ...file, text: 'y' }], /twice/],
  ];
  for (const [what, entries, words] of cases)
    test(what, async () => {
      const made = await packageOf(entries);
      await assert.rejects(unpacked(made), (error) => error instanceof ArchiveFault && words.test(error.message));
    });

  test('another archive than the one that is known', async () => {
    const [wanted, other] = [await packageOf([file]), await packageOf([{ ...file, text: 'y' }])];
    await assert.rejects(unpacked({ bytes: other.bytes, integrity: wanted.integrity }), /not the one LASSO knows/);
  });

  test('one that breaks off', async () => {
    const { bytes, integrity } = await packageOf([{ ...file, text: 'x'.repeat(100_000) }]);
    await assert.rejects(unpacked({ bytes: bytes.subarray(0, bytes.length / 2), integrity }), /broke off or is damaged/);
  });

  test('one that is no archive at all', async () => {
    await assert.rejects(unpacked(madeOf(Buffer.from('<html>'))), ArchiveFault);
  });

  test('one that unpacks to more than it may', async () => {
    const made = await packageOf([{ ...file, text: 'x'.repeat(100_000) }]);
    await assert.rejects(unpacked(made, { limits: { bytes: 1000, entries: 10 } }), /too large/);
    const many = await packageOf(Array.from({ length: 20 }, (_, index) => ({ name: `package/bin/${index}`, text: '' })));
    await assert.rejects(unpacked(many, { limits: { bytes: 1000, entries: 10 } }), /too many files/);
  });
});

test('a link or a device that is not needed is passed over', async () => {
  const made = await packageOf([
    { name: 'package/other', type: 'symlink', linkname: '/etc' },
    { name: 'package/tool', text: 'x' },
  ]);
  assert.deepEqual(readdirSync(await unpacked(made)), ['tool']);
});

test('it stops when nobody waits for it', async () => {
  const made = await packageOf([{ name: 'package/tool', text: 'x'.repeat(100_000) }]);
  const over = AbortSignal.abort(new Error('enough'));
  await assert.rejects(unpacked(made, { signal: over }), /enough/);
});
