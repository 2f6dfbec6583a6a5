import assert from 'node:assert/strict';
import { once, EventEmitter } from 'node:events';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { watchFiles } from '../../../../helper/core/files/replaced.ts';

test('a watched file that is replaced is told once, and one that is written in place never', { timeout: 20_000 }, async () => {
  const root = mkdtempSync(join(tmpdir(), 'lasso-replaced-'));
  mkdirSync(join(root, 'sub'));
  const files = [join(root, '.env'), join(root, 'sub/a.key'), join(root, 'gone')];
  for (const file of files.slice(0, 2)) writeFileSync(file, 'old');
  const told: string[] = [];
  const heard = new EventEmitter();
  const stop = await watchFiles(
    files,
    (file) => {
      told.push(file);
      heard.emit('told');
    },
    (error) => assert.fail(String(error)),
  );
  const save = (file: string): void => {
    writeFileSync(`${file}.new`, 'new');
    renameSync(`${file}.new`, file);
  };
  try {
    writeFileSync(join(root, '.env'), 'changed in place');
    writeFileSync(join(root, 'gone'), 'was not there at the start');
    const first = once(heard, 'told');
    save(join(root, 'sub/a.key'));
    await first;
    const second = once(heard, 'told');
    save(join(root, 'sub/a.key'));
    save(join(root, '.env'));
    await second;
    assert.deepEqual(told, [join(root, 'sub/a.key'), join(root, '.env')]);
  } finally {
    stop();
    rmSync(root, { recursive: true });
  }
});

test('a folder that cannot be watched is told', async () => {
  const errors: unknown[] = [];
  const stop = await watchFiles(
    ['/nonexistent/a/.env'],
    () => assert.fail('nothing is there'),
    (error) => errors.push(error),
  );
  stop();
  assert.equal(errors.length, 1);
});
