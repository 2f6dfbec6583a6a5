/** How profiles look in the view and in lists: groups, tables, values, origins, and words for what is wrong. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failure } from '../../../extension/failure.ts';
import { broughtBy, isChoosable, nameFault, referenceOf, sorted, type ListedProfile } from '../../../extension/profiles/listed.ts';
import { adviceOn, groupsOf, inGroup, inProfile, nodeId } from '../../../extension/profiles/nodes.ts';
import { labelOf, meaningIn, originOf, tablesOf, tipOf, type ProfileValue } from '../../../extension/profiles/values.ts';

const profile = (name: string, source: ListedProfile['source'], more: Partial<ListedProfile> = {}): ListedProfile => ({
  name,
  source,
  description: '',
  file: `/p/${name}.toml`,
  tags: [],
  valid: true,
  ...more,
});
const value = (path: string, held: unknown, more: Partial<ProfileValue> = {}): ProfileValue => ({ path, value: held, ...more });

test('profiles come by where they are from, one’s own first, then by name', () => {
  const list = [profile('b', 'built-in'), profile('w', 'workspace'), profile('z', 'user'), profile('a', 'user', { valid: false })];
  assert.deepEqual(
    sorted(list).map(({ name }) => name),
    ['a', 'z', 'b', 'w'],
  );
});

test('groups without a profile are left out, but for the place of one’s own, which offers to begin one', () => {
  const groups = groupsOf([profile('standard', 'built-in')]);
  assert.deepEqual(groups.map(nodeId), ['group/user', 'group/built-in']);
  const [offer] = inGroup([]);
  assert.equal(offer?.kind === 'advice' && offer.command, 'lasso.newProfile');
});

test('a name stands for a profile of one’s own or a built-in one; what a folder brings only its file names', () => {
  assert.equal(referenceOf(profile('team', 'user')), 'team');
  assert.equal(referenceOf(profile('strict', 'built-in')), 'strict');
  assert.equal(referenceOf(profile('strict', 'workspace')), '/p/strict.toml');
});

test('what a folder lays over every choice is no choice itself', () => {
  assert.equal(isChoosable(profile('x', 'workspace', { file: '/app/.lasso/profile.toml' })), false);
  assert.equal(isChoosable(profile('x', 'workspace', { file: '/app/.lasso/profiles/x.toml' })), true);
  assert.equal(isChoosable(profile('profile', 'user', { file: '/home/.lasso/profile.toml' })), true);
});

test('what a folder lays over every choice has a row, with a warning when it is broken', () => {
  assert.deepEqual(broughtBy('/app', 'none'), []);
  const [row] = broughtBy('/app', 'new');
  assert.ok(row && !isChoosable(row) && row.valid && row.folder === '/app');
  assert.equal(broughtBy('/app', 'broken')[0]?.valid, false);
});

const names: readonly (readonly [string, RegExp | undefined])[] = [
  ['team', undefined],
  ['team-2_b', undefined],
  ['', /^Letters/],
  ['-team', /^Letters/],
  ['../team', /^Letters/],
  ['a'.repeat(65), /^Letters/],
  ['mine', /already/],
];
for (const [name, fault] of names)
  test(`the name “${name.slice(0, 10)}” is ${fault ? 'refused' : 'taken'}`, () => {
    const found = nameFault(name, ['mine']);
    if (fault) assert.match(found ?? '', fault);
    else assert.equal(found, undefined);
  });

const labels: readonly (readonly [ProfileValue, string])[] = [
  [value('mode', 'assist'), 'mode: assist'],
  [value('network.allowed_ports', [80, 443]), 'allowed_ports: 80, 443'],
  [value('commands.whitelist', []), 'whitelist: (none)'],
  [value('description', ''), 'description: (empty)'],
  [value('commands.allow_shell_operators', true), 'allow_shell_operators: true'],
  [value('secrets.TOKEN.from', 'env:TOKEN'), 'TOKEN.from: env:TOKEN'],
  [value('network.rules', [{ host: 'a.example', ports: [443] }]), 'rules: { host = "a.example", ports = [443] }'],
  [value('extra_env', {}), 'extra_env: (none)'],
  [value('description', 'a\nb\u202Ec'), 'description: a\\u{a}b\\u{202e}c'],
  [value('commands.blacklist', Array<string>(40).fill('docker')), `blacklist: ${'docker, '.repeat(9)}docker,…`],
];
for (const [given, label] of labels) test(`a value reads as “${label.slice(0, 50)}”`, () => assert.equal(labelOf(given), label));

test('a value says which line of which file it is from, or that nobody wrote it', () => {
  assert.equal(originOf(value('mode', 'x', { origin: { file: '/p/team.toml', line: 7 } })), 'team.toml:7');
  assert.equal(originOf(value('mode', 'x', { origin: { file: 'C:\\p\\team.toml', line: 7 } })), 'team.toml:7');
  assert.equal(originOf(value('mode', 'x')), 'default');
  assert.equal(originOf(value('mode', 'x', { note: 'not enforced yet' })), 'default');
  const written = { origin: { file: 'team.toml', line: 7 }, note: 'not enforced yet' };
  assert.equal(originOf(value('mode', 'x', written)), 'team.toml:7 · see note');
});

test('the tip of a value has its meaning, the whole of it, its file and why it may not hold', () => {
  const tip = tipOf(
    value('network.mode', 'full', { origin: { file: '/p/a.toml', line: 3 }, note: 'Not enforced yet' }),
    'what may be reached',
  );
  assert.equal(tip, 'network.mode\nWhat may be reached.\n\nfull\n\nWritten in /p/a.toml, line 3\nNote: Not enforced yet');
  assert.equal(tipOf(value('mode', 'x'), undefined), 'mode\n\nx\n\nDefault: no file says it');
});

test('what stands above the first table comes before the tables, which keep their order; what is about the profile comes last', () => {
  const values = [value('name', 'x'), value('network.mode', 'none'), value('commands.mode', 'x'), value('mode', 'x')];
  values.push(value('isolation', 'x'), value('tags', []), value('lasso_metadata.source', 'x'));
  assert.deepEqual(
    tablesOf(values).map(({ name, values: inside }) => [name, inside.length]),
    [
      ['', 2],
      ['network', 1],
      ['commands', 1],
      ['about', 3],
    ],
  );
  assert.deepEqual(
    inProfile(profile('a', 'user'), { values, notices: ['left out'] }).map(({ kind }) => kind),
    ['advice', 'value', 'value', 'table', 'table', 'table'],
  );
});

test('the schema says what a key means, also below a table of any names', () => {
  const schema = {
    properties: {
      network: { properties: { mode: { description: 'what may be reached' } } },
      secrets: { additionalProperties: { properties: { from: { description: 'where it is' } } } },
    },
  };
  assert.equal(meaningIn(schema, 'network.mode'), 'what may be reached');
  assert.equal(meaningIn(schema, 'secrets.TOKEN.from'), 'where it is');
  for (const path of ['nothing', 'network.nothing.more', 'network.constructor', '__proto__', ''])
    assert.equal(meaningIn(schema, path), undefined);
  for (const odd of [undefined, null, 'x', []]) assert.equal(meaningIn(odd, 'a.b'), undefined);
});

test('a profile that cannot be read says what is wrong, where, and what to do', () => {
  const details = ['/p/team.toml:13:2 “x” is no key.', 'C:\\p\\team.toml:4:1: no', 'something else'];
  const rows = adviceOn(new Failure('It is broken.', { hint: 'Mend it.', details }), 'x');
  assert.deepEqual(
    rows.map((row) => (row.kind === 'problem' ? [row.text, row.origin] : row.kind === 'advice' && row.text)),
    [['“x” is no key.', { file: '/p/team.toml', line: 13 }], ['no', { file: 'C:\\p\\team.toml', line: 4 }], 'something else', 'Mend it.'],
  );
  assert.equal(new Set(rows.map(nodeId)).size, 4);
});

test('a helper that cannot be had is told as such', () => {
  const rows = adviceOn(new Failure('It does not answer.', { hint: 'Try again.', details: ['ENOENT'] }), 'x');
  assert.deepEqual(
    rows.map((row) => row.kind === 'advice' && row.text),
    ['It does not answer.', 'ENOENT', 'Try again.'],
  );
});
