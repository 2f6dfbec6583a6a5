import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findScope, scopeWords, unifiedFolder } from '../../../helper/backends/control-group-scope.ts';
import { findGroupPlaces, type GroupEyes } from '../../../helper/backends/control-group-places.ts';
import { thisHost } from '../../kit/bubblewrap.ts';

/** A machine of these files, of which these are writable. */
const eyes = (files: Readonly<Record<string, string>>, writable: readonly string[]): GroupEyes => ({
  read: (file) => Promise.resolve(files[file]),
  writable: (path) => Promise.resolve(writable.includes(path)),
});
const unified = '30 25 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n';

test('version 1 gives a folder a controller, inside this process’s own group', async () => {
  const files = {
    '/proc/self/cgroup': '9:pids:/\n4:memory:/box/inner\n1:cpu,cpuacct:/\n0::/\n',
    '/proc/self/mountinfo':
      '1 0 0:1 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n' +
      '2 0 0:2 /box /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n' +
      '3 0 0:3 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n',
  };
  const folders = ['/sys/fs/cgroup/memory/inner', '/sys/fs/cgroup/cpu,cpuacct', '/sys/fs/cgroup/pids'];
  assert.deepEqual(
    await findGroupPlaces(
      eyes(
        files,
        folders.flatMap((folder) => [folder, `${folder}/cgroup.procs`]),
      ),
    ),
    [
      { version: 1, folder: folders[0], controllers: ['memory'] },
      { version: 1, folder: folders[1], controllers: ['cpu'] },
      { version: 1, folder: folders[2], controllers: ['pids'] },
    ],
  );
  assert.deepEqual(await findGroupPlaces(eyes(files, [])), []);
});

test('version 2 goes up to the nearest group that hands on its controllers', async () => {
  const own = '/sys/fs/cgroup/user.slice/app.scope';
  const files = {
    '/proc/self/cgroup': '0::/user.slice/app.scope\n',
    '/proc/self/mountinfo': unified,
    [`${own}/cgroup.procs`]: '17\n',
    [`${own}/cgroup.controllers`]: 'cpu memory pids',
    [`${own}/cgroup.subtree_control`]: '',
    '/sys/fs/cgroup/user.slice/cgroup.subtree_control': 'cpu memory pids',
  };
  const parent = ['/sys/fs/cgroup/user.slice', '/sys/fs/cgroup/user.slice/cgroup.procs'];
  const mine = [own, `${own}/cgroup.procs`, `${own}/cgroup.subtree_control`];
  assert.deepEqual(await findGroupPlaces(eyes(files, [...parent, ...mine])), [
    { version: 2, folder: '/sys/fs/cgroup/user.slice', controllers: ['memory', 'cpu', 'pids'] },
  ]);
  assert.deepEqual(await findGroupPlaces(eyes(files, mine)), [], 'a group with processes cannot hand on');
  assert.deepEqual(await findGroupPlaces(eyes(files, parent)), [], 'a process cannot leave a group it may not write');
});

test('version 2: a delegated group without processes of its own is divided', async () => {
  const own = '/sys/fs/cgroup/mine';
  const files = {
    '/proc/self/cgroup': '0::/mine\n',
    '/proc/self/mountinfo': unified,
    [`${own}/cgroup.procs`]: '',
    [`${own}/cgroup.controllers`]: 'memory pids',
  };
  assert.deepEqual(await findGroupPlaces(eyes(files, [own, `${own}/cgroup.procs`, `${own}/cgroup.subtree_control`])), [
    { version: 2, folder: own, controllers: ['memory', 'pids'] },
  ]);
});

test('nothing is found where nothing is told', async () => {
  assert.deepEqual(await findGroupPlaces(eyes({}, [])), []);
  assert.deepEqual(await findGroupPlaces(eyes({ '/proc/self/cgroup': 'no sense\n', '/proc/self/mountinfo': '- - -\n' }, [])), []);
});

test('the user’s systemd makes a scope with the same limits', async () => {
  const service = '/sys/fs/cgroup/user.slice/user-7.slice/user@7.service/cgroup.controllers';
  const host = { ...thisHost(), uid: 7, environment: { XDG_RUNTIME_DIR: '/run/user/7', SECRET: 'x' } };
  const scope = await findScope(host, eyes({ [service]: 'memory pids\n' }, ['/run/user/7/systemd/private']), '/usr/bin/systemd-run');
  assert.ok(scope);
  assert.deepEqual(scope.environment, { XDG_RUNTIME_DIR: '/run/user/7' });
  assert.equal(
    scopeWords(scope, 'lasso-x', { memoryBytes: 1024, cpus: 1.5, pids: 10 }).join(' '),
    '/usr/bin/systemd-run --user --scope --quiet --collect --unit=lasso-x -p MemoryMax=1024 -p MemorySwapMax=0 -p TasksMax=11 --',
  );
  assert.equal(
    scopeWords({ ...scope, controllers: ['cpu'] }, 'lasso-x', { memoryBytes: 1024, cpus: 1.5, pids: 10 })
      .slice(6, 8)
      .join(' '),
    '-p CPUQuota=150%',
  );
  assert.equal(await findScope(host, eyes({ [service]: 'memory pids\n' }, []), '/usr/bin/systemd-run'), null);
  assert.equal(await findScope(host, eyes({ [service]: '\n' }, ['/run/user/7/systemd/private']), '/usr/bin/systemd-run'), null);
});

test('the folder of a group is read from a process’s membership', () => {
  assert.equal(unifiedFolder('0::/user.slice/lasso-x.scope\n'), '/sys/fs/cgroup/user.slice/lasso-x.scope');
  assert.equal(unifiedFolder('4:memory:/x\n'), undefined);
});
