/** Checkpoints in a git repository: committed on a branch of their own, pushed where that is wanted, and nothing of the repository run. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { runChild } from '../../../../helper/base/child.ts';
import type { GitSettings } from '../../../../helper/audit/forward/settings.ts';
import { chainName, testOutbox, until, written, type TestOutbox } from '../../../kit/forwarding.ts';

let place: TestOutbox;
let root: string;
let repository: string;

async function git(folder: string, ...argv: readonly string[]): Promise<string> {
  const environment = { PATH: process.env['PATH'], HOME: root, GIT_CONFIG_NOSYSTEM: '1' };
  const { code, stdout, stderr } = await runChild('git', ['-C', folder, ...argv], { timeoutMs: 20_000, environment });
  assert.equal(code, 0, stderr);
  return stdout.trim();
}

beforeEach(async () => {
  place = testOutbox();
  root = dirname(place.chain.places.audit);
  repository = join(root, 'repository');
  mkdirSync(repository);
  await git(repository, 'init', '--quiet');
});
afterEach(() => place.end());

const sink = (more: Partial<GitSettings> = {}): GitSettings => ({ kind: 'git', folder: repository, push: false, ...written, ...more });
const commits = async (folder = repository): Promise<readonly string[]> =>
  (await git(folder, 'log', '--format=%s', 'lasso-checkpoints').catch(() => '')).split('\n').filter((text) => text !== '');
const settled = (): Promise<void> => until('all is committed', () => place.outbox.busy === 0);

test('the newest checkpoint is in the branch, earlier ones in its history, and nothing else is touched', async () => {
  const { chain, outbox } = place;
  writeFileSync(join(repository, 'mine'), 'my work');
  await git(repository, 'add', 'mine');
  chain.writeMany(2);
  const first = chain.sign();
  await outbox.direct(chainName, [sink()], 'start');
  await settled();
  chain.writeMany(3);
  const second = chain.sign();
  outbox.grown(chainName);
  await settled();
  assert.deepEqual(await commits(), [`Checkpoint of ${chainName}: 5 records`, `Checkpoint of ${chainName}: 2 records`]);
  assert.equal(`${await git(repository, 'show', `lasso-checkpoints:${chainName}.checkpoint`)}\n`, second);
  assert.equal(`${await git(repository, 'show', `lasso-checkpoints~1:${chainName}.checkpoint`)}\n`, first);
  assert.equal(await git(repository, 'status', '--porcelain'), 'A  mine');
  await git(repository, 'fsck', '--strict');
});

test('files others put into the branch stay there', async () => {
  const { chain, outbox } = place;
  const blob = await git(repository, 'hash-object', '-w', '--stdin');
  await git(repository, 'update-index', '--add', '--cacheinfo', `100644,${blob},other.checkpoint`);
  const made = await git(repository, 'write-tree');
  const identity = ['-c', 'user.name=a', '-c', 'user.email=a@b'];
  await git(
    repository,
    'update-ref',
    'refs/heads/lasso-checkpoints',
    await git(repository, ...identity, 'commit-tree', made, '-m', 'before'),
  );
  chain.write();
  chain.sign();
  await outbox.direct(chainName, [sink()], 'start');
  await settled();
  assert.deepEqual((await git(repository, 'ls-tree', '--name-only', 'lasso-checkpoints')).split('\n'), [
    `${chainName}.checkpoint`,
    'other.checkpoint',
  ]);
});

test('no hook, filter, signing program or monitor of the repository is run', async () => {
  const { chain, outbox } = place;
  const proof = join(root, 'was-run');
  const program = join(root, 'program');
  writeFileSync(program, `#!/bin/sh\necho run >> ${proof}\n`);
  chmodSync(program, 0o755);
  for (const hook of ['pre-commit', 'post-commit', 'commit-msg', 'reference-transaction', 'post-update', 'pre-push', 'post-index-change'])
    writeFileSync(join(repository, '.git', 'hooks', hook), `#!/bin/sh\necho ${hook} >> ${proof}\n`, { mode: 0o755 });
  for (const [key, value] of [
    ['core.fsmonitor', program],
    ['core.sshCommand', program],
    ['gpg.program', program],
    ['commit.gpgSign', 'true'],
    ['filter.x.clean', program],
    ['filter.x.process', program],
    ['core.pager', program],
    ['remote.origin.receivepack', program],
    ['remote.origin.url', `ext::${program}`],
    ['core.hooksPath', join(repository, '.git', 'hooks')],
  ] as const)
    await git(repository, 'config', key, value);
  writeFileSync(join(repository, '.gitattributes'), '* filter=x\n');
  chain.write();
  chain.sign();
  await outbox.direct(chainName, [sink({ push: true })], 'start');
  await until('pushing fails', () => place.notices.length > 0);
  assert.match(place.notices[0]?.message ?? '', /^git push failed/);
  assert.equal((await commits()).length, 1);
  assert.equal(existsSync(proof), false);
});

test('the branch is pushed to origin, and what could not be pushed is pushed later', async () => {
  const { chain, outbox, notices } = place;
  const origin = join(root, 'origin.git');
  await git(repository, 'remote', 'add', 'origin', origin);
  chain.write();
  chain.sign();
  await outbox.direct(chainName, [sink({ push: true })], 'start');
  await until('pushing fails', () => notices.length > 0);
  mkdirSync(origin);
  await git(origin, 'init', '--quiet', '--bare');
  await until('it is back', () => notices.length > 1);
  assert.deepEqual(await commits(origin), [`Checkpoint of ${chainName}: 1 records`]);
});

test('a folder that an agent can write is never worked in', async () => {
  const unsafe = testOutbox({ requireSafe: () => Promise.reject(new Error('an agent can write there')) });
  unsafe.chain.write();
  unsafe.chain.sign();
  await unsafe.outbox.direct(chainName, [sink()], 'start');
  await until('a word', () => unsafe.notices.length > 0);
  assert.equal(unsafe.notices[0]?.message, 'an agent can write there');
  assert.deepEqual(await commits(), []);
  await unsafe.end();
});
