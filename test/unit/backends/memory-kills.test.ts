import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryKillsOf, startsRefusedIn } from '../../../helper/backends/memory-kills.ts';

const cases = [
  [
    'unified control groups',
    {
      '/proc/7/cgroup': '0::/docker/abc\n',
      '/proc/self/mountinfo': '30 1 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n',
      '/sys/fs/cgroup/docker/abc/memory.events': 'low 0\noom 3\noom_kill 2\n',
    },
    2,
  ],
  [
    'hybrid control groups',
    {
      '/proc/7/cgroup': '4:memory:/docker/abc\n0::/\n',
      '/proc/self/mountinfo': '30 1 0:26 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n',
      '/sys/fs/cgroup/memory/docker/abc/memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 1\n',
    },
    1,
  ],
  ['a process that is gone', {}, null],
] as const;

for (const [name, files, expected] of cases) {
  test(`kills for memory are counted: ${name}`, () => {
    const known = new Map(Object.entries(files));
    assert.equal(
      memoryKillsOf(7, (file) => known.get(file)),
      expected,
    );
  });
}

test('starts refused for want of processes are counted', () => {
  const known = new Map([
    ['/proc/7/cgroup', '4:memory:/docker/abc\n5:pids:/docker/abc\n0::/\n'],
    ['/proc/self/mountinfo', '30 1 0:26 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n'],
    ['/sys/fs/cgroup/pids/docker/abc/pids.events', 'max 12\n'],
  ]);
  assert.equal(
    startsRefusedIn(7, (file) => known.get(file)),
    12,
  );
  assert.equal(
    startsRefusedIn(0, (file) => known.get(file)),
    null,
  );
});
