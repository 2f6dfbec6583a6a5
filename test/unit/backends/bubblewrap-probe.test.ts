import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { explainRefusal, findTrusted, lookForBubblewrap } from '../../../helper/backends/bubblewrap-probe.ts';
import { thisHost } from '../../kit/bubblewrap.ts';

test('a program is never taken from a relative folder, nor from one that others may write', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'lasso-programs-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const host = { ...thisHost(), environment: { PATH: `bin:.:${folder}` } };
  const program = join(folder, 'lasso-sample');
  writeFileSync(program, '#!/bin/sh\n', { mode: 0o755 });
  assert.equal(await findTrusted('lasso-sample', host), program);
  chmodSync(folder, 0o777);
  assert.equal(await findTrusted('lasso-sample', host), undefined);
  chmodSync(folder, 0o755);
  chmodSync(program, 0o757);
  assert.equal(await findTrusted('lasso-sample', host), undefined);
  rmSync(program);
  mkdirSync(program);
  assert.equal(await findTrusted('lasso-sample', host), undefined);
});

test('a machine without bubblewrap is told how to get it', async () => {
  const { probe, facts } = await lookForBubblewrap({ ...thisHost(), platform: 'darwin' });
  assert.deepEqual([probe.available, probe.failure, facts], [false, 'absent', null]);
});

const switches: readonly (readonly [file: string, value: string, reason: RegExp, hint: RegExp])[] = [
  ['/proc/sys/kernel/unprivileged_userns_clone', '0\n', /unprivileged_userns_clone = 0/, /sysctl kernel\.unprivileged_userns_clone=1/],
  ['/proc/sys/kernel/apparmor_restrict_unprivileged_userns', '1\n', /AppArmor/, /apparmor_parser/],
  ['/proc/sys/user/max_user_namespaces', '0\n', /max_user_namespaces = 0/, /sysctl user\.max_user_namespaces=/],
  ['/nothing', '', /cannot make a sandbox here: bwrap: no luck/, /Docker or Podman/],
];
for (const [file, value, reason, hint] of switches) {
  test(`a refusal is explained: ${reason.source}`, async () => {
    const eyes = { read: (path: string) => Promise.resolve(path === file ? value : undefined), writable: () => Promise.resolve(false) };
    const told = await explainRefusal('noise\nbwrap: no luck\n', eyes);
    assert.match(told.reason, reason);
    assert.match(told.hint, hint);
  });
}
