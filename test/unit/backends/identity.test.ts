import assert from 'node:assert/strict';
import { test } from 'node:test';
import { identityFor } from '../../../helper/backends/identity.ts';

const engine = { backend: 'docker', rootless: false, remote: false } as const;
const linux = (uid: number): { platform: 'linux'; uid: number; gid: number } => ({ platform: 'linux', uid, gid: uid });

const cases = [
  ['an ordinary user keeps its ids', linux(1001), engine, 1001, [1001, 1001, 1001, 1001]],
  ['a rootless user keeps its ids', linux(1001), { ...engine, backend: 'podman', rootless: true }, 1001, [1001, 1001, 1001, 1001]],
  ['root with a folder of root’s is 1000 inside', linux(0), engine, 0, [1000, 1000, 0, 0]],
  ['root with a user’s folder is that user', linux(0), engine, 1234, [1234, 1234, 1234, 1234]],
  ['a virtual machine expects 1000', linux(501), { ...engine, remote: true }, 501, [1000, 1000, 501, 501]],
  ['macOS expects 1000', { platform: 'darwin', uid: 501, gid: 20 }, { ...engine, remote: true }, 501, [1000, 1000, 501, 20]],
  ['Windows has no ids', { platform: 'win32', uid: undefined, gid: undefined }, { ...engine, remote: true }, 0, [1000, 1000, 1000, 1000]],
] as const;

for (const [name, host, probe, owner, expected] of cases) {
  test(`who the agent is: ${name}`, () => {
    const { uid, gid, hostUid, hostGid } = identityFor(host, probe, { uid: owner, gid: owner });
    assert.deepEqual([uid, gid, hostUid, hostGid], expected);
    assert.notEqual(uid, 0);
    assert.notEqual(gid, 0);
  });
}
