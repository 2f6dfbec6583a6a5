/** A lock pins a profile, and comes with the workspace: it can refuse, and nothing else. */
import assert from 'node:assert/strict';
import { existsSync, lstatSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { lockChanges, lockOf, readLock, removeLock, requireLocked, writeLock } from '../../../../helper/core/profiles/lock.ts';
import { LassoError } from '../../../../helper/protocol/errors.ts';
import { TestWorkspace } from '../../../kit/workspaces.ts';

let work: TestWorkspace;
beforeEach(() => {
  work = new TestWorkspace();
});
afterEach(() => work.dispose());

const lock = async (reference?: string): Promise<void> => {
  await writeLock(work.dir, await lockOf(await work.effective({ reference }), work.dir, '2.0.0', work.places.sources));
};
const required = async (reference?: string, version = '2.0.0'): Promise<void> =>
  await requireLocked(await work.effective({ reference }), work.dir, version, work.places.sources);
const isMismatch = (error: unknown): boolean => error instanceof LassoError && error.code === 'PROFILE_MISMATCH';

test('a locked profile starts, another content of it does not, and another profile is none of the lock’s business', async () => {
  work.user('team', 'extends = "standard"\n[resources]\nmax_pids = 50\n');
  await required('team');
  await lock('team');
  await required('team');
  work.user('team', 'extends = "standard"\n[resources]\nmax_pids = 5000\n');
  await assert.rejects(
    required('team'),
    (error) => isMismatch(error) && error instanceof LassoError && error.details.join().includes('team.toml has changed'),
  );
  await required('standard');
  assert.equal(await removeLock(work.dir), true);
  await required('team');
  assert.equal(await removeLock(work.dir), false);
});

test('a lock is about what the workspace says as well', async () => {
  work.write('profile.toml', 'name = "own"\n[resources]\nmax_pids = 10\n');
  await work.say(true);
  await lock();
  work.write('profile.toml', 'name = "own"\n[resources]\nmax_pids = 20\n');
  await work.say(true);
  await assert.rejects(
    required(),
    (error) => isMismatch(error) && error instanceof LassoError && error.details.join() === '.lasso/profile.toml has changed',
  );
});

test('the same files read differently by another version say so', async () => {
  const now = await lockOf(await work.effective(), work.dir, '2.1.0', work.places.sources);
  assert.deepEqual(lockChanges({ ...now, lasso: '2.0.0', digest: '0'.repeat(64) }, now), ['LASSO 2.1.0 reads them differently from 2.0.0']);
});

test('what is written is read again, whatever a file is called', async () => {
  const name = 'a"b\\c\u0007é\u007f\ud83d\ude00';
  const written = { version: 1, profile: name, digest: 'a'.repeat(64), lasso: '2', files: [{ name, sha256: 'b'.repeat(64) }] } as const;
  await writeLock(work.dir, { ...written, files: [...written.files] });
  assert.deepEqual(await readLock(work.dir), written);
});

describe('a lock that cannot be understood refuses', () => {
  for (const text of [
    '',
    'version = 2',
    'nonsense',
    'version = 1\nprofile = "x"\ndigest = "short"\nlasso = "2"\nfiles = []',
    '[files]\n'.repeat(60_000),
  ])
    test(JSON.stringify(text.slice(0, 40)), async () => {
      work.write('profile.lock', text);
      await assert.rejects(required(), isMismatch);
    });
});

test('a link is not read, and not written through', async () => {
  const outside = work.put(join(work.root, 'outside'), 'untouched');
  mkdirSync(join(work.dir, '.lasso'));
  symlinkSync(outside, join(work.dir, '.lasso', 'profile.lock'));
  await assert.rejects(required(), isMismatch);
  await lock();
  assert.equal(readFileSync(outside, 'utf8'), 'untouched');
  assert.ok(lstatSync(join(work.dir, '.lasso', 'profile.lock')).isFile());
});

test('nothing is written into a folder that is a link', async () => {
  const other = join(work.root, 'other');
  mkdirSync(other);
  symlinkSync(other, join(work.dir, '.lasso'));
  await assert.rejects(lock(), (error) => error instanceof LassoError);
  assert.ok(!existsSync(join(other, 'profile.lock')));
});
