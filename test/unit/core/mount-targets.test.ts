/** A mount never lies elsewhere than where a person put it, whatever the workspace holds. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { requirePlainTargets } from '../../../helper/core/mount-targets.ts';

const place = mkdtempSync(join(tmpdir(), 'lasso-targets-'));
after(() => rmSync(place, { recursive: true, force: true }));
const workspace = join(place, 'workspace');
const home = join(place, 'home');
mkdirSync(join(workspace, 'folder/inner'), { recursive: true });
mkdirSync(home);
symlinkSync('/usr', join(workspace, 'link'));
symlinkSync('../folder', join(workspace, 'folder/back'));
symlinkSync('nowhere', join(home, '.cache'));
writeFileSync(join(workspace, 'file'), '');

const judge = (...targets: readonly string[]): Promise<void> =>
  requirePlainTargets({
    workspace: { source: workspace, target: '/workspace', readonly: false },
    home,
    mounts: targets.map((target) => ({ source: place, target, readonly: false })),
  });

for (const target of [
  '/workspace/link',
  '/workspace/link/local',
  '/workspace/folder/back',
  '/workspace/folder/back/x',
  '/home/agent/.cache',
])
  test(`${target} is refused`, () => assert.rejects(judge('/data', target), { code: 'MOUNT_REFUSED' }));

for (const target of [
  '/data',
  '/workspace/folder',
  '/workspace/folder/inner',
  '/workspace/file',
  '/workspace/new/deep',
  '/home/agent/.config',
  '/workspacelink',
])
  test(`${target} is not`, () => judge(target));

test('nor is one inside another mount, unless a link is in the way there', async () => {
  await judge('/data', '/data/workspace');
  symlinkSync('/etc', join(place, 'away'));
  await assert.rejects(judge('/data', '/data/away'), { code: 'MOUNT_REFUSED' });
});
