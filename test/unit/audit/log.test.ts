/** The record while it is written: what was acknowledged stays, what failed leaves no trace, what a crash tore is set aside. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createSecretKey } from 'node:crypto';
import { once } from 'node:events';
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
import { afterEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openRecord } from '../../../helper/audit/log.ts';
import { verifyFile } from '../../../helper/audit/verify.ts';
import { runChild } from '../../../helper/base/child.ts';
import { countingClock, entry, openTestRecord, recordFolder, testKey, testSandbox, writeChain } from '../../kit/records.ts';

const undo: (() => void)[] = [];
afterEach(() => {
  for (const step of undo.splice(0).reverse()) step();
});

function place(): { readonly folder: string; readonly file: string } {
  const { folder, remove } = recordFolder();
  undo.push(remove);
  return { folder, file: join(folder, `${testSandbox}.jsonl`) };
}

async function assertSound(file: string, records: number): Promise<void> {
  const report = await verifyFile(file, testKey);
  assert.deepEqual([report.valid, report.records, report.problems], [true, records, []]);
}

test('an acknowledged record is in the file, and is this user’s alone', async () => {
  const { folder, file } = place();
  chmodSync(folder, 0o755);
  const record = await openTestRecord(folder);
  assert.deepEqual(record.head, { seq: -1, mac: '0'.repeat(64) });
  assert.equal(await record.append(entry), 0);
  assert.match(readFileSync(file, 'utf8'), new RegExp(`"mac":"${record.head.mac}"\\}\n$`));
  assert.deepEqual([statSync(file).mode & 0o777, statSync(folder).mode & 0o777], [0o600, 0o700]);
  await record.close();
  await assert.rejects(record.append(entry), { code: 'RECORD_FAILED' });
  await record.close();
});

test('appends keep their order, whoever waits', async () => {
  const { folder, file } = place();
  const record = await openTestRecord(folder);
  const numbers = await Promise.all(Array.from({ length: 2000 }, (_, n) => record.append({ ...entry, action: `a${n}` })));
  await record.close();
  assert.deepEqual(
    numbers,
    Array.from({ length: 2000 }, (_, n) => n),
  );
  const actions = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => /"action":"([^"]+)"/.exec(line)?.[1]);
  assert.deepEqual(
    actions,
    numbers.map((n) => `a${n}`),
  );
  await assertSound(file, 2000);
});

test('a record opened again goes on where it ended', async () => {
  const { folder, file } = place();
  for (let round = 0; round < 3; round += 1) await writeChain(folder, 5);
  await assertSound(file, 15);
});

test('a clock set back changes times and not the order', async () => {
  const { folder, file } = place();
  const record = await openTestRecord(folder, testSandbox, countingClock(Date.UTC(2038, 0, 20)));
  await record.append(entry);
  await record.close();
  const later = await openTestRecord(folder, testSandbox, countingClock(Date.UTC(2026, 0, 1)));
  await later.append(entry);
  await later.close();
  await assertSound(file, 2);
});

test('a line torn at any byte is set aside, said so, and the chain goes on', async () => {
  const { folder, file } = place();
  await writeChain(folder, 3);
  const whole = readFileSync(file);
  const start = whole.lastIndexOf(10, whole.length - 2) + 1;
  for (let length = start + 1; length < whole.length; length += 1) {
    writeFileSync(file, whole.subarray(0, length));
    const record = await openTestRecord(folder);
    assert.equal(await record.append(entry), 3);
    await record.close();
    await assertSound(file, 4);
    const gap = readFileSync(file, 'utf8').split('\n')[2] ?? '';
    const aside = `${testSandbox}.torn-1`;
    assert.ok(gap.includes('"type":"gap"') && gap.includes(aside) && gap.includes(`"bytes":${length - start}`));
    assert.deepEqual(readFileSync(join(folder, aside)), whole.subarray(start, length));
    rmSync(join(folder, aside));
  }
});

test('a torn first line is set aside too, and earlier ones that were are kept', async () => {
  const { folder, file } = place();
  for (const n of [1, 2, 3]) {
    writeFileSync(file, '{"v":2,"seq":0,"ts"');
    const record = await openTestRecord(folder);
    await record.close();
    assert.ok(readdirSync(folder).includes(`${testSandbox}.torn-${n}`));
    await assertSound(file, 1);
  }
});

test('a chain whose last line does not verify is never continued', async () => {
  const { folder, file } = place();
  await writeChain(folder, 3);
  const whole = readFileSync(file, 'utf8');
  const refused = async (key = testKey): Promise<void> => {
    const before = readFileSync(file);
    await assert.rejects(openRecord({ folder, sandbox: testSandbox, key, clock: countingClock(), uid: process.getuid?.() }), {
      code: 'RECORD_INVALID',
    });
    assert.deepEqual(readFileSync(file), before);
  };
  writeFileSync(file, whole.replace(/"argv":\["git"(?=[^\n]*\n$)/, '"argv":["gut"'));
  await refused();
  writeFileSync(file, `${whole}garbage\n`);
  await refused();
  writeFileSync(file, '\n');
  await refused();
  writeFileSync(file, whole);
  await refused(createSecretKey(Buffer.alloc(32, 9)));
});

const meddling: readonly { readonly name: string; readonly meddle: (file: string) => void }[] = [
  { name: 'appended to', meddle: (file) => appendFileSync(file, 'x\n') },
  { name: 'cut', meddle: (file) => truncateSync(file, 10) },
  { name: 'removed', meddle: (file) => rmSync(file) },
  { name: 'replaced', meddle: (file) => (writeFileSync(`${file}.new`, ''), renameSync(`${file}.new`, file)) },
];
for (const { name, meddle } of meddling) {
  test(`a file that somebody else has ${name} is not written to`, async () => {
    const { folder, file } = place();
    const record = await openTestRecord(folder);
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
      void undo.push(() => rmSync(`${folder}.real`, { recursive: true }))
    ),
  },
];
for (const { name, make } of unsafe) {
  test(`a record that is ${name} is refused`, async () => {
    const { folder, file } = place();
    await make(file, folder);
    await assert.rejects(openTestRecord(folder), (error: unknown) => {
      assert.ok(error instanceof Error && 'code' in error && (error.code === 'RECORD_INVALID' || error.code === 'RECORD_FAILED'));
      return true;
    });
  });
}

test('a sandbox id that is a path is refused', async () => {
  const { folder } = place();
  for (const id of ['../x', 'a/b', '', '.', 'A', 'x'.repeat(65)])
    await assert.rejects(openTestRecord(folder, id), { code: 'RECORD_INVALID' });
});

const mountable = process.platform === 'linux' && process.getuid?.() === 0;
test(
  'a full disk refuses the record whole, and space again lets it go on',
  { skip: mountable ? false : 'needs root to mount a small file system' },
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'lasso-test-'));
    const mounted = await runChild('mount', ['-t', 'tmpfs', '-o', 'size=64k,mode=700', 'lasso-test', folder], { timeoutMs: 5000 });
    if (mounted.code !== 0) return t.skip(`cannot mount here: ${mounted.stderr.trim()}`);
    try {
      const ballast = join(folder, 'ballast');
      writeFileSync(ballast, Buffer.alloc(32_768));
      const record = await openTestRecord(folder);
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
      await assertSound(record.file, written);
      rmSync(ballast);
      assert.equal(await record.append(entry), written);
      await record.close();
      await assertSound(record.file, written + 1);
      await runChild('mount', ['-o', 'remount,ro', folder], { timeoutMs: 5000 });
      await assert.rejects(openTestRecord(folder), { code: 'RECORD_FAILED' });
    } finally {
      await runChild('umount', [folder], { timeoutMs: 5000 });
      rmSync(folder, { recursive: true });
    }
  },
);

test('a writer killed fifty times at any moment has lost nothing it acknowledged', { timeout: 120_000 }, async () => {
  const { folder, file } = place();
  const program = fileURLToPath(new URL('../../kit/record-writer.ts', import.meta.url));
  let acknowledged = -1;
  for (let round = 0; round < 50; round += 1) {
    const child = spawn(process.execPath, [program, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
    await once(child.stdout, 'data');
    const busyMs = (round * 7) % 23;
    await new Promise((resolve) => setTimeout(resolve, busyMs));
    child.kill('SIGKILL');
    await once(child, 'close');
    acknowledged = Number(said.slice(0, said.lastIndexOf('\n')).split('\n').at(-1));
    const report = await verifyFile(file, testKey);
    assert.deepEqual(
      report.problems.filter(({ code }) => code !== 'torn-tail'),
      [],
    );
    assert.ok(report.verified > acknowledged, `${report.verified} records, ${acknowledged} acknowledged`);
  }
  await writeChain(folder, 1);
  assert.equal((await verifyFile(file, testKey)).valid, true);
});
