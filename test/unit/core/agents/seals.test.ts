/** Which notes in a folder are one's own: those that were about to be written here, and no others. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isOwn, seal } from '../../../../helper/core/agents/seals.ts';
import { testPlace } from '../../../kit/folders.ts';
import { undoing } from '../../../kit/undoing.ts';

const undo = undoing();

test('notes are one’s own once they were sealed, in that folder only, the last few of them', async () => {
  const { folders, remove } = testPlace();
  undo(remove);
  assert.equal(await isOwn('/work', 'one', folders), false);
  await seal('/work', ['begun', 'one'], folders);
  const own = async (...texts: string[]): Promise<boolean[]> => Promise.all(texts.map((text) => isOwn('/work', text, folders)));
  assert.deepEqual(await own('begun', 'one', 'two'), [true, true, false]);
  assert.equal(await isOwn('/elsewhere', 'one', folders), false);
  assert.equal(await isOwn('/work', null, folders), false);
  await seal('/work', [null], folders);
  await seal('/work', ['two', 'three', 'four'], folders);
  assert.deepEqual(await own('one', 'four'), [false, true]);
});

test('a seal that cannot be read is none', async () => {
  const { folders, remove } = testPlace();
  undo(remove);
  mkdirSync(folders.state, { recursive: true });
  await seal('/work', ['one'], folders);
  const [file = ''] = readdirSync(join(folders.state, 'agents'));
  writeFileSync(join(folders.state, 'agents', file), '{"version": 1, "workspace": "/work", "notes": [1]}');
  assert.equal(await isOwn('/work', 'one', folders), false);
});
