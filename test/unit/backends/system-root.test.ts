import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { copyOfEtc } from '../../../helper/backends/system-etc.ts';
import { lookAtSystem } from '../../../helper/backends/system-root.ts';

/** A root of these files and links (`->` before the target). */
function root(t: TestContext, entries: Readonly<Record<string, string>>): string {
  const made = mkdtempSync(join(tmpdir(), 'lasso-root-'));
  t.after(() => rmSync(made, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(entries)) {
    const file = join(made, path);
    mkdirSync(dirname(file), { recursive: true });
    if (content.startsWith('->')) symlinkSync(content.slice(2), file);
    else writeFileSync(file, content);
  }
  return made;
}

const cacheOf = (t: TestContext): string => {
  const made = mkdtempSync(join(tmpdir(), 'lasso-cache-'));
  t.after(() => rmSync(made, { recursive: true, force: true }));
  return made;
};
const own = ['group', 'hostname', 'hosts', 'passwd', 'resolv.conf'];

test('links of the root stay links; folders are shown as they are', async (t) => {
  const place = root(t, { 'usr/bin/x': '', bin: '->usr/bin', 'lib/x': '' });
  const { links, binds } = await lookAtSystem(cacheOf(t), place);
  assert.deepEqual(links, [{ path: '/bin', target: 'usr/bin' }]);
  assert.deepEqual(binds, [
    { source: join(place, 'usr'), path: '/usr' },
    { source: join(place, 'lib'), path: '/lib' },
  ]);
});

test('no secret, user, host key or setting of this host is shown', async (t) => {
  const secret = ['shadow', 'gshadow', 'sudoers', 'ssh/ssh_host_rsa_key', 'ssl/private/key.pem', 'machine-id', 'gitconfig', 'npmrc'];
  const setting = ['pip.conf', 'ld.so.preload', 'profile.d/x.sh', 'krb5.keytab', 'passwd', 'hosts', 'resolv.conf', 'codex/config.toml'];
  const hidden: Record<string, string> = Object.fromEntries([...secret, ...setting].map((name) => [`etc/${name}`, 'host']));
  const place = root(t, { ...hidden, 'etc/ssl/certs/a.pem': 'x', 'etc/ssl/certs/closed.pem': 'x', 'etc/services': 'x' });
  chmodSync(join(place, 'etc/ssl/certs/closed.pem'), 0o640);
  const { etc } = await lookAtSystem(cacheOf(t), place);
  const places = ['claude-code', 'codex', 'gemini-cli', 'github-copilot', 'opencode'];
  assert.deepEqual(readdirSync(etc).toSorted(), [...own, ...places, 'services', 'ssl'].toSorted());
  for (const name of places) assert.deepEqual(readdirSync(join(etc, name)), [], 'a place for what each sandbox has of its own');
  assert.deepEqual(readdirSync(join(etc, 'ssl')), ['certs']);
  assert.deepEqual(readdirSync(join(etc, 'ssl/certs')), ['a.pem', 'ca-certificates.crt'], 'what is not open to everybody stays out');
  for (const name of own) assert.equal(readlinkSync(join(etc, name)), `/.lasso/etc/${name}`);
});

test('a link to what is shown stays one, any other is followed once, and one that leads nowhere is left out', async (t) => {
  const place = root(t, {
    'etc/os-release': '->nowhere',
    'etc/localtime': '->/usr/share/zoneinfo/UTC',
    'etc/nsswitch.conf': '->nsswitch.real',
    'etc/nsswitch.real': 'x',
    'etc/pki/tls/certs/a': 'x',
    'etc/ssl/certs': '->../pki/tls/certs',
  });
  const { etc } = await lookAtSystem(cacheOf(t), place);
  assert.equal(readlinkSync(join(etc, 'localtime')), '/usr/share/zoneinfo/UTC');
  assert.equal(readlinkSync(join(etc, 'ssl/certs')), '../pki/tls/certs');
  assert.equal(readFileSync(join(etc, 'nsswitch.conf'), 'utf8'), 'x');
  assert.equal(readdirSync(etc).includes('os-release'), false);
});

test('whom programs trust is the sandbox’s own list, under every name this system has for it', async (t) => {
  const list = '/.lasso/etc/ca-certificates.crt';
  const debian = await copyOfEtc(cacheOf(t), root(t, { 'etc/ssl/certs/ca-certificates.crt': 'host', 'etc/ssl/certs/a.pem': 'x' }));
  assert.equal(readlinkSync(join(debian, 'ssl/certs/ca-certificates.crt')), list);
  const bundle = 'pki/ca-trust/extracted/pem/tls-ca-bundle.pem';
  const fedora = root(t, {
    'etc/ssl/certs': '->../pki/tls/certs',
    'etc/pki/tls/certs/ca-bundle.crt': `->/etc/${bundle}`,
    [`etc/${bundle}`]: 'host',
  });
  const copy = await copyOfEtc(cacheOf(t), fedora);
  for (const name of ['ssl/certs/ca-certificates.crt', 'pki/tls/certs/ca-bundle.crt', bundle])
    assert.equal(readlinkSync(join(copy, name)), list, name);
});

test('the copy is made once, and anew when an entry changed; two at once do not disturb each other', async (t) => {
  const cache = cacheOf(t);
  const place = root(t, { 'etc/services': 'one' });
  const [first, second] = await Promise.all([copyOfEtc(cache, place), copyOfEtc(cache, place)]);
  assert.equal(first, second);
  assert.equal(await copyOfEtc(cache, place), first);
  writeFileSync(join(place, 'etc/services'), 'another');
  const third = await copyOfEtc(cache, place);
  assert.notEqual(third, first);
  assert.equal(readFileSync(join(third, 'services'), 'utf8'), 'another');
  assert.equal(readdirSync(cache).length, 2);
});
