import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, linkSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { type Cover, coverWorkspace, type CoverFacts } from '../../../../helper/core/files/cover.ts';
import { overlayLimit } from '../../../../helper/core/files/refusals.ts';
import { type Policy, policyOf } from '../../../../helper/policy/policy.ts';
import { parse } from 'smol-toml';
import { profileSchema } from '../../../../helper/protocol/profile/profile.ts';
import { builtInGroups } from '../../../kit/profile-sources.ts';

let root = '';

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'lasso-cover-')));
});
afterEach(() => rmSync(root, { recursive: true }));

function file(path: string, text = 'x'): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

const policyFrom = (text: string): Policy => policyOf(profileSchema.parse({ name: 'test', ...parse(text) }), builtInGroups);

function cover(text: string, facts: Partial<CoverFacts> = {}): Promise<Cover> {
  return coverWorkspace({
    workspace: root,
    policy: policyFrom(text),
    hostUid: process.getuid?.() ?? 0,
    mounts: [],
    empty: '/empty',
    signal: new AbortController().signal,
    ...facts,
  });
}

/** path → what is shown: `hidden` or `closed`, and of which kind */
const shown = ({ overlays }: Cover): Record<string, string> =>
  Object.fromEntries(overlays.map(({ path, kind, instead }) => [path, `${instead === null ? 'closed' : 'hidden'} ${kind}`]));

const lists = (hidden: readonly string[], guarded: readonly string[] = [], more = ''): string =>
  `[workspace]\nhidden = ${JSON.stringify(hidden)}\nguarded = ${JSON.stringify(guarded)}\n${more}`;

describe('the cover of a workspace', () => {
  test('hides what is there and closes what is there, by the lists that hold by default', async () => {
    for (const path of ['.env', 'sub/.ENV.local', '.ssh/config', 'a/key.pem', '.git/config', '.git/hooks/x', '.vscode/tasks.json', 'b.txt'])
      file(path);
    assert.deepEqual(shown(await cover('')), {
      '.env': 'hidden file',
      '.ssh': 'hidden folder',
      '.vscode': 'closed folder',
      '.git/config': 'closed file',
      '.git/hooks': 'closed folder',
      'a/key.pem': 'hidden file',
      'sub/.ENV.local': 'hidden file',
    });
  });

  test('covers nothing that is not there, and makes nothing', async () => {
    file('a');
    assert.deepEqual((await cover('')).overlays, []);
    assert.deepEqual(readdirSync(root), ['a']);
  });

  test('goes from the outside in: nothing below what is hidden, and below what is closed only what is hidden', async () => {
    for (const path of ['secrets/a.key', 'conf/a.key', 'conf/sub/x', 'conf/b']) file(path);
    const { overlays } = await cover(lists(['secrets/', '*.key'], ['conf/', 'conf/sub/', 'secrets/']));
    assert.deepEqual(
      overlays.map(({ path }) => path),
      ['secrets', 'conf', 'conf/a.key'],
    );
  });

  test('gives each hidden thing an empty one of its own', async () => {
    for (const path of ['a.key', 'b.key', 'c']) file(path);
    const { overlays } = await cover(lists(['*.key'], ['c']));
    assert.deepEqual(
      overlays.map(({ path, instead, rule }) => [path, instead, rule]),
      [
        ['a.key', '/empty/0', 'workspace.hidden[0]'],
        ['b.key', '/empty/1', 'workspace.hidden[0]'],
        ['c', null, 'workspace.guarded[0]'],
      ],
    );
  });

  test('follows no link while it looks, but closes and hides where a link of that name leads', async () => {
    file('real/env');
    file('settings/tasks.json');
    symlinkSync('real/env', join(root, '.env'));
    symlinkSync('/workspace/settings', join(root, '.vscode'));
    symlinkSync(tmpdir(), join(root, 'out'));
    symlinkSync('/etc/passwd', join(root, 'x.key'));
    symlinkSync('.', join(root, 'loop'));
    symlinkSync('gone', join(root, 'y.key'));
    const found = await cover(lists(['.env', '*.key'], ['.vscode/']));
    assert.deepEqual(shown(found), { settings: 'closed folder', 'real/env': 'hidden file' });
    assert.deepEqual(found.also, [{ pattern: '/settings', rule: 'workspace.guarded[0]' }]);
  });

  test('opens nothing: FIFOs and sockets are hidden like files, and closed by name alone', async () => {
    for (const name of ['a.key', 'b.conf']) execFileSync('mkfifo', [join(root, name)]);
    const server = createServer().listen(join(root, 's.key'));
    try {
      assert.deepEqual(shown(await cover(lists(['*.key'], ['*.conf']))), { 'a.key': 'hidden file', 's.key': 'hidden file' });
    } finally {
      server.close();
    }
  });

  test('takes names as they are', async () => {
    const names = [
      'new\nline.key',
      'comma,.key',
      '"quote".key',
      "it's.key",
      ' space .key',
      'back\\slash.key',
      'täst.key',
      '-rf.key',
      '$(x).key',
    ];
    for (const name of names) file(name);
    assert.deepEqual(Object.keys(shown(await cover(lists(['*.key'])))).toSorted(), names.toSorted());
  });

  test('says of a name that is not UTF-8 that it cannot be covered', async () => {
    writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.of(0xff), Buffer.from('.key')]), 'x');
    await assert.rejects(cover(lists(['*.key'])), { code: 'CANNOT_ENFORCE', message: /not UTF-8/ });
    assert.match((await cover(lists(['*.key'], [], '[resources]\nenforcement = "preferred"'))).notices.join(), /not UTF-8/);
    await cover(lists(['*.pem']));
  });

  test('does not look into packages, nor into git’s objects, unless a pattern names them', async () => {
    for (const path of ['node_modules/a/.env', '.git/objects/ab/x.pem', 'lib/site-packages/c.pem', 'node_modules/b/c.pem']) file(path);
    assert.deepEqual(shown(await cover('')), {});
    assert.deepEqual(shown(await cover(lists(['*.pem', 'node_modules/**/*.pem']))), { 'node_modules/b/c.pem': 'hidden file' });
  });

  test('closes what git is told to obey, and where submodules and worktrees have their repository', async () => {
    file('.git/config', '[core]\n\thooksPath = tools/hooks ; mine\n[include]\n path = "../shared.gitconfig"\n[user]\npath = no\n');
    for (const path of ['tools/hooks/pre-commit', 'shared.gitconfig', 'no']) file(path);
    file('sub/.git', 'gitdir: ../.git/modules/sub\n');
    file('.git/modules/sub/config');
    file('.git/modules/sub/index');
    const found = await cover('');
    assert.deepEqual(shown(found), {
      'shared.gitconfig': 'closed file',
      '.git/config': 'closed file',
      'sub/.git': 'closed file',
      'tools/hooks': 'closed folder',
      '.git/modules/sub/config': 'closed file',
    });
    assert.deepEqual(found.also.map(({ pattern }) => pattern).toSorted(), ['/shared.gitconfig', '/sub/.git', '/tools/hooks']);
  });

  test('is not misled by git’s configuration: what lies outside, a FIFO, a link', async () => {
    file('.git/config', '[core]\nhooksPath = /etc\n[core]\nhooksPath = ../..\n[include]\npath = ~/x\n');
    assert.deepEqual(
      (await cover('')).also.map(({ pattern }) => pattern),
      ['/.git/~/x'],
    );
    rmSync(join(root, '.git/config'));
    execFileSync('mkfifo', [join(root, '.git/config')]);
    assert.deepEqual((await cover('')).also, []);
  });

  test('of a workspace that cannot be changed only hides', async () => {
    for (const path of ['.env', '.vscode/x', '.git/config']) file(path);
    assert.deepEqual(shown(await cover('[workspace]\nmode = "read-only"')), { '.env': 'hidden file' });
    assert.deepEqual(shown(await cover('[workspace]\nmode = "review"')), { '.env': 'hidden file' });
  });

  test('leaves alone what another mount is over', async () => {
    for (const path of ['data/.env', '.env', 'data2/.env']) file(path);
    assert.deepEqual(shown(await cover('', { mounts: ['/workspace/data'] })), { '.env': 'hidden file', 'data2/.env': 'hidden file' });
  });

  test('refuses when there is more than can be looked at, and says so where that is accepted', async () => {
    for (let n = 0; n < 20; n += 1) file(`a/b/c${n}/x`);
    for (const [limits, why] of [
      [{ entries: 5, depth: 100, timeMs: 10_000 }, /too many files/],
      [{ entries: 1000, depth: 1, timeMs: 10_000 }, /too deep/],
      [{ entries: 1000, depth: 100, timeMs: -1 }, /took too long/],
    ] as const) {
      await assert.rejects(cover('', { limits }), { code: 'CANNOT_ENFORCE', message: why, hint: /preferred/ });
      assert.match((await cover('[resources]\nenforcement = "preferred"', { limits })).notices.join(), why);
    }
  });

  test('refuses to cover more than engines carry, and names the patterns', async () => {
    for (let n = 0; n <= overlayLimit; n += 1) file(`k${n}.key`);
    await assert.rejects(cover(lists(['*.key'])), {
      code: 'CANNOT_ENFORCE',
      message: /257 match \*\.key \(workspace\.hidden\[0\]\)/,
      hint: /folders/,
    });
  });

  test('says that a hidden file has another name', async () => {
    file('.env');
    linkSync(join(root, '.env'), join(root, 'other'));
    assert.match((await cover('')).notices.join(), /hard links.*: \.env\./);
  });

  test(
    'of folders nobody can read, only those of the agent’s own matter',
    { skip: process.getuid?.() === 0 ? 'root can read all' : false },
    async () => {
      mkdirSync(join(root, 'locked'));
      chmodSync(join(root, 'locked'), 0o000);
      await assert.rejects(cover(''), { code: 'CANNOT_ENFORCE', message: /locked \(cannot be read\)/ });
      assert.deepEqual((await cover('', { hostUid: 4_000_000 })).notices, []);
      chmodSync(join(root, 'locked'), 0o700);
    },
  );

  test('can be broken off', async () => {
    await assert.rejects(cover('', { signal: AbortSignal.abort() }), { name: 'AbortError' });
  });
});
