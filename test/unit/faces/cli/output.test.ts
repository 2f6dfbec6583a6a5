/** Output goes to a file nobody had, or to the screen without harm; a half-written file is never left. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { writeOutput } from '../../../../helper/faces/cli/output.ts';
import { LassoError } from '../../../../helper/protocol/errors.ts';
import { testConsole } from '../../../kit/console.ts';

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'lasso-output-'));
});
after(() => rmSync(folder, { recursive: true }));

const consoleIn = (terminal = false): ReturnType<typeof testConsole> => ({ ...testConsole({ terminal }), cwd: folder });

test('pieces are put together in a new file that only this user reads', async () => {
  const path = await writeOutput(consoleIn(), 'whole.csv', ['a,b\r\n', 'c,d\r\n']);
  assert.equal(path, join(folder, 'whole.csv'));
  assert.equal(readFileSync(path, 'utf8'), 'a,b\r\nc,d\r\n');
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test('a file that exists is refused and stays as it is', async () => {
  writeFileSync(join(folder, 'mine'), 'mine');
  await assert.rejects(
    writeOutput(consoleIn(), 'mine', ['theirs']),
    (error) => error instanceof LassoError && error.code === 'BAD_REQUEST' && /already a file/.test(error.message),
  );
  assert.equal(readFileSync(join(folder, 'mine'), 'utf8'), 'mine');
});

test('what fails halfway leaves no file', async () => {
  const pieces = function* (): Generator<string> {
    yield 'half';
    throw new LassoError('HELPER_UNREACHABLE', 'gone', '');
  };
  await assert.rejects(writeOutput(consoleIn(), 'half', pieces()), { code: 'HELPER_UNREACHABLE' });
  assert.ok(!readdirSync(folder).includes('half'));
});

test('a folder that is not there is said to be the reason', async () => {
  await assert.rejects(writeOutput(consoleIn(), 'absent/file', ['x']), /ENOENT/);
});

test('elsewhere than on a terminal the bytes are left as they are; on one nothing deceives', async () => {
  const hostile = 'a\u001b[2Jb\r\nc\u202ed\n';
  const pipe = consoleIn();
  await writeOutput(pipe, undefined, [hostile]);
  assert.equal(pipe.written().stdout, hostile);
  const screen = consoleIn(true);
  await writeOutput(screen, undefined, [hostile]);
  assert.equal(screen.written().stdout, 'a\\u{1b}[2Jb\nc\\u{202e}d\n');
});
