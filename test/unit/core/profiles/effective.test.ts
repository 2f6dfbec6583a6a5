/** A folder's own profile holds only once a person agreed to exactly that text, and is never more than it says it is. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, statSync, symlinkSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { LassoError } from '../../../../helper/protocol/errors.ts';
import { TestWorkspace } from '../../../kit/workspaces.ts';

let work: TestWorkspace;
beforeEach(() => {
  work = new TestWorkspace();
});
afterEach(() => work.dispose());

const small = 'name = "own"\n[resources]\nmax_memory_mb = 256\n';
const refused = async (state: string): Promise<LassoError> => {
  const failure: unknown = await work.effective().then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(failure instanceof LassoError && failure.code === 'PROFILE_UNAPPROVED', String(failure));
  assert.equal((await work.brings())?.state, state);
  return failure;
};
const memory = async (): Promise<number> => (await work.effective()).profile.resources.max_memory_mb;

test('a folder that brings nothing changes nothing', async () => {
  const { workspace, profile, notices } = await work.effective();
  assert.deepEqual([workspace.state, profile.name, notices], ['none', 'standard', []]);
});

test('new, agreed to, changed, declined, gone: each is asked about once', async () => {
  const file = work.write('profile.toml', small);
  const failure = await refused('new');
  assert.match(failure.hint, /lasso profile approve.*--ignore-workspace-profile/);
  assert.ok(
    failure.details.some((line) => line.includes(file)) && failure.details.some((line) => line.includes('memory')),
    failure.details.join('\n'),
  );
  await work.say(true);
  assert.equal(await memory(), 256);
  work.write('profile.toml', small.replace('256', '128'));
  await refused('changed');
  assert.equal((await work.brings())?.files[0]?.approved, small);
  await work.say(false);
  assert.equal(await memory(), 8192);
  assert.deepEqual((await work.effective()).notices, ['The profile of the workspace itself is not used: you declined it.']);
  work.write('profile.toml', small);
  assert.equal(await memory(), 256);
  rmSync(file);
  const gone = await refused('gone');
  assert.ok(gone.details.some((line) => line.includes('(gone)')));
  assert.ok((await work.brings())?.changes.some(({ text }) => text.includes('memory')));
  await work.say(true);
  assert.equal((await work.effective()).workspace.state, 'none');
});

test('what was agreed to is kept where nobody else can read it', async () => {
  work.write('profile.toml', small);
  await work.say(true);
  const folder = join(work.places.folders.state, 'workspaces');
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  for (const name of readdirSync(folder)) assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600);
});

test('who only looks is shown the profile without what nobody agreed to', async () => {
  work.write('profile.toml', small);
  const { profile, notices } = await work.effective({ unapproved: 'leave-out' });
  assert.equal(profile.resources.max_memory_mb, 8192);
  assert.match(notices.join(), /nobody has approved/);
  const ignored = await work.effective({ ignoreWorkspaceProfile: true });
  assert.match(ignored.notices.join(), /left out, as you asked/);
});

test('what holds has a digest and a place for every value of its own', async () => {
  const before = await work.effective();
  const file = work.write('profile.toml', small);
  await work.say(true);
  const after = await work.effective();
  assert.notEqual(after.digest, before.digest);
  assert.equal(after.profile.name, 'standard');
  assert.equal(after.origins.get('resources.max_memory_mb')?.file, file);
  assert.ok(after.files.includes(file));
});

test('it builds on files of its own folder and on profiles by name', async () => {
  work.write('profile.toml', 'name = "own"\nextends = "./parts/base.toml"\n');
  work.write('parts/base.toml', 'name = "base"\nextends = "strict"\n[resources]\nmax_pids = 20\n');
  assert.equal((await work.brings())?.files.length, 2);
  await work.say(true);
  const { profile } = await work.effective();
  assert.deepEqual([profile.resources.max_pids, profile.network.mode, profile.mode], [20, 'none', 'observe']);
  work.write('parts/base.toml', 'name = "base"\n');
  await refused('changed');
});

test('what a user’s profile says it may not say is not said by building on it', async () => {
  work.user('rich', '[extra_env]\nTOKEN = "x"\n[resources]\nmax_pids = 7\n');
  work.write('profile.toml', 'name = "own"\nextends = "rich"\n');
  await work.say(true);
  const { profile } = await work.effective();
  assert.deepEqual([profile.extra_env, profile.resources.max_pids], [{}, 7]);
});

describe('a profile that cannot be used is refused as a whole, and cannot be agreed to', () => {
  const cases: readonly (readonly [name: string, arrange: () => void, message: RegExp])[] = [
    ['a mistake', () => work.write('profile.toml', 'name = "own"\nmode = "wild"\n'), /mode/],
    ['no TOML', () => work.write('profile.toml', 'name = '), /profile\.toml:1/],
    ['a variable', () => work.write('profile.toml', 'name = "own"\n[extra_env]\nA = "1"\n'), /extra_env\.A/],
    [
      'a file outside by a path',
      () => work.write('profile.toml', `name = "own"\nextends = "${work.put(join(work.root, 'out.toml'), 'name = "out"\n')}"\n`),
      /\.lasso/,
    ],
    [
      'a file outside by dots',
      () =>
        work.write(
          'profile.toml',
          `name = "own"\nextends = "../../${work.put(join(work.root, 'out.toml'), 'name = "out"\n') && 'out.toml'}"\n`,
        ),
      /\.lasso/,
    ],
    ['a link out', () => link('profile.toml', work.put(join(work.root, 'out.toml'), 'name = "out"\n')), /leads out/],
    ['a folder', () => void mkdirSync(join(work.dir, '.lasso', 'profile.toml'), { recursive: true }), /regular file/],
    ['a device', () => link('profile.toml', '/dev/zero'), /leads out/],
    ['256 KiB and more', () => work.write('profile.toml', `name = "own"\n# ${'x'.repeat(400_000)}\n`), /too large/],
    [
      'a list without end',
      () =>
        work.write('profile.toml', `name = "own"\n[commands]\nblacklist = [${Array.from({ length: 1001 }, (_, n) => `"c${n}"`).join()}]\n`),
      /1000 items/,
    ],
  ];
  const link = (name: string, target: string): void => {
    mkdirSync(join(work.dir, '.lasso'), { recursive: true });
    symlinkSync(target, join(work.dir, '.lasso', name));
  };
  for (const [name, arrange, message] of cases)
    test(name, async () => {
      arrange();
      const failure = await refused('broken');
      assert.match(failure.details.join('\n'), message);
      await work.say(true);
      await refused('broken');
      await work.say(false);
      assert.equal((await work.effective()).workspace.state, 'declined');
    });
});

test('a pipe blocks nobody', async () => {
  mkdirSync(join(work.dir, '.lasso'));
  execFileSync('mkfifo', [join(work.dir, '.lasso', 'profile.toml')]);
  await refused('broken');
});

test('a folder .lasso that is a link to another place is not read', async () => {
  const other = join(work.root, 'other');
  work.put(join(other, 'profile.toml'), small);
  symlinkSync(other, join(work.dir, '.lasso'));
  await refused('broken');
});

test('a named profile of the workspace tightens what would hold without it, and only where nobody has that name', async () => {
  work.write('profiles/lean.toml', 'name = "lean"\n[resources]\nmax_pids = 9\n');
  const failure: unknown = await work.effective({ reference: 'lean' }).catch((error: unknown) => error);
  assert.ok(
    failure instanceof LassoError && failure.code === 'PROFILE_UNAPPROVED' && failure.hint.includes('--profile lean'),
    String(failure),
  );
  await work.say(true, { reference: 'lean' });
  const held = await work.effective({ reference: 'lean' });
  assert.deepEqual([held.reference, held.profile.name, held.profile.resources.max_pids], ['lean', 'standard', 9]);
  assert.equal((await work.effective()).profile.resources.max_pids, 300);
  work.user('lean', '[resources]\nmax_pids = 77\n');
  assert.equal((await work.effective({ reference: 'lean' })).profile.resources.max_pids, 77);
  work.write('profiles/strict.toml', 'name = "strict"\nmode = "autonomous"\n');
  assert.equal((await work.effective({ reference: 'strict' })).profile.mode, 'observe');
  work.write('profile.toml', small);
  assert.ok((await work.brings({ reference: 'strict' }))?.findings.some(({ code }) => code === 'shadowed'));
});

test('a name of a profile cannot lead anywhere else', async () => {
  work.put(join(work.dir, 'secret.toml'), 'name = "secret"\n');
  for (const reference of ['../secret', '..', '.', 'a\0b', '__proto__'])
    await assert.rejects(
      work.effective({ reference }),
      (error) => error instanceof LassoError && /^(UNKNOWN|BAD)_PROFILE$/.test(error.code),
      reference,
    );
});

test('settings of the workspace name its agent once its profile holds', async () => {
  work.write('profile.toml', small);
  work.write('config.toml', '[defaults]\nagent = "helper-one"\nprofile = "open"\n');
  await refused('new');
  await work.say(true);
  const { agent, profile } = await work.effective();
  assert.deepEqual([agent, profile.name], ['helper-one', 'standard']);
  work.write('config.toml', '[defaults]\nagent = "two words"\n');
  await refused('changed');
  await work.say(true);
  assert.equal((await work.effective()).agent, undefined);
});
