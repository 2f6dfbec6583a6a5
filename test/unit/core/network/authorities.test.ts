/** Whom a sandbox trusts: everybody this host does, and those its user names, each once; what cannot be read adds nothing. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { namedAuthorities, usualAuthorities } from '../../../../helper/core/network/authorities.ts';
import { openAuthority } from '../../../../helper/egress/certificates.ts';

const folderOf = (t: TestContext): string => {
  const made = mkdtempSync(join(tmpdir(), 'lasso-authorities-'));
  t.after(() => rmSync(made, { recursive: true }));
  return made;
};
test('what the user names is added, each certificate once', async (t) => {
  const [{ certificatePem: one }, { certificatePem: two }] = await Promise.all([openAuthority(), openAuthority()]);
  const [named, extra] = [join(folderOf(t), 'named.pem'), join(folderOf(t), 'extra.pem')];
  writeFileSync(named, `# ours\n${one}`);
  writeFileSync(extra, `${two}${one.replaceAll('\n', '\r\n')}`);
  const found = await namedAuthorities({ environment: { NODE_EXTRA_CA_CERTS: extra } }, named);
  assert.deepEqual(found, [one.trim(), two.trim()]);
});

test('a file that is not there, or holds something else, adds nothing', async (t) => {
  const key = join(folderOf(t), 'key.pem');
  const { kept } = await openAuthority();
  writeFileSync(key, kept.keyPem);
  for (const file of [key, join(key, 'missing'), '/dev/null'])
    assert.deepEqual(await namedAuthorities({ environment: {} }, file), [], file);
});

test('there is always somebody to trust', async () => {
  for (const platform of ['linux', 'darwin', 'win32'] as const) {
    const found = await usualAuthorities(platform);
    assert.ok(found.length > 0, platform);
    for (const certificate of found) assert.match(certificate, /^-----BEGIN CERTIFICATE-----\n/);
  }
});

test('an authority that was kept is found again, with its key', async () => {
  const first = await openAuthority();
  const again = await openAuthority({ ...first.kept });
  assert.equal(again.certificatePem, first.certificatePem);
  assert.deepEqual(again.kept, first.kept);
  await assert.rejects(openAuthority({ ...first.kept, keyPem: 'no key' }));
});
