/** A profile as one file: it means the same wherever it is read, and a changed one is noticed. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { effectiveText, valueText } from '../../../helper/profile/effective-text.ts';
import { claimedIntegrity, exportText, integrityOf, renamedText } from '../../../helper/profile/export.ts';
import { loadProfile, type LoadedProfile } from '../../../helper/profile/load.ts';
import { parseText } from '../../../helper/profile/parse.ts';
import { builtInProfiles, memorySources } from '../../kit/profile-sources.ts';

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
const load = (text: string): Promise<LoadedProfile> => loadProfile('/p.toml', memorySources({ '/p.toml': text }));
const exported = ({ profile }: LoadedProfile): ReturnType<typeof exportText> =>
  exportText(profile, { exportedAt: '2026-01-02T03:04:05.000Z', source: 'lasso 2.0.0, profile p', hash });

const everything = `name = "p"
extends = "standard"
created_at = 2026-01-01T00:00:00Z
tags = ["a\\"b", "c\\\\d", "ü\\u0000\\u007F"]
network.allowed_domains = ["!*", "a.example"]
commands.blocked_args = { "odd name" = ["x"] }
[extra_env]
EMPTY = ""
[secrets.npm]
from = "env:NPM"
hosts = ["a.example"]
[[network.rules]]
host = "a.example"
methods = ["GET"]
[[network.rules]]
host = "b.example"
ports = [443, 8443]
action = "ask"
[[audit.webhooks]]
url = "https://hooks.example"
`;

test('the effective text of every profile is read back to the same meaning', async () => {
  const texts = [
    ...builtInProfiles.map(({ name }) => `name = "p"\nextends = "${name}"`),
    everything,
    'name = "p"\ncommands.blocked_args = {}',
    'name = "p"',
  ];
  for (const text of texts) {
    const loaded = await load(text);
    const again = await load(effectiveText(loaded.profile, ['a remark']));
    assert.equal(again.digest, loaded.digest, text);
    assert.deepEqual(again.files, ['/p.toml'], 'it builds on nothing');
  }
});

test('an export has a hash that fits, and is the same when it is exported again', async () => {
  const loaded = await load(everything);
  const { text, integrity } = exported(loaded);
  assert.equal(claimedIntegrity(text), integrity);
  assert.equal(integrityOf(text, hash), integrity);
  assert.equal(exported(await load(text)).text, text);
  assert.match(text, /\[lasso_metadata\]\nintegrity = "sha256:[0-9a-f]{64}"\nexported_at = "2026-01-02T03:04:05.000Z"\nsource = /);
});

test('layout, remarks and metadata may change, and nothing else', async () => {
  const { text, integrity } = exported(await load(everything));
  const kept = [
    `# read by somebody\n${text}`,
    text.replaceAll('\n', '\r\n'),
    text.replace('exported_at = "2026', 'exported_at = "1999'),
    text.replace('tags = ["', 'tags = [  "'),
  ];
  const changed = [
    text.replace('max_pids = 300', 'max_pids = 301'),
    text.replace('"a.example"', '"a.example.attacker.example"'),
    text.replace(/name = "p"/, 'name = "q"'),
    text.replace('methods = ["GET"]\n', ''),
    `mode = "autonomous"\n${text.replace(/^mode = .*\n/m, '')}`.replace('autonomous', 'assist'),
  ];
  for (const one of kept) assert.equal(integrityOf(one, hash), integrity, one.slice(0, 200));
  for (const one of changed) {
    assert.notEqual(one, text);
    assert.notEqual(integrityOf(one, hash), integrity, one.slice(0, 200));
  }
});

test('another name keeps everything else as it was written, and the hash right', async () => {
  const { text } = exported(await load(everything));
  const renamed = renamedText(`# mine\n${text}`, 'other', hash);
  assert.equal(claimedIntegrity(renamed), integrityOf(renamed, hash));
  assert.equal((await load(renamed)).profile.name, 'other');
  assert.ok(renamed.startsWith('# mine\n'));
  assert.equal(renamedText('name = "p" # why', 'other', hash), 'name = "other" # why');
});

test('hostile texts have no hash, or one that fits nothing', () => {
  for (const text of ['', 'lasso_metadata = 1', '[lasso_metadata]\nintegrity = 5', '[[lasso_metadata]]'])
    assert.ok([undefined, ''].includes(claimedIntegrity(text)), text);
  assert.equal(integrityOf('name = ', hash), undefined);
  assert.match(integrityOf('x = 99999999999999999999', hash) ?? '', /^[0-9a-f]{64}$/);
  assert.match(integrityOf('__proto__ = 1', hash) ?? '', /^[0-9a-f]{64}$/);
});

const values: readonly unknown[] = ['', 'a"b\\c\n\t\u0000\u007f\u2028', 0, -1, 1.5, true, [], ['a', [1]], { 'a b': { c: [] } }, {}];

test('every value is written so that it is read back', () => {
  for (const value of values) {
    const parsed = parseText(`x = ${valueText(value)}`, '');
    assert.ok(parsed.ok, valueText(value));
    assert.deepEqual(structuredClone(parsed.raw['x']), value);
  }
});
