/**
 * What hidden and closed files must keep on every backend: what is hidden reads as empty, what is closed can be neither changed nor made,
 * nothing is left on the host, and everyday work goes on. Tried from a program of the sandbox's own, past what its text says.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { recordsOf, type RecordedLine } from '../kit/starts.ts';
import type { Promised, Subject } from './promises.ts';

/** hidden by the usual lists, with what is in them on the host */
const hidden = { '.env': 'SECRET=1\n', 'deep/er/.ENV': 'SECRET=2\n', 'certs/a.pem': 'SECRET=3\n', 'later/.env': 'SECRET=4\n' } as const;
const hiddenFolders = { '.ssh': 'id', 'pkg/.aws': 'credentials' } as const;
/** closed by the usual lists, and there */
const closed = {
  '.vscode/settings.json': '{}\n',
  '.github/workflows/ci.yml': 'on: push\n',
  'AGENTS.md': '# Agents\n',
  'settings/tasks.json': '{}\n',
  'vendor/sub/.git': 'gitdir: ../../.git/modules/sub\n',
  'tools/hooks/pre-push': '#!/bin/sh\n',
} as const;

/** Fills the workspace before its sandbox is made: a repository with hidden and closed files. */
export function prepareFiles(workspace: string): void {
  const git = (...argv: string[]): void => void execFileSync('git', ['-C', workspace, ...argv], { stdio: 'ignore' });
  git('init', '-q', '-b', 'main');
  git('config', 'core.hooksPath', 'tools/hooks');
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(workspace, path)), { recursive: true });
    writeFileSync(join(workspace, path), text);
  };
  for (const [path, text] of Object.entries({ ...hidden, ...closed, 'src/a.txt': 'a\n' })) put(path, text);
  for (const [folder, name] of Object.entries(hiddenFolders)) put(`${folder}/${name}`, 'SECRET=5\n');
  put('.git/modules/sub/config', '[core]\n\tbare = false\n');
  put('node_modules/x/AGENTS.md', 'of a package\n');
  symlinkSync('settings', join(workspace, '.zed'));
  chmodSync(join(workspace, 'tools/hooks/pre-push'), 0o755);
}

/** what is tried in Perl on `$p`, and what must not come of it */
const acts: Readonly<Record<string, string>> = {
  write: 'open(my $f, ">", $p)',
  append: 'open(my $f, ">>", $p)',
  'read and write': 'sysopen(my $f, $p, 2)',
  create: 'sysopen(my $f, $p, 0102)',
  truncate: 'truncate($p, 0)',
  folder: 'mkdir($p)',
  remove: 'unlink($p)',
  'remove a folder': 'rmdir($p)',
  'move away': 'rename($p, "taken")',
  'move over': '(open(my $t, ">", "src/new") && rename("src/new", $p))',
  link: 'link("src/a.txt", $p)',
  'symbolic link': 'symlink("src/a.txt", $p)',
  // The mode of a folder above closed files is its own.
  mode: '$p ne ".git" && $p ne ".github" && chmod(0777, $p)',
};

/** closed paths, there and absent, in spellings that lead to them */
const places: readonly string[] = [
  ...Object.keys(closed),
  ...[
    '.vscode',
    '.VSCode/x.json',
    '.github/workflows',
    '.github',
    '.git/hooks/pre-commit',
    '.git/config',
    '.GIT/config',
    '.git/hooks',
    '.git',
  ],
  ...['.git/info/attributes', '.git/commondir', '.git/modules/sub/config', '.git/modules/sub/hooks/x', '.git/modules/new/config'],
  ...['CLAUDE.md', '.claude/settings.json', '.claude', 'deep/CLAUDE.md', 'deep/.vscode/tasks.json', '.mcp.json', 'x.code-workspace'],
  ...['.devcontainer/devcontainer.json', '.envrc', 'nested/.git/hooks/post-checkout', 'nested/.git/config', '.cursorrules', 'GEMINI.md'],
  ...['./src/../.mcp.json', 'src/../.git/hooks/x', '/workspace/.claude', '/proc/self/cwd/.mcp.json', 'into/hooks/x', 'into/config'],
];

/** Runs Perl from a file. */
async function perl({ lasso, sandbox, workspace }: Subject, text: string): Promise<string> {
  writeFileSync(join(workspace, 'try.pl'), text);
  const { exit, stdout, stderr } = await lasso.exec(sandbox, ['perl', './try.pl'], { timeoutSeconds: 60 });
  rmSync(join(workspace, 'try.pl'));
  assert.equal(exit.code, 0, `${stdout}\n${stderr}`);
  return stdout;
}

/** Runs lines from a file; all of them must succeed. */
async function works({ lasso, sandbox, workspace }: Subject, lines: string): Promise<string> {
  writeFileSync(join(workspace, 'work.sh'), `set -e\n${lines}\n`);
  const { exit, stdout, stderr } = await lasso.exec(sandbox, ['sh', './work.sh'], { timeoutSeconds: 120 });
  rmSync(join(workspace, 'work.sh'));
  assert.equal(exit.code, 0, `${stdout}\n${stderr}`);
  return stdout;
}

/** Every path of the workspace with what is there, as the host sees it. */
function treeOf(folder: string): ReadonlyMap<string, string> {
  const entries = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path): [string, string] => {
    const place = join(folder, path);
    const status = lstatSync(place);
    if (status.isSymbolicLink()) return [path, `→ ${readlinkSync(place)}`];
    return [path, status.isFile() ? `${status.mode} ${readFileSync(place, 'latin1')}` : `${status.mode}`];
  });
  return new Map(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

const fileRecords = async ({ lasso, sandbox }: Subject): Promise<readonly RecordedLine[]> =>
  (await recordsOf(lasso, sandbox)).filter(({ type, outcome }) => type === 'file' && outcome === 'blocked');

export const filePromises: readonly Promised[] = [
  {
    name: 'hidden files read as empty, hidden folders hold nothing, and neither can be changed, moved or removed',
    check: async (subject) => {
      const before = treeOf(subject.workspace);
      const files = JSON.stringify(Object.keys(hidden));
      const folders = JSON.stringify(Object.keys(hiddenFolders));
      const out = await perl(
        subject,
        `for my $p (@{${files}}) {
           open(my $f, "<", $p) or print "$p: $!\\n"; local $/; my $t = <$f>; print "$p holds $t\\n" if length $t;
           open(my $w, ">", $p) and print "$p written\\n"; unlink($p) and print "$p removed\\n";
           rename($p, "x") and print "$p moved\\n"; link($p, "other") and print "$p linked\\n";
         }
         for my $p (@{${folders}}) {
           opendir(my $d, $p) or print "$p: $!\\n"; my @n = grep { !/^\\.\\.?$/ } readdir $d; print "$p holds @n\\n" if @n;
           open(my $w, ">", "$p/x") and print "$p written\\n"; rename($p, "x") and print "$p moved\\n";
         }`,
      );
      assert.equal(out, '');
      assert.deepEqual(treeOf(subject.workspace), before);
      const said = (await fileRecords(subject)).find(({ action, target }) => action === 'hidden-opened' && target === '/workspace/.env');
      if (said !== undefined) assert.match(String(said.detail?.['rule']), /^workspace\.hidden\[\d+\]$/);
    },
  },
  {
    name: 'nothing of a hidden file is to be found by any other way in the sandbox',
    check: async (subject) => {
      const out = await works(
        subject,
        'grep -rs SECRET= . /proc/self/root/workspace /proc/1/root/workspace 2>/dev/null | grep -v work.sh || true',
      );
      assert.equal(out, '');
    },
  },
  {
    name: 'closed files can be neither changed nor made, whether there or not, in any spelling, and the host has no new file',
    needs: 'exec-gate',
    check: async (subject) => {
      symlinkSync('.git', join(subject.workspace, 'into'));
      mkdirSync(join(subject.workspace, 'nested/.git'), { recursive: true });
      const before = treeOf(subject.workspace);
      const tries = Object.entries(acts).map(([name, act]) => `print "$p: ${name}\\n" if ${act};`);
      const out = await perl(subject, `for my $p (qw(${places.join(' ')})) {\n${tries.join('\n')}\nunlink "taken", "src/new";\n}`);
      assert.equal(out, '');
      assert.deepEqual(treeOf(subject.workspace), before);
      rmSync(join(subject.workspace, 'into'));
      rmSync(join(subject.workspace, 'nested'), { recursive: true });
    },
  },
  {
    name: 'closed files that are there cannot be changed, moved or removed',
    check: async (subject) => {
      const before = treeOf(subject.workspace);
      const out = await perl(
        subject,
        `for my $p (qw(${Object.keys(closed).join(' ')} .git/config .git/hooks/x)) {
           open(my $w, ">", $p) and print "$p written\\n"; open(my $a, ">>", $p) and print "$p appended\\n";
           unlink($p) and print "$p removed\\n"; rename($p, "x") and print "$p moved\\n"; chmod(0777, $p) and print "$p changed\\n";
         }`,
      );
      assert.equal(out, '');
      assert.deepEqual(treeOf(subject.workspace), before);
    },
  },
  {
    name: 'a folder above closed files is not carried off, and none that holds such files is carried in',
    needs: 'exec-gate',
    check: async (subject) => {
      const before = treeOf(subject.workspace);
      const out = await perl(
        subject,
        `mkdir "bad"; mkdir "bad/workflows"; open(my $f, ">", "bad/workflows/x.yml"); close $f;
         for (["bad", ".github"], [".github", "gone"], [".git", "gone"], ["vendor/sub", "gone/sub"], ["bad", "vendor/sub/.git"]) {
           rename($_->[0], $_->[1]) and print "$_->[0] to $_->[1]\\n";
         }
         symlink("bad", "src/.git") and print "linked\\n";
         unlink "bad/workflows/x.yml"; rmdir "bad/workflows"; rmdir "bad";`,
      );
      assert.equal(out, '');
      assert.deepEqual(treeOf(subject.workspace), before);
    },
  },
  {
    name: 'an attempt is on record with its rule and who tried, is told to faces as blocked, and the agent is told why',
    needs: 'exec-gate',
    check: async (subject) => {
      const connection = await subject.lasso.connect();
      const told: string[] = [];
      const off = connection.onEvent((event) => {
        if (event.type === 'blocked') told.push(event.what);
      });
      writeFileSync(join(subject.workspace, 'try.pl'), 'open(my $f, ">", ".git/hooks/post-merge"); mkdir ".codex";');
      // After very many attempts at once the next ones go untold for a moment.
      for (let tries = 0, said = ''; !/LASSO: \.codex is guarded/.test(said); tries += 1) {
        said = (await subject.lasso.exec(subject.sandbox, ['perl', './try.pl'])).stderr;
        assert.ok(tries < 100, 'the agent was told nothing');
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      rmSync(join(subject.workspace, 'try.pl'));
      const records = await fileRecords(subject);
      const hook = records.findLast(({ target }) => target === '/workspace/.git/hooks/post-merge');
      assert.deepEqual([hook?.action, hook?.detail?.['rule']], ['refused', 'workspace.guarded[0]']);
      assert.match(JSON.stringify(hook?.detail?.['argv']), /perl/);
      assert.ok(records.some(({ target, detail }) => target === '/workspace/.codex' && detail?.['act'] === 'folder'));
      for (let tries = 0; told.length === 0 && tries < 50; tries += 1) await new Promise((resolve) => setTimeout(resolve, 100));
      await off.dispose();
      assert.match(told.join('\n'), /\/workspace\/\.(git|codex)/);
    },
  },
  {
    name: 'work goes on: commits, branches, builds, and files saved by being replaced',
    check: async (subject) => {
      const git = 'git -c user.name=a -c user.email=a@mail.example -c safe.directory=* -c core.hooksPath=/dev/null';
      writeFileSync(join(subject.workspace, 'Makefile'), 'out: src/a.txt\n\tcp src/a.txt out\n');
      await works(
        subject,
        `${git} add src Makefile
         ${git} commit -q -m one
         ${git} checkout -q -b other
         echo b > src/.a.txt.swp; mv src/.a.txt.swp src/a.txt
         sed -i s/b/c/ src/a.txt
         ${git} commit -q -a -m two
         ${git} checkout -q main; ${git} merge -q other; ${git} branch -d other
         ${git} stash list; ${git} tag v1; ${git} gc -q
         test "$(cat src/a.txt)" = c
         mkdir -p build/.cache && echo x > build/.cache/y && rm -r build
         echo x >> .gitignore; mkdir .github/ISSUE_TEMPLATE; echo y > .github/ISSUE_TEMPLATE/bug.md; rm -r .github/ISSUE_TEMPLATE
         if command -v make >/dev/null; then make -s out && rm out; fi`,
      );
      const log = execFileSync('git', ['-C', subject.workspace, '-c', 'safe.directory=*', 'log', '--format=%s'], { encoding: 'utf8' });
      assert.equal(log, 'two\none\n');
    },
  },
  {
    name: 'packages are installed, those that bring guarded names too',
    check: async (subject, skip) => {
      const { lasso, sandbox, workspace } = subject;
      if ((await lasso.exec(sandbox, ['sh', '-c', 'npm --version'])).exit.code !== 0) {
        assert.ok(!subject.everyday, 'there is no npm in this sandbox');
        skip('there is no npm in this sandbox');
        return;
      }
      mkdirSync(join(workspace, 'lib/.vscode'), { recursive: true });
      writeFileSync(join(workspace, 'lib/package.json'), '{"name":"lib","version":"1.0.0"}');
      writeFileSync(join(workspace, 'lib/AGENTS.md'), 'of a package\n');
      writeFileSync(join(workspace, 'lib/.vscode/settings.json'), '{}\n');
      mkdirSync(join(workspace, 'app'));
      writeFileSync(join(workspace, 'app/package.json'), '{"name":"app","dependencies":{"lib":"file:../lib"}}');
      await works(subject, 'cd app; npm install --offline --no-audit --no-fund --install-links --loglevel=error');
      assert.equal(readFileSync(join(workspace, 'app/node_modules/lib/AGENTS.md'), 'utf8'), 'of a package\n');
      for (const folder of ['lib', 'app']) rmSync(join(workspace, folder), { recursive: true });
    },
  },
  {
    name: 'a hidden file that the host replaces is told to people and on record',
    check: async (subject) => {
      const { lasso, sandbox, workspace } = subject;
      writeFileSync(join(workspace, 'later/new'), 'SECRET=6\n');
      renameSync(join(workspace, 'later/new'), join(workspace, 'later/.env'));
      const connection = await lasso.connect();
      for (let tries = 0; ; tries += 1) {
        const [info] = (await connection.call('status', { sandbox })).sandboxes;
        if (info?.notices.some((notice) => /since the host replaced it: later\/\.env\.$/.test(notice)) === true) break;
        assert.ok(tries < 100, JSON.stringify(info?.notices));
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      const gap = (await recordsOf(lasso, sandbox)).find(({ action }) => action === 'hidden-replaced');
      assert.deepEqual([gap?.type, gap?.target], ['gap', 'later/.env']);
    },
  },
];
