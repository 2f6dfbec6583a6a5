/** Changes of files are told as they are, whatever somebody inside makes of the folder; nothing outside it is ever looked at. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { FileChanges } from '../../../../helper/audit/entries/file-changes.ts';
import { walkFolder } from '../../../../helper/audit/entries/folder-walk.ts';
import type { RecordValue } from '../../../../helper/protocol/record.ts';

let root: string;
const never = new AbortController().signal;
const longAgo = new Date('2020-01-01T00:00:00Z');
const sha = (text: string): string => createHash('sha256').update(text).digest('hex');

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lasso-changes-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const put = (name: string, text: string): void => writeFileSync(join(root, name), text);
/** @param startedMs a time in the future makes everything old */
const changesOf = (startedMs = Date.now() + 60_000, limit = 100_000): FileChanges =>
  new FileChanges({ platform: process.platform, root, startedMs, limit });

interface Told {
  readonly counts: RecordValue | undefined;
  readonly rows: readonly string[];
  readonly detail: { readonly [key: string]: RecordValue };
}

async function compared(changes: FileChanges, signal = never): Promise<Told> {
  const detail = await changes.compare(signal);
  const rows = ['added', 'changed', 'removed'].flatMap((kind) => {
    const list = detail[kind];
    assert.ok(Array.isArray(list));
    return list.map((row: { readonly path: string }) => `${kind} ${row.path}`);
  });
  return { counts: detail['counts'], rows: rows.toSorted(), detail };
}

test('what was added, changed and removed is told, with the digests of what is there', async () => {
  mkdirSync(join(root, 'sub/deep'), { recursive: true });
  for (const name of ['same', 'edited', 'sub/deep/gone', 'sub/touched-back']) put(name, 'one');
  const changes = changesOf();
  await changes.look(never, () => new Date());
  put('edited', 'two');
  put('sub/new', 'three');
  put('sub/touched-back', 'two');
  utimesSync(join(root, 'sub/touched-back'), longAgo, longAgo);
  rmSync(join(root, 'sub/deep'), { recursive: true });
  const { rows, counts, detail } = await compared(changes);
  assert.deepEqual(rows, ['added sub/new', 'changed edited', 'changed sub/touched-back', 'removed sub/deep/gone']);
  assert.deepEqual(counts, { added: 1, changed: 2, removed: 1 });
  assert.deepEqual(detail['added'], [{ path: 'sub/new', bytes: 5, sha256: sha('three') }]);
  assert.equal(detail['complete'], true);
});

test('what was done before the first look is told as well', async () => {
  const startedMs = Date.now() - 1000;
  put('made-early', 'x');
  const changes = changesOf(startedMs);
  await changes.look(never, () => new Date());
  const { rows } = await compared(changes);
  assert.deepEqual(rows, ['added made-early']);
});

test('where the first look was broken off, what is new is told by its time, and nothing is said to be removed that nobody saw', async () => {
  put('old', 'x');
  const over = new AbortController();
  over.abort();
  const changes = changesOf(Date.now() + 60_000);
  await changes.look(over.signal, () => new Date());
  const { rows, detail } = await compared(changes);
  assert.deepEqual(rows, []);
  assert.equal(detail['complete'], false);
});

test('no link is followed, no pipe is opened, and neither is what takes the place of a folder', async () => {
  const outside = mkdtempSync(join(tmpdir(), 'lasso-outside-'));
  try {
    writeFileSync(join(outside, 'secret'), 'x');
    mkdirSync(join(root, 'folder'));
    put('folder/file', 'x');
    const changes = changesOf();
    await changes.look(never, () => new Date());
    symlinkSync(outside, join(root, 'link'));
    symlinkSync(join(outside, 'secret'), join(root, 'file-link'));
    renameSync(join(root, 'folder'), join(root, 'moved'));
    symlinkSync(outside, join(root, 'folder'));
    execFileSync('mkfifo', [join(root, 'pipe')]);
    const { rows, detail } = await compared(changes);
    assert.deepEqual(rows, ['added file-link', 'added folder', 'added link', 'added moved/file', 'added pipe', 'removed folder/file']);
    const added = detail['added'];
    assert.ok(Array.isArray(added));
    assert.deepEqual(
      added.filter((row: { readonly sha256?: string }) => row.sha256 !== undefined).map((row: { readonly path: string }) => row.path),
      ['moved/file'],
    );
  } finally {
    rmSync(outside, { recursive: true });
  }
});

test('folders that tools fill are counted and not looked into', async () => {
  for (const folder of ['node_modules/a', 'sub/node_modules/b', '.git/objects/ab']) {
    mkdirSync(join(root, folder), { recursive: true });
    put(`${folder}/file`, 'x');
  }
  put('.git/HEAD', 'x');
  const seen: string[] = [];
  const walked = await walkFolder(root, { platform: process.platform, signal: never }, ({ path }) => void seen.push(path));
  assert.deepEqual(seen.toSorted(), ['.git/HEAD', '.git/objects', 'node_modules', 'sub/node_modules']);
  assert.deepEqual([walked.complete, walked.unlooked], [true, 3]);
});

test('a name that is no UTF-8 is told by its bytes', { skip: process.platform !== 'linux' }, async () => {
  const changes = changesOf();
  await changes.look(never, () => new Date());
  writeFileSync(Buffer.concat([Buffer.from(`${root}/a\n\u202e\\`), Buffer.from([0xff])]), 'x');
  const { detail } = await compared(changes);
  assert.deepEqual(detail['added'], [{ path: 'a\n\\xe2\\x80\\xae\\\\\\xff', escaped: true, bytes: 1, sha256: sha('x') }]);
});

test('of very many changes all are counted and some are listed, and a look at more entries than the limit is broken off', async () => {
  const changes = changesOf();
  await changes.look(never, () => new Date());
  for (let index = 0; index < 450; index += 1) put(`file-${index}`, '');
  const { counts, detail } = await compared(changes);
  assert.deepEqual(counts, { added: 450, changed: 0, removed: 0 });
  assert.equal(JSON.stringify(detail['added']).length < 31_000 && JSON.stringify(detail['added']).length > 10_000, true);
  const limited = await walkFolder(root, { platform: process.platform, signal: never, limit: 100 }, () => undefined);
  assert.equal(limited.complete, false);
  assert.equal(limited.entries < 200, true);
});
