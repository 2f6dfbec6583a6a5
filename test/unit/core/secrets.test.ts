/** Secrets of sandboxes: bound as the profile says, missing without a failure, and refused where an agent could have a say. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { test } from 'node:test';
import { systemRandom } from '../../../helper/base/random.ts';
import {
  boundSecrets,
  isSecretNotice,
  placeholderEnvironment,
  secretNotices,
  Secrets,
  type SecretHolder,
} from '../../../helper/core/secrets.ts';
import { secretOperations } from '../../../helper/core/operations/secrets.ts';
import type { Registry } from '../../../helper/core/registry.ts';
import type { World } from '../../../helper/core/world.ts';
import { Settings } from '../../../helper/core/profiles/settings.ts';
import { secretRulesOf, type SecretRule } from '../../../helper/policy/secrets.ts';
import { profileSchema } from '../../../helper/protocol/profile/profile.ts';
import { testPlace } from '../../kit/folders.ts';
import { missing, scriptIn, stillClock } from '../../kit/secrets.ts';

const place = testPlace();
test.after(place.remove);
const workspace = join(place.root, 'project');
mkdirSync(workspace);
const host = { ...place.host, environment: { ...place.host.environment, PATH: '/usr/bin:/bin', NPM_TOKEN: 'hunter2-value' } };
const clock = { ...stillClock(), sleep: () => new Promise<void>(() => undefined) };
const secrets = new Secrets({
  ...{ host, folders: place.folders, clock, random: systemRandom },
  settings: new Settings(place.folders, host, {}),
  publicHosts: () => ['login.example'],
});
const holder: SecretHolder = { token: 'ab'.repeat(32), workspace, mounts: [] };

const rules = (table: unknown, files: Readonly<Record<string, string>> = {}): readonly SecretRule[] =>
  secretRulesOf(
    profileSchema.parse({ name: 'a', secrets: table }),
    { npm: [{ host: 'registry.example', ports: [8443] }, { host: '*.registry.example' }] },
    new Map(Object.entries(files).map(([path, file]) => [path, { file }])),
  );
const only = (all: readonly SecretRule[]): SecretRule => {
  const [rule, ...more] = all;
  assert.ok(rule !== undefined && more.length === 0);
  return rule;
};

test('a secret is bound to the hosts of its profile, groups spelled out, and to one header', async () => {
  const [bound] = boundSecrets(
    secrets,
    rules({ npm: { from: 'env:NPM_TOKEN', hosts: ['@npm', '@unknown', 'a.example'], header: 'X-Api-Key' } }),
    holder,
  );
  assert.ok(bound);
  assert.deepEqual(bound.hosts, [{ host: 'registry.example', ports: [8443] }, { host: '*.registry.example' }, { host: 'a.example' }]);
  assert.deepEqual([bound.name, bound.header, await bound.value()], ['npm', 'x-api-key', 'hunter2-value']);
});

test('the sandbox finds the placeholder that its egress knows, and never the value', () => {
  const table = { npm: { from: 'env:NPM_TOKEN', env: 'NPM_TOKEN', prefix: 'npm_' }, other: { from: 'github' } };
  const environment = placeholderEnvironment(rules(table), holder);
  assert.deepEqual(Object.keys(environment), ['NPM_TOKEN']);
  assert.equal(environment['NPM_TOKEN'], boundSecrets(secrets, rules(table), holder)[0]?.placeholder);
  assert.match(environment['NPM_TOKEN'] ?? '', /^npm_lasso-secret-/);
  assert.notDeepEqual(environment, placeholderEnvironment(rules(table), { token: 'cd'.repeat(32) }));
});

test('a secret that is missing is a sentence at the start, and a refusal when it is used', async () => {
  const table = rules({ gone: { from: 'env:GONE' }, npm: { from: 'env:NPM_TOKEN' } });
  const [notice, ...more] = await secretNotices(secrets, table, holder, clock);
  assert.match(notice ?? '', /^The secret gone cannot be used: the variable GONE is not set .*\. The helper keeps/);
  assert.ok(isSecretNotice(notice ?? ''));
  assert.deepEqual(more, []);
  await missing(boundSecrets(secrets, table, holder)[0]?.value() ?? Promise.resolve(), /^The secret gone cannot be used: /);
});

test('no program is run for a notice, and no source is waited for long', async () => {
  const trace = join(place.root, 'ran');
  const program = scriptIn(join(place.root, 'bin'), 'tell', [`touch ${trace}`, 'echo value']);
  const table = rules({ told: { from: `command:${program}` }, asked: { from: 'vscode:x' } });
  secrets.editors.attend();
  const hasty = { sleep: () => Promise.resolve() };
  assert.deepEqual(await secretNotices(secrets, table, holder, hasty), []);
  await assert.rejects(import('node:fs/promises').then(({ stat }) => stat(trace)));
});

test('what any agent can write gives no secret: the workspace, mounts, and those of other sandboxes', async () => {
  const other = join(place.root, 'other');
  const mount = join(place.root, 'mount');
  for (const folder of [other, mount]) mkdirSync(folder);
  for (const folder of [workspace, other, mount]) writeFileSync(join(folder, 'token'), 'value', { mode: 0o600 });
  const from = (folder: string): SecretRule => only(rules({ x: { from: `file:${join(folder, 'token')}` } }));
  const bind = (readonly: boolean): SecretHolder => ({ ...holder, mounts: [{ source: mount, target: '/m', readonly }] });
  await missing(secrets.value(from(workspace), holder), /which the agent can write/);
  await missing(secrets.value(from(mount), bind(false)), /which the agent can write/);
  assert.equal(await secrets.value(from(mount), bind(true)), 'value');
  assert.equal(await secrets.value(from(other), holder), 'value');
  secrets.sandboxes = () => [{ ...holder, workspace: other }];
  await missing(secrets.value(from(other), holder), /which the agent can write/);
  await missing(secrets.value(from(other), undefined), /which the agent can write/);
  secrets.sandboxes = () => [];
});

test('a profile that an agent can change binds no secret and starts no program', async () => {
  const trace = join(place.root, 'started');
  const program = scriptIn(join(place.root, 'bin'), 'start', [`touch ${trace}`, 'echo value']);
  const file = join(workspace, 'team.toml');
  writeFileSync(file, '');
  for (const path of ['secrets.x', 'secrets.x.from', 'secrets.x.hosts', 'secrets.x.hosts[0]']) {
    const rule = only(rules({ x: { from: `command:${program}`, hosts: ['a.example'] } }, { [path]: file }));
    await missing(secrets.value(rule, holder), /the profile that names it can be changed by an agent/);
  }
  await assert.rejects(import('node:fs/promises').then(({ stat }) => stat(trace)));
  const elsewhere = only(
    rules({ x: { from: `command:${program}` } }, { 'secrets.xy.from': file, 'secrets.x': join(place.root, 'mine.toml') }),
  );
  writeFileSync(join(place.root, 'mine.toml'), '');
  assert.equal(await secrets.value(elsewhere, holder), 'value');
});

test('a file that has expired is renewed by the program of the profile, once for all who ask', async () => {
  const file = join(place.root, 'login.json');
  const write = (token: string, leftMs: number): void =>
    writeFileSync(file, JSON.stringify({ token, expiresAt: clock.nowMs + leftMs }), { mode: 0o600 });
  write('older', -1000);
  const next = join(place.root, 'next.json');
  writeFileSync(next, JSON.stringify({ token: 'newer', expiresAt: clock.nowMs + 3_600_000 }), { mode: 0o600 });
  const program = scriptIn(join(place.root, 'bin'), 'renew', [`echo x >> ${file}.runs`, `cp ${next} ${file}`]);
  const rule = only(rules({ agent: { from: `file:${file}#token`, refresh: program } }));
  assert.deepEqual(await Promise.all([secrets.value(rule, holder), secrets.value(rule, { ...holder, workspace: '/elsewhere' })]), [
    'newer',
    'newer',
  ]);
  const { readFileSync } = await import('node:fs');
  assert.equal(readFileSync(`${file}.runs`, 'utf8'), 'x\n');
});

test('without a client id nobody can sign in, and the way out is told', async () => {
  await assert.rejects(secrets.server(), /no client id/);
  mkdirSync(place.folders.home, { recursive: true });
  writeFileSync(join(place.folders.home, 'config.toml'), '[github]\nclient_id = "client"\n');
  assert.deepEqual(await secrets.server(), { address: 'https://login.example', clientId: 'client', scopes: '' });
});

test('who uses a secret that is set or removed finds its name in the record, and others do not', async () => {
  const told: unknown[] = [];
  const sandbox = (from: string): unknown => ({
    live: { policy: { secrets: rules({ x: { from } }) } },
    note: (entry: unknown) => Promise.resolve(void told.push(entry)),
  });
  const registry = { all: [sandbox('keyring:npm'), sandbox('keyring:other'), { live: undefined }] } as unknown as Registry;
  const verbs = secretOperations({ secrets } as World, registry);
  const actor = { kind: 'user', face: 'cli' } as const;
  const streams = { take: () => Promise.resolve(Duplex.from([Buffer.from('hunter2-value')])) };
  const context = { actor, signal: new AbortController().signal, emit: () => undefined, streams };
  await verbs.secretSet({ name: 'npm', stream: 'ab'.repeat(32) }, context);
  await verbs.secretRemove({ name: 'npm' }, context);
  await verbs.secretRemove({ name: 'npm' }, context);
  assert.deepEqual(
    told,
    ['set', 'remove'].map((action) => ({ type: 'secret', action, outcome: 'success', actor, target: 'npm' })),
  );
});
