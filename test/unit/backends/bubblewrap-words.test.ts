import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SandboxSpec } from '../../../helper/backends/backend.ts';
import { stagingWords } from '../../../helper/backends/bubblewrap-staging.ts';
import { bubblewrapWords, limitWords, type WordFacts } from '../../../helper/backends/bubblewrap-words.ts';

const spec: SandboxSpec = {
  id: '0123456789ab',
  name: 'box',
  owner: 'owner',
  image: null,
  isolation: 'container',
  guestProgram: '/opt/lasso/guest',
  link: { kind: 'socket', directory: '/run/l/link', token: 'cd'.repeat(32) },
  identity: { uid: 1000, gid: 1001, hostUid: 1000, hostGid: 1001 },
  workspace: { source: '/srv/my work', target: '/workspace', readonly: false },
  overlays: [],
  provided: [],
  home: null,
  mounts: [{ source: '/srv/data', target: '/data', readonly: true }],
  environment: { PATH: '/usr/bin:/bin' },
  etc: '/run/l/etc',
  scratch: '/run/l/scratch',
  hostname: 'box',
  limits: { memoryBytes: 1000, cpus: 1, pids: 50, openFiles: 100, fileSizeBytes: 200, temporaryBytes: 300, homeBytes: 400 },
  waived: [],
  labels: {},
};
const facts: WordFacts = {
  system: { binds: [{ source: '/usr', path: '/usr' }], links: [{ path: '/bin', target: 'usr/bin' }], etc: '/var/l/etc-1' },
  disablesUserNamespaces: true,
  hardLimits: { openFiles: 64, fileSizeBytes: null, processes: null },
  reachable: new Map(),
};

/** Words in lines, one option a line. */
const lines = (words: readonly string[]): string => words.join(' ').replaceAll(' --', '\n--');

test('a spec becomes exactly these words', () => {
  assert.equal(
    lines(bubblewrapWords(spec, facts)),
    `--unshare-all
--unshare-user
--uid 1000
--gid 1001
--disable-userns
--hostname box
--as-pid-1
--die-with-parent
--new-session
--cap-drop ALL
--clearenv
--setenv PATH /usr/bin:/bin
--setenv LASSO_LINK socket
--setenv LASSO_LINK_TOKEN ${'cd'.repeat(32)}
--setenv LASSO_LIMITS nofile=64:64,fsize=200:200,nproc=50:50,core=0:0
--dir /home
--dir /.lasso
--ro-bind /usr /usr
--symlink usr/bin /bin
--proc /proc
--dev /dev
--ro-bind-try /proc/sys /proc/sys
--ro-bind-try /proc/pressure /proc/pressure
--perms 1777
--size 1000
--tmpfs /dev/shm
--perms 1777
--size 300
--tmpfs /tmp
--perms 1777
--size 16777216
--tmpfs /var/tmp
--perms 0755
--size 16777216
--tmpfs /run
--perms 0700
--size 400
--tmpfs /home/agent
--symlink /run /var/run
--ro-bind /var/l/etc-1 /etc
--ro-bind /run/l/etc /.lasso/etc
--ro-bind /opt/lasso/guest /.lasso/guest
--ro-bind /run/l/link /.lasso/link
--bind /srv/my work /workspace
--ro-bind /srv/data /data
--remount-ro /dev
--remount-ro /
--chdir /
--info-fd 4
--block-fd 5
--seccomp 6`,
  );
});

test('for one who is root outside, kernel settings are closed by mounts', () => {
  const words = bubblewrapWords({ ...spec, identity: { ...spec.identity, hostUid: 0, hostGid: 0 } }, facts);
  assert.ok(lines(words).includes('--proc /proc\n--dev /dev\n--ro-bind-try /proc/sys /proc/sys\n'));
  for (const path of ['/proc/sys', '/proc/sysrq-trigger', '/proc/mtrr']) assert.ok(words.includes(path), path);
});

test('the network is never shared, whatever the spec', () => {
  for (const change of [{}, { link: { ...spec.link, kind: 'stdio' as const } }, { environment: {} }]) {
    const words = bubblewrapWords({ ...spec, ...change }, facts);
    assert.ok(words.includes('--unshare-all') && !words.includes('--share-net'));
  }
});

test('a multiplexed link has neither folder nor token', () => {
  const words = bubblewrapWords({ ...spec, link: { ...spec.link, kind: 'stdio' } }, facts);
  assert.ok(!words.includes('/.lasso/link') && !words.includes('LASSO_LINK_TOKEN'));
});

test('what the environment says never takes the place of the link’s own words', () => {
  const words = bubblewrapWords({ ...spec, environment: { LASSO_LINK: 'mine', LASSO_LIMITS: 'none' } }, facts);
  assert.ok(!words.includes('mine') && !words.includes('none'));
});

test('bubblewrap before 0.8 is not asked for what it does not know', () => {
  assert.ok(!bubblewrapWords(spec, { ...facts, disablesUserNamespaces: false }).includes('--disable-userns'));
});

test('limits are never above what this process may hand on', () => {
  assert.equal(
    limitWords(spec.limits, { openFiles: 10, fileSizeBytes: 20, processes: 30 }),
    'nofile=10:10,fsize=20:20,nproc=30:30,core=0:0',
  );
});

test('for another user’s workspace everything bound is reached through the stage', () => {
  const folders = new Set(['/var/l/etc-1', '/run/l/etc', '/run/l/link', '/srv/my work', '/srv/data']);
  const staging = stagingWords(spec, facts.system, '/usr/bin/bwrap', '/usr/bin/setpriv', (path) => folders.has(path));
  assert.equal(
    lines(staging.prefix),
    `/usr/bin/bwrap
--die-with-parent
--dev-bind / /
--perms 0755
--tmpfs /mnt
--dir /mnt/0
--bind /var/l/etc-1 /mnt/0
--dir /mnt/1
--bind /run/l/etc /mnt/1
--bind /opt/lasso/guest /mnt/2
--dir /mnt/3
--bind /run/l/link /mnt/3
--dir /mnt/4
--bind /srv/my work /mnt/4
--dir /mnt/5
--bind /srv/data /mnt/5
-- /usr/bin/setpriv
--reuid=1000
--regid=1001
--clear-groups
--inh-caps=-all
-- /usr/bin/bwrap`,
  );
  const words = bubblewrapWords(spec, { ...facts, reachable: staging.reachable });
  for (const source of [...folders, spec.guestProgram]) assert.ok(!words.includes(source), source);
  assert.ok(words.includes('/mnt/0') && words.includes('/mnt/5'));
});

test('what is hidden or closed is bound over the workspace, outermost first, before what a person mounts; whatever it is called', () => {
  const covered: SandboxSpec = {
    ...spec,
    overlays: [
      { path: '.vscode', kind: 'folder', instead: null },
      { path: '.vscode/a "b",\nc:.key', kind: 'file', instead: '/run/l/empty/1' },
    ],
  };
  const reachable = new Map([
    ['/srv/my work', '/mnt/4'],
    ['/run/l/empty', '/mnt/6'],
  ]);
  const words = bubblewrapWords(covered, { ...facts, reachable });
  const at = words.indexOf('/workspace');
  assert.deepEqual(words.slice(at - 2, at + 10), [
    ...['--bind', '/mnt/4', '/workspace'],
    ...['--ro-bind', '/mnt/4/.vscode', '/workspace/.vscode'],
    ...['--ro-bind', '/mnt/6/1', '/workspace/.vscode/a "b",\nc:.key'],
    ...['--ro-bind', '/srv/data', '/data'],
  ]);
});

test('the folder of empty files is staged once, and what lies in the workspace with the workspace', () => {
  const overlays = [0, 1, 2].map((n) => ({ path: `${n}.key`, kind: 'file' as const, instead: n === 2 ? null : `/run/l/empty/${n}` }));
  const { reachable } = stagingWords({ ...spec, overlays }, facts.system, '/usr/bin/bwrap', '/usr/bin/setpriv', () => true);
  assert.ok(reachable.has('/run/l/empty'));
  assert.equal([...reachable.keys()].filter((source) => /\.key$|empty\//.test(source)).length, 0);
});
