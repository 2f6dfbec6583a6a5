import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { sumsName, writePack, type PackMember } from '../../../../helper/audit/report/pack.ts';
import { testPlace } from '../../../kit/folders.ts';
import { unpacked } from '../../../kit/archives.ts';

const { root, remove } = testPlace();
after(remove);

const made = { folder: 'lasso-evidence', at: new Date('2026-03-04T09:00:00Z') };
const sha256 = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('an archive', () => {
  test('holds every member byte for byte, and the digests of all of them', async () => {
    const large = randomBytes(3_000_001);
    const path = join(root, 'grows');
    writeFileSync(path, Buffer.concat([large, Buffer.from('what came later')]));
    const file = join(root, 'a.tar.gz');
    const members: readonly PackMember[] = [
      { name: 'README.txt', text: 'Read me. ’\n' },
      { name: 'record/a.jsonl', path, bytes: large.length },
      { name: 'record/empty.jsonl', path, bytes: 0 },
    ];
    const packed = await writePack(file, members, made);
    assert.deepEqual(packed.files, ['README.txt', 'record/a.jsonl', 'record/empty.jsonl', sumsName]);
    assert.equal(packed.sha256, sha256(readFileSync(file)));
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const found = await unpacked(file, made.folder);
    assert.ok(found.get('record/a.jsonl')?.equals(large));
    assert.equal(found.get('record/empty.jsonl')?.length, 0);
    const sums = [...found].filter(([name]) => name !== sumsName).map(([name, bytes]) => `${sha256(bytes)}  ${name}\n`);
    assert.equal(found.get(sumsName)?.toString(), sums.join(''));
  });

  test('is written over nothing', async () => {
    const file = join(root, 'there');
    writeFileSync(file, 'mine');
    await assert.rejects(writePack(file, [], made), { code: 'EEXIST' });
    assert.equal(readFileSync(file, 'utf8'), 'mine');
  });

  const failing: readonly (readonly [why: string, member: (path: string) => PackMember, signal?: AbortSignal])[] = [
    ['a member that is not there', () => ({ name: 'a', path: join(root, 'nowhere'), bytes: 5 })],
    ['a member that became shorter', (path) => ({ name: 'a', path, bytes: 1_000_000 })],
    ['somebody who does not want it any more', (path) => ({ name: 'a', path, bytes: 3 }), AbortSignal.abort()],
  ];
  for (const [why, member, signal] of failing)
    test(`is not there after ${why}`, async () => {
      const path = join(root, 'short');
      writeFileSync(path, 'abc');
      const file = join(root, 'failed.tar.gz');
      await assert.rejects(writePack(file, [member(path)], signal === undefined ? made : { ...made, signal }));
      assert.equal(existsSync(file), false);
    });
});
