/** Which folders a sandbox may have, on every platform: one row of paths for each answer, so that another is a word to add. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { judgeMount, parseMount } from '../../../helper/policy/mounts.ts';
import type { HostFacts } from '../../../helper/policy/places.ts';
import { judgeWorkspace } from '../../../helper/policy/workspace.ts';

const linux: HostFacts = {
  home: '/home/alice',
  engineSockets: ['/srv/engine/api.socket', '/run/user/1000/docker.sock'],
  lassoFolders: ['/home/alice/.lasso', '/run/user/1000/lasso', '/var/tmp/kept/lasso'],
  platform: 'linux',
};
const root: HostFacts = { ...linux, home: '/root', lassoFolders: ['/root/.lasso', '/tmp/lasso-0'] };
const mac: HostFacts = { home: '/Users/dev', engineSockets: [], lassoFolders: ['/Users/dev/.lasso'], platform: 'darwin' };
const windows: HostFacts = {
  home: 'C:\\Users\\dev',
  engineSockets: [],
  lassoFolders: ['C:\\Users\\dev\\AppData\\Local\\lasso'],
  platform: 'win32',
};

/** what a host lets a sandbox have: as a workspace, as a read-only mount */
const cases: readonly (readonly [
  facts: HostFacts,
  answers: { readonly both: readonly string[]; readonly mount: readonly string[]; readonly never: readonly string[] },
])[] = [
  [
    linux,
    {
      both: [
        ...[
          '/home/alice/src/app',
          '/home/alice/My Project: ü',
          '/home/alice/.config/nvim',
          '/home/alice/sshd',
          '/work/app',
          '/tmp/x',
          '/opt/app',
          '/srv/app',
        ],
        ...['/usr/local/src/app', '/var/lib/jenkins/app', '/run/media/dev/disk/app', '/home/alice/docker', '/mnt/c/app', '/data'],
      ],
      mount: ['/usr', '/usr/share/dict', '/etc/ssl/certs', '/lib/x'],
      never: [
        ...[
          '/',
          '/home',
          '/home/alice',
          '/home/alice/',
          '/home/alice/src/..',
          '/home/./alice',
          '/etc',
          '/etc/shadow',
          '/etc/sudoers.d/x',
          '/proc',
          '/proc/1/root',
        ],
        ...[
          '/sys',
          '/dev/sda',
          '/run',
          '/run/user/1000',
          '/run/docker.sock',
          '/var/run/docker.sock',
          '/var',
          '/var/lib',
          '/var/lib/docker/x',
          '/boot',
        ],
        ...[
          '/srv/engine',
          '/srv',
          '/srv/engine/api.socket',
          '/x/podman.sock',
          '/home/alice/.lasso',
          '/home/alice/.lasso/audit',
          '/var/tmp/kept',
          '/tmp',
        ],
        ...[
          '/home/alice/.ssh',
          '/home/alice/.ssh/config',
          '/home/bob/.aws',
          '/x/.GnuPG',
          '/home/alice/.config',
          '/home/alice/.config/gcloud',
          '/home/alice/.local/share',
        ],
        ...[
          '/home/alice/.netrc',
          '/home/alice/.npmrc',
          '/home/alice/.password-store/x',
          '/home/alice/.mozilla',
          '/home/alice/.config/google-chrome/Default',
        ],
        ...['/home/alice/.local/share/keyrings', '/tmp/.X11-unix', '/tmp/ssh-abc', 'relative', '', '.', '/a\0b'],
      ],
    },
  ],
  [
    root,
    {
      both: ['/root/app', '/home/alice/app'],
      mount: ['/usr/share'],
      never: ['/root', '/', '/root/.ssh', '/root/.lasso/state', '/tmp', '/home'],
    },
  ],
  [
    mac,
    {
      both: ['/Users/dev/app', '/Volumes/disk/app', '/private/tmp/x', '/private/var/folders/x/y'],
      mount: ['/usr/share', '/private/etc/hosts'],
      never: [
        '/Users/DEV',
        '/users',
        '/Users/dev/.SSH',
        '/Users/dev/Library',
        '/Users/dev/library/keychains/x',
        '/System/Library',
        '/private/var/run/docker.sock',
        '/Volumes',
      ],
    },
  ],
  [
    windows,
    {
      both: ['C:\\Users\\dev\\app', 'c:/users/dev/app', 'D:\\app', '\\\\server\\share\\app'],
      mount: ['C:\\Program Files\\x'],
      never: [
        'C:\\',
        'D:\\',
        'C:\\Users',
        'C:\\USERS\\DEV',
        'C:\\Users\\dev. ',
        'C:\\Windows',
        'c:\\windows\\x',
        'C:\\Users\\dev\\.ssh',
        'C:\\Users\\dev\\AppData',
        'C:\\Users\\dev\\AppData\\Local\\LASSO\\run',
        '\\\\server\\share',
        '\\\\?\\C:\\Users\\dev\\app',
        '\\\\.\\pipe\\docker_engine',
        'C:\\PROGRA~1\\x',
        'C:\\Users\\dev\\app:stream',
        '/x',
        'x',
      ],
    },
  ],
];

for (const [facts, { both, mount, never }] of cases) {
  const asMount = (source: string): boolean => judgeMount({ source, target: '/data', readonly: true }, facts).ok;
  const answers = (path: string): readonly boolean[] => [judgeWorkspace(path, facts).ok, asMount(path)];
  test(`${facts.platform}, home ${facts.home}: projects are let in, credentials and the machine are not`, () => {
    for (const path of both) assert.deepEqual(answers(path), [true, true], path);
    for (const path of mount) assert.deepEqual(answers(path), [false, true], path);
    for (const path of never) assert.deepEqual(answers(path), [false, false], path);
  });
}

test('where home or LASSO’s own folders are unknown, nothing is let in', () => {
  for (const facts of [
    { ...linux, home: '' },
    { ...linux, lassoFolders: ['lasso'] },
    { ...windows, home: 'C:\\Users\\ALICEB~1' },
  ])
    assert.ok(!judgeWorkspace(facts.platform === 'win32' ? 'D:\\app' : '/work/app', facts).ok);
});

test('a home folder is refused with a hint to pick a project', () => {
  const judged = judgeWorkspace('/home/alice', linux);
  assert.ok(!judged.ok);
  assert.match(`${judged.reason} ${judged.hint}`, /home folder.*project folder/);
});

const targets: readonly (readonly [target: string, ok: boolean])[] = [
  ...['/data', '/data/x', '/mnt/x', '/opt/x/y', '/workspace/x'].map((target) => [target, true] as const),
  ...[
    '/',
    '/workspace',
    '/mnt',
    '/opt',
    '/etc',
    '/usr/x',
    '/.lasso',
    '/proc',
    '/dev/x',
    '/home/agent',
    '/home/agent/x',
    '/tmp',
    '/database',
    'data',
  ].map((target) => [target, false] as const),
  ...['/data/../etc', '/workspace/..', '/workspace//', '/mnt/.', '/data/\0'].map((target) => [target, false] as const),
];
for (const [target, ok] of targets) {
  test(`the target ${JSON.stringify(target)} is ${ok ? 'accepted' : 'refused'}`, () => {
    assert.equal(judgeMount({ source: '/work/x', target, readonly: false }, linux).ok, ok);
  });
}

const texts: readonly (readonly [text: string, platform: string, expected: readonly [string, string, boolean] | undefined])[] = [
  ['/a:/data', 'linux', ['/a', '/data', false]],
  ['/a:/data:ro', 'linux', ['/a', '/data', true]],
  ['/a:/data:rw', 'linux', ['/a', '/data', false]],
  ['~/My Data ü:/mnt/x', 'linux', ['/h/My Data ü', '/mnt/x', false]],
  ['~:/mnt/x', 'linux', ['/h', '/mnt/x', false]],
  ['/a\\:b:/mnt/c\\:d:ro', 'linux', ['/a:b', '/mnt/c:d', true]],
  ['/a:/data//x/./y/', 'linux', ['/a', '/data/x/y', false]],
  ['C:\\a b:/data:ro', 'win32', ['C:\\a b', '/data', true]],
  ['c:/a:/data', 'win32', ['c:/a', '/data', false]],
  ['~\\a:/data', 'win32', ['/h\\a', '/data', false]],
  ['\\\\server\\share\\x:/data', 'win32', ['\\\\server\\share\\x', '/data', false]],
  ...[
    '',
    ':',
    '/a',
    '/a:',
    ':/a',
    '/a:/b:ro:x',
    '/a:/b:x',
    'a:/b',
    '/a:b',
    '/a:/b/../c',
    '/a\n:/b',
    '/a\0:/b',
    '~dev/x:/b',
    '$HOME:/b',
  ].map((text) => [text, 'linux', undefined] as const),
  ...['\\\\?\\C:\\a:/data', '\\\\.\\pipe\\x:/data', 'C:a:/data', 'a:/data'].map((text) => [text, 'win32', undefined] as const),
];
for (const [text, platform, expected] of texts) {
  test(`the mount ${JSON.stringify(text)} on ${platform} is ${expected ? 'understood' : 'refused'}`, () => {
    const parsed = parseMount(text, { home: platform === 'win32' && expected ? '/h' : '/h', platform });
    const home = platform === 'win32' && text.startsWith('~');
    if (home) return assert.ok(parseMount(text, { home: 'C:\\h', platform }).ok);
    assert.deepEqual(parsed.ok ? [parsed.mount.source, parsed.mount.target, parsed.mount.readonly] : undefined, expected);
  });
}

const hostileText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(fc.constantFrom('/', '\\', ':', '..', '.', '~', 'C:', 'data', 'home', 'dev', '.ssh', '\0', ' ', 'ro', '\\\\', '?', '*', 'ü'), {
      maxLength: 12,
    })
    .map((parts) => parts.join('')),
);

test('whatever is asked is answered, never thrown', () => {
  fc.assert(
    fc.property(hostileText, hostileText, fc.constantFrom(linux, root, mac, windows), fc.boolean(), (a, b, facts, readonly) => {
      const parsed = parseMount(a, facts);
      if (parsed.ok) judgeMount(parsed.mount, facts);
      for (const judged of [judgeWorkspace(a, facts), judgeMount({ source: a, target: b, readonly }, facts)])
        assert.ok(judged.ok || judged.reason !== '');
    }),
    { numRuns: 3000 },
  );
});

test('nothing at, above or below a forbidden place is ever let in', () => {
  const forbidden = ['/home/alice/.ssh', '/home/alice/.lasso', '/proc', '/srv/engine/api.socket', '/var/lib/docker'];
  fc.assert(
    fc.property(
      fc.constantFrom(...forbidden),
      fc.integer({ min: 0, max: 4 }),
      fc.array(fc.constantFrom('a', '.', '//', 'x y'), { maxLength: 3 }),
      (place, up, down) => {
        const above =
          place
            .split('/')
            .slice(0, Math.max(1, place.split('/').length - up))
            .join('/') || '/';
        for (const path of [above, `${place}/${down.join('/')}`])
          if (path !== '/srv/engine/api.socket' || up === 0)
            assert.ok(!judgeWorkspace(path === '' ? '/' : path, linux).ok || path.startsWith('/srv/engine/api.socket/'), path);
      },
    ),
  );
});
