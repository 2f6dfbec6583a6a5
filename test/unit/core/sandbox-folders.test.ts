import assert from 'node:assert/strict';
import { test } from 'node:test';
import { etcFiles } from '../../../helper/core/etc.ts';
import { mountsUnder } from '../../../helper/core/sandbox-folders.ts';

test('mounts below a folder are found, also under names with spaces, and others are not', () => {
  const mountinfo = [
    '22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw',
    '90 22 254:0 /w /run/lasso/aaa/scratch/workspace rw - ext4 /dev/vda rw',
    '91 22 254:0 /w /run/lasso/aaa/my\\040folder rw - ext4 /dev/vda rw',
    '92 22 254:0 /w /run/lasso/aaab rw - ext4 /dev/vda rw',
    '',
  ].join('\n');
  assert.deepEqual(mountsUnder(mountinfo, '/run/lasso/aaa'), ['/run/lasso/aaa/scratch/workspace', '/run/lasso/aaa/my folder']);
  assert.deepEqual(mountsUnder(mountinfo, '/run/other'), []);
});

test('the agent has a name, a group and a home, and its machine a name', () => {
  const files = etcFiles({ uid: 1234, gid: 99 }, 'app', '/home/agent');
  assert.match(files['passwd'] ?? '', /^agent:x:1234:99:agent:\/home\/agent:\/bin\/bash$/m);
  assert.match(files['group'] ?? '', /^agent:x:99:$/m);
  assert.match(files['hosts'] ?? '', /^127\.0\.0\.1 localhost app$/m);
  assert.match(files['resolv.conf'] ?? '', /^nameserver 127\.0\.0\.1$/m);
});
