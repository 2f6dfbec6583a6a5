/** The record while it is written: what was acknowledged stays, what failed leaves no trace, what a crash tore is set aside. */
import assert from 'node:assert/strict';
import {
  appendFileSync,
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runChild } from '../../../../helper/base/child.ts';
import {
  countingClock,
  entry,
  openTestRecord,
  recordFolder,
  testOptions,
  testSandbox,
  testStore,
  writeChain,
} from '../../../kit/records.ts';
import { assertSound, linesOf, wordsOf } from '../../../kit/record-checks.ts';
import { undoing } from '../../../kit/undoing.ts';

const undo = undoing();

interface Place {
  readonly home: string;
  readonly folder: string;
  readonly file: string;
}

function place(): Place {
  const { folder: home, remove } = recordFolder();
  undo(remove);
  const folder = join(home, 'audit');
  mkdirSync(folder);
  return { home, folder, file: join(folder, `${testSandbox}.jsonl`) };
}

test('an acknowledged record is in the file, and is this user’s alone', async () => {
  const { home, folder, file } = place();
  chmodSync(folder, 0o755);
  const record = await openTestRecord(home);
  assert.equal(record.head.seq, 0);
  assert.equal(await record.append(entry), 1);
  assert.equal(linesOf(file).length, 2);
  assert.deepEqual([statSync(file).mode & 0o777, statSync(folder).mode & 0o777], [0o600, 0o700]);
  await record.close();
  await assert.rejects(record.append(entry), { code: 'RECORD_FAILED' });
  await record.close();
});

test('appends keep their order, whoever waits', async () => {
  const { home, file } = place();
  const record = await openTestRecord(home);
  const numbers = await Promise.all(Array.from({ length: 2000 }, (_, n) => record.append({ ...entry, action: `a${n}` })));
  await record.close();
  assert.deepEqual(
    numbers,
    Array.from({ length: 2000 }, (_, n) => n + 1),
  );
  assert.deepEqual(
    wordsOf(file).filter((word) => word.startsWith('a')),
    numbers.map((_, n) => `a${n}`),
  );
  await assertSound(home, { records: 2003 });
});

test('a record opened again says so and goes on where it ended', async () => {
  const { home, file } = place();
  for (let round = 0; round < 3; round += 1) await writeChain(home, 1);
  const went = ['opened', 'epoch', 'exec', 'epoch', 'closed'];
  assert.deepEqual(wordsOf(file), ['begun', 'exec', 'epoch', 'closed', ...went, ...went]);
  await assertSound(home, { records: 14 });
});

test('a record that is opened and closed without a line stays as it is', async () => {
  const { home, file } = place();
  await writeChain(home, 1);
  const before = readFileSync(file);
  await (await openTestRecord(home)).close();
  assert.deepEqual(readFileSync(file), before);
});

test('a clock set back changes times and not the order', async () => {
  const { home, file } = place();
  await writeChain(home, 1, { clock: countingClock(Date.UTC(2038, 0, 20)) });
  await writeChain(home, 1, { clock: countingClock(Date.UTC(2026, 0, 1)) });
  assert.equal(wordsOf(file).length, 9);
  await assertSound(home, { notes: ['clock'] });
});

test('a wall clock that steps while a record is written is on record, with what it was', async () => {
  const { home, file } = place();
  let wallMs = Date.UTC(2026, 0, 1);
  let monotonicMs = 0;
  const clock = { now: () => new Date(wallMs), monotonicMs: () => monotonicMs };
  const record = await openTestRecord(home, testSandbox, { clock });
  const pass = async (wall: number, monotonic: number): Promise<void> => {
    wallMs += wall;
    monotonicMs += monotonic;
    await record.append(entry);
  };
  await pass(60_000, 60_000);
  await pass(1000, 2900);
  await pass(-3_600_000, 1000);
  await pass(86_400_000, 1000);
  await record.close();
  assert.deepEqual(wordsOf(file), ['begun', 'exec', 'exec', 'clock', 'exec', 'clock', 'exec', 'epoch', 'closed']);
  const details = linesOf(file).flatMap((line) => /"detail":(\{"from".*?\})/.exec(line)?.[1] ?? []);
  assert.deepEqual(
    details.map((detail): unknown => JSON.parse(detail)),
    [
      { from: '2026-01-01T00:01:02.000Z', to: '2025-12-31T23:01:01.000Z' },
      { from: '2025-12-31T23:01:02.000Z', to: '2026-01-01T23:01:01.000Z' },
    ],
  );
  await assertSound(home, { notes: ['clock'] });
});

test('a line torn at any byte is set aside, said so, and the chain goes on', async () => {
  const { home, folder, file } = place();
  const record = await openTestRecord(home);
  await record.append(entry);
  await record.checkpoint();
  await record.append({ ...entry, action: 'torn' });
  const whole = readFileSync(file);
  const kept = readKept(home);
  await record.close();
  const start = whole.lastIndexOf(10, whole.length - 2) + 1;
  for (let length = start + 1; length < whole.length; length += 7) {
    restore(home, kept);
    writeFileSync(file, whole.subarray(0, length));
    await writeChain(home, 1);
    assert.deepEqual(wordsOf(file), ['begun', 'exec', 'opened', 'torn-line', 'epoch', 'exec', 'epoch', 'closed']);
    await assertSound(home, { notes: ['gap'] });
    const aside = `${testSandbox}.torn-1`;
    const gap = linesOf(file)[3] ?? '';
    assert.ok(gap.includes('"type":"gap"') && gap.includes(aside) && gap.includes(`"bytes":${length - start}`));
    assert.deepEqual(readFileSync(join(folder, aside)), whole.subarray(start, length));
    rmSync(join(folder, aside));
  }
});

test('a torn first line is set aside too, and earlier ones that were are kept', async () => {
  const { home, folder, file } = place();
  for (const n of [1, 2, 3]) {
    rmSync(join(home, 'keys'), { recursive: true, force: true });
    rmSync(join(home, 'checkpoints'), { recursive: true, force: true });
    writeFileSync(file, '{"v":3,"seq":0,"ep');
    await (await openTestRecord(home)).close();
    assert.ok(readdirSync(folder).includes(`${testSandbox}.torn-${n}`));
    assert.deepEqual(wordsOf(file), ['begun', 'torn-line', 'epoch', 'closed']);
    await assertSound(home, { notes: ['gap'] });
  }
});

const meddling: readonly { readonly name: string; readonly meddle: (file: string) => void }[] = [
  { name: 'appended to', meddle: (file) => appendFileSync(file, 'x\n') },
  { name: 'cut', meddle: (file) => truncateSync(file, 10) },
  { name: 'removed', meddle: (file) => rmSync(file) },
  { name: 'replaced', meddle: (file) => (writeFileSync(`${file}.new`, ''), renameSync(`${file}.new`, file)) },
];
for (const { name, meddle } of meddling) {
  test(`a file that somebody else has ${name} is not written to`, async () => {
    const { home, file } = place();
    const record = await openTestRecord(home);
    await record.append(entry);
    meddle(file);
    await assert.rejects(record.append(entry), { code: 'RECORD_FAILED' });
    await record.close();
  });
}

const unsafe: readonly { readonly name: string; readonly make: (file: string, folder: string) => unknown }[] = [
  { name: 'a link', make: (file) => (writeFileSync(`${file}.real`, ''), symlinkSync(`${file}.real`, file)) },
  { name: 'a second name of another file', make: (file) => (writeFileSync(`${file}.real`, ''), linkSync(`${file}.real`, file)) },
  { name: 'a folder', make: (file) => mkdirSync(file) },
  { name: 'a FIFO', make: (file) => runChild('mkfifo', [file], { timeoutMs: 5000 }) },
  {
    name: 'in a folder that is a link',
    make: (_, folder) => (
      renameSync(folder, `${folder}.real`),
      symlinkSync(`${folder}.real`, folder),
      undo(() => rmSync(`${folder}.real`, { recursive: true }))
    ),
  },
];
for (const { name, make } of unsafe) {
  test(`a record that is ${name} is refused`, async () => {
    const { home, folder, file } = place();
    await make(file, folder);
    await assert.rejects(openTestRecord(home), (error: unknown) => {
      assert.ok(error instanceof Error && 'code' in error && (error.code === 'RECORD_INVALID' || error.code === 'RECORD_FAILED'));
      return true;
    });
  });
}

test('a sandbox id that is a path is refused', async () => {
  const { home } = place();
  for (const id of ['../x', 'a/b', '', '.', 'A', 'x'.repeat(65)])
    await assert.rejects(openTestRecord(home, id), { code: 'RECORD_INVALID' });
});

test('a second writer of one chain is refused, and the first goes on', async () => {
  const { home } = place();
  const store = testStore(home);
  const record = await store.open(testSandbox, testOptions);
  await assert.rejects(store.open(testSandbox, testOptions), { code: 'RECORD_FAILED' });
  assert.equal(await record.append(entry), 1);
  await record.close();
  await (await store.open(testSandbox, testOptions)).close();
});

test('a writer of another process that takes the chain makes the first one stop, and neither’s lines are lost', async () => {
  const { home, file } = place();
  const first = await openTestRecord(home);
  const second = await openTestRecord(home);
  await second.append(entry);
  await assert.rejects(first.append(entry), { code: 'RECORD_FAILED' });
  await second.close();
  await first.close();
  assert.deepEqual(wordsOf(file), ['begun', 'opened', 'epoch', 'exec', 'epoch', 'closed']);
});

test('with fsync a record is acknowledged when it is on the disk', async () => {
  const { home } = place();
  const record = await testStore(home).open(testSandbox, { ...testOptions, durability: 'fsync' });
  assert.deepEqual(await Promise.all([record.append(entry), record.append(entry)]), [1, 2]);
  await record.close();
  await assertSound(home, { records: 5 });
});

const mountable = process.platform === 'linux' && process.getuid?.() === 0;
test(
  'a full disk refuses the record whole, and space again lets it go on',
  { skip: mountable ? false : 'needs root to mount a small file system' },
  async (t) => {
    const home = mkdtempSync(join(tmpdir(), 'lasso-test-'));
    const mounted = await runChild('mount', ['-t', 'tmpfs', '-o', 'size=128k,mode=700', 'lasso-test', home], { timeoutMs: 5000 });
    if (mounted.code !== 0) return t.skip(`cannot mount here: ${mounted.stderr.trim()}`);
    try {
      const ballast = join(home, 'ballast');
      writeFileSync(ballast, Buffer.alloc(32_768));
      const record = await openTestRecord(home);
      let written = 0;
      const failed = await (async () => {
        for (;;) {
          try {
            await record.append(entry);
            written += 1;
          } catch (error) {
            return error;
          }
        }
      })();
      assert.ok(
        failed instanceof Error && 'code' in failed && failed.code === 'RECORD_FAILED' && failed.message.includes('the disk is full'),
      );
      await assert.rejects(record.append(entry), { code: 'RECORD_FAILED' });
      assert.equal(linesOf(record.file).length, written + 1);
      rmSync(ballast);
      assert.equal(await record.append(entry), written + 1);
      await record.close();
      await assertSound(home, { records: written + 4 });
      await runChild('mount', ['-o', 'remount,ro', home], { timeoutMs: 5000 });
      await assert.rejects(openTestRecord(home), { code: 'RECORD_FAILED' });
    } finally {
      await runChild('umount', [home], { timeoutMs: 5000 });
      rmSync(home, { recursive: true });
    }
  },
);

/** Keys and checkpoints as they are now. */
function readKept(home: string): ReadonlyMap<string, Buffer> {
  const files = ['keys', 'checkpoints'].flatMap((folder) => readdirSync(join(home, folder)).map((name) => join(home, folder, name)));
  return new Map(files.map((file) => [file, readFileSync(file)]));
}

function restore(home: string, kept: ReadonlyMap<string, Buffer>): void {
  for (const folder of ['keys', 'checkpoints']) for (const name of readdirSync(join(home, folder))) rmSync(join(home, folder, name));
  for (const [file, bytes] of kept) writeFileSync(file, bytes, { mode: 0o600 });
}
