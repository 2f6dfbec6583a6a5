/** Profiles that build on one another: what the result is, where each value came from, and how errors are told. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LassoError } from '../../../helper/protocol/errors.ts';
import { listProfiles, loadProfile, type LoadedProfile } from '../../../helper/profile/load.ts';
import { builtInProfiles, memorySources } from '../../kit/profile-sources.ts';

const load = (files: Readonly<Record<string, string>>, reference = '/p.toml'): Promise<LoadedProfile> =>
  loadProfile(reference, memorySources(files));

const builtInNames = builtInProfiles.map(({ name }) => name);

async function failure(files: Readonly<Record<string, string>>, reference = '/p.toml'): Promise<LassoError> {
  try {
    await load(files, reference);
  } catch (error) {
    assert.ok(error instanceof LassoError);
    return error;
  }
  return assert.fail('it loaded');
}

test('a child overrides single values, merges tables and appends to lists without repeating', async () => {
  const { profile } = await load({
    '/p.toml':
      'name = "p"\nextends = "base.toml"\ntags = ["b", "c"]\n[resources]\nmax_pids = 7\n[commands.blocked_args]\ngit = ["push"]\nnpm = ["publish"]',
    '/base.toml':
      'name = "base"\ndescription = "the base"\ntags = ["a", "b"]\nresources = { max_pids = 5, max_open_files = 99 }\ncommands.blocked_args.git = ["clean"]',
  });
  assert.equal(profile.name, 'p');
  assert.equal(profile.description, '', 'a description speaks of one file');
  assert.deepEqual(profile.tags, ['a', 'b', 'c']);
  assert.deepEqual([profile.resources.max_pids, profile.resources.max_open_files], [7, 99]);
  assert.deepEqual({ ...profile.commands.blocked_args }, { git: ['clean', 'push'], npm: ['publish'] });
});

test('a child can set a value back to the default, which 1.x could not', async () => {
  const { profile } = await load({
    '/p.toml': 'name = "p"\nextends = "./base.toml"\nresources.max_pids = 100',
    '/base.toml': 'name = "base"\nresources.max_pids = 5',
  });
  assert.equal(profile.resources.max_pids, 100);
});

test('a list can remove inherited items, and replace them all', async () => {
  const base = 'name = "base"\nnetwork.allowed_ports = [80, 443, 8080]\nnetwork.blocked_domains = ["a.example", "b.example"]';
  const { profile } = await load({
    '/p.toml': 'name = "p"\nextends = "base.toml"\nnetwork.blocked_domains = ["!*", "c.example"]',
    '/base.toml': base,
  });
  assert.deepEqual(profile.network.blocked_domains, ['c.example']);
  const mixed = await failure({ '/p.toml': 'name = "p"\nextends = "base.toml"\nnetwork.allowed_ports = ["x"]', '/base.toml': base });
  assert.equal(mixed.code, 'BAD_PROFILE');
  const fewer = await load({ '/p.toml': 'name = "p"\nextends = "base.toml"\nnetwork.allowed_ports = ["!8080", 22]', '/base.toml': base });
  assert.deepEqual(fewer.profile.network.allowed_ports, [80, 443, 22]);
});

test('with nothing inherited, a list edits the default, so that removing one item opens only that one', async () => {
  const standing = [1433, 1434, 3306, 27017, 6379, 9042, 8123, 9000, 1521, 5984];
  const { profile, origins } = await load({
    '/p.toml': 'name = "p"\n[network]\nblocked_ports = ["!5432", 25]\nallowed_ports = ["!*", 22]\n[commands.blocked_args]\ngit = ["!push"]',
  });
  assert.deepEqual(profile.network.blocked_ports, [...standing, 25]);
  assert.deepEqual(profile.network.allowed_ports, [22]);
  assert.deepEqual({ ...profile.commands.blocked_args }, { git: ['push --force'], pip: ['install --user'] });
  const where = (path: string): number | undefined => origins.get(path)?.line;
  assert.deepEqual(['network.blocked_ports', 'network.blocked_ports[10]', 'network.allowed_ports[0]'].map(where), [3, 3, 4]);
  for (const path of ['network.blocked_ports[0]', 'commands.blocked_args.git[0]', 'commands.blocked_args.pip'])
    assert.equal(where(path), undefined, `${path} is a default, written nowhere`);
});

test('a list without "!" replaces the default, as ever', async () => {
  const { profile } = await load({ '/p.toml': 'name = "p"\nnetwork.blocked_ports = [25]' });
  assert.deepEqual(profile.network.blocked_ports, [25]);
});

test('what stayed of a default is inherited like anything else', async () => {
  const { profile, findings } = await load({
    '/p.toml': 'name = "p"\nextends = "base.toml"\nnetwork.blocked_ports = ["!3306", "!5432", 6379]',
    '/base.toml': 'name = "base"\nnetwork.blocked_ports = ["!5432"]',
  });
  assert.deepEqual(profile.network.blocked_ports, [1433, 1434, 27017, 6379, 9042, 8123, 9000, 1521, 5984]);
  assert.deepEqual(
    findings.filter(({ code }) => code.endsWith('-remove') || code.endsWith('-item')).map(({ code, message }) => [code, message]),
    [
      ['nothing-to-remove', 'There is nothing to remove: "5432" is not in the inherited network.blocked_ports'],
      ['inherited-item', 'network.blocked_ports has this item already, by default'],
    ],
  );
});

test('every value knows the file and line it came from', async () => {
  const { origins, files } = await load({
    '/p.toml': 'name = "p"\nextends = "base.toml"\ntags = [\n  "b",\n]',
    '/base.toml': '\nname = "base"\ntags = ["a"]\n[resources]\nmax_pids = 5',
  });
  const where = (path: string): string => `${origins.get(path)?.file ?? ''}:${origins.get(path)?.line ?? ''}`;
  assert.deepEqual(files, ['/p.toml', '/base.toml']);
  assert.deepEqual(['name', 'tags[0]', 'tags[1]', 'resources.max_pids'].map(where), [
    '/p.toml:1',
    '/base.toml:3',
    '/p.toml:4',
    '/base.toml:5',
  ]);
});

test('an error is told with file, line, column and what to do, wherever in the chain it is', async () => {
  const error = await failure({
    '/p.toml': 'name = "p"\nextends = "base.toml"\nmod = 1',
    '/base.toml': 'name = "base"\n[resources]\nmax_pids = 0',
  });
  assert.equal(error.code, 'BAD_PROFILE');
  assert.deepEqual(error.details, [
    '/p.toml:3:1 "mod" is not a key of a profile (Did you mean mode?)',
    '/base.toml:3:12 resources.max_pids: must be at least 1',
  ]);
});

test('an unknown name lists the profiles and the nearest', async () => {
  const error = await failure({ '/user/mine.toml': 'name = "mine"' }, 'stric');
  assert.equal(error.code, 'UNKNOWN_PROFILE');
  assert.equal(error.hint, `Did you mean strict? Profiles: mine, ${builtInNames.join(', ')}.`);
});

test('no name leads out of the folder of profiles', async () => {
  const files = { '/user/../etc/x.toml': 'name = "x"', '/etc/x.toml': 'name = "x"' };
  for (const name of ['..', '.', '', '__proto__', 'a b', 'ä', 'x\0', 'C:x'])
    assert.equal((await failure(files, name)).code, 'UNKNOWN_PROFILE', name);
});

test('the user’s profile comes before the built-in one of the same name, and may build on it', async () => {
  const files = { '/user/standard.toml': 'name = "standard"\nextends = "standard"\nresources.max_pids = 7' };
  const loaded = await load(files, 'standard');
  assert.deepEqual([loaded.source, loaded.profile.resources.max_pids, loaded.profile.resources.max_memory_mb], ['user', 7, 8192]);
  const open = await load(files, 'open');
  assert.equal(open.profile.resources.max_pids, 300, 'a built-in profile builds on built-in ones only');
});

test('circles and endless chains name the chain', async () => {
  const circle = await failure({ '/p.toml': 'name = "p"\nextends = "q.toml"', '/q.toml': 'name = "q"\nextends = "./p.toml"' });
  assert.match(circle.details.join(), /circle: \/p\.toml → \/q\.toml → \/p\.toml/);
  const itself = await failure({ '/user/a.toml': 'name = "a"\nextends = "a"' }, 'a');
  assert.match(itself.details.join(), /itself: \/user\/a\.toml → \/user\/a\.toml/);
  const chain = Object.fromEntries(Array.from({ length: 12 }, (_, n) => [`/user/c${n}.toml`, `name = "c${n}"\nextends = "c${n + 1}"`]));
  assert.match((await failure(chain, 'c0')).details.join(), /8 are the most: \/user\/c0\.toml → .*c8\.toml/);
});

test('the digest tells meaning, not spelling', async () => {
  const digest = async (text: string): Promise<string> => (await load({ '/p.toml': text })).digest;
  const one = await digest('name = "p"\nmode = "assist"\n[resources]\nmax_pids = 5\nmax_open_files = 64');
  assert.equal(
    await digest('mode = "assist" # x\nname = "p"\nupdated_at = 2026-01-01\nresources = { max_open_files = 64, max_pids = 5 }'),
    one,
  );
  assert.notEqual(await digest('name = "p"\nmode = "assist"\n[resources]\nmax_pids = 6\nmax_open_files = 64'), one);
  assert.match(one, /^[0-9a-f]{64}$/);
});

test('a list of profiles has the broken ones too', async () => {
  const listed = await listProfiles(
    memorySources({ '/user/b.toml': 'name = ', '/user/a.toml': 'name = "a"\ndescription = "mine"', '/user/notes.txt': '' }),
  );
  assert.deepEqual(
    listed.map(({ name, source, valid }) => `${name} ${source} ${valid}`),
    ['a user true', 'b user false', ...builtInNames.map((name) => `${name} built-in true`)],
  );
  assert.equal(listed[0]?.description, 'mine');
});

test('a file that cannot be read is a clear error', async () => {
  const sources = { ...memorySources({}), readFile: () => Promise.reject(new Error('EISDIR')) };
  await assert.rejects(
    loadProfile('/dir/', sources),
    (error) => error instanceof LassoError && error.code === 'BAD_PROFILE' && error.hint !== '',
  );
});
