import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
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

test('links into /usr stay links; folders beside it are shown', async (t) => {
  const place = root(t, { 'usr/bin/x': '', bin: '->usr/bin', 'lib/x': '', 'etc/localtime': '->/usr/share/zoneinfo/UTC' });
  assert.deepEqual(await lookAtSystem(place), {
    links: [
      { path: '/bin', target: 'usr/bin' },
      { path: '/etc/localtime', target: '/usr/share/zoneinfo/UTC' },
    ],
    binds: [
      { source: join(place, 'usr'), path: '/usr' },
      { source: join(place, 'lib'), path: '/lib' },
    ],
  });
});

test('no secret, user, host key or setting of this host is shown', async (t) => {
  const secret = [
    'shadow',
    'gshadow',
    'passwd',
    'sudoers',
    'ssh/ssh_host_rsa_key',
    'ssl/private/key.pem',
    'machine-id',
    'gitconfig',
    'npmrc',
    'pip.conf',
    'ld.so.preload',
    'resolv.conf',
    'hosts',
    'profile.d/x.sh',
    'krb5.keytab',
  ];
  const hidden: Record<string, string> = Object.fromEntries(secret.map((name) => [`etc/${name}`, 'x']));
  const place = root(t, { ...hidden, 'etc/ssl/certs/a.pem': 'x' });
  assert.deepEqual((await lookAtSystem(place)).binds, [{ source: join(place, 'etc/ssl/certs'), path: '/etc/ssl/certs' }]);
});

test('a link that leads elsewhere is followed once, and one that leads nowhere is left out', async (t) => {
  const place = root(t, { 'etc/os-release': '->nowhere', 'etc/nsswitch.conf': '->nsswitch.real', 'etc/nsswitch.real': 'x' });
  assert.deepEqual(await lookAtSystem(place), {
    links: [],
    binds: [{ source: join(place, 'etc/nsswitch.real'), path: '/etc/nsswitch.conf' }],
  });
});
