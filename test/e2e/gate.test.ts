/** An agent at work on the built-in profile: what a day needs goes through, what would do harm takes no effect, and all is on record. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { LassoError } from '../../helper/protocol/errors.ts';
import { gone, TestLasso } from '../kit/lasso.ts';
import { sh } from '../kit/programs.ts';
import { chainVerifies, recordsOf, startsOf } from '../kit/starts.ts';

let lasso: TestLasso;
let workspace: string;
let pushed: string;

const git = (...argv: readonly string[]): string => execFileSync('git', argv, { cwd: workspace, encoding: 'utf8' }).trim();

before(async () => {
  lasso = new TestLasso();
  workspace = join(lasso.root, 'work');
  mkdirSync(workspace);
  layOutProject();
  await lasso.create({ profile: 'standard', dir: workspace, backend: 'bubblewrap', name: 'agent' });
});

after(() => lasso.dispose());

/** A small project in git, with a copy elsewhere in the workspace that it was pushed to and has since gone apart from. */
function layOutProject(): void {
  const files: Readonly<Record<string, string>> = {
    keep: 'kept\n',
    'main.c': 'int main(void) { return 0; }\n',
    Makefile: 'all: build/app\nbuild/app: main.c\n\tmkdir -p build\n\tcc -o $@ main.c\ntest: all\n\t./build/app\n',
    'test_sample.py':
      'import subprocess, unittest\nclass Sample(unittest.TestCase):\n    def test(self):\n        self.assertEqual(subprocess.check_output(["echo", "a"]), b"a\\n")\n',
    'run.sh': '#!/usr/bin/env bash\nset -euo pipefail\necho "$@" | tr a-z A-Z\n',
    'package.json': '{ "name": "x", "version": "1.0.0", "scripts": { "hello": "node -e \\"console.log(1+1)\\" && echo done" } }\n',
    '.gitignore': 'build/\norigin.git/\nbin/\n',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(workspace, name), text);
  mkdirSync(join(workspace, 'bin'));
  for (const name of ['docker', 'sudo', 'kubectl'])
    writeFileSync(join(workspace, 'bin', name), `#!/bin/sh\ntouch /workspace/took-effect\n`, { mode: 0o755 });
  git('init', '-q', '-b', 'main', '.');
  git('config', 'user.name', 'Agent');
  git('config', 'user.email', 'agent@lasso.example');
  git('add', '-A');
  git('commit', '-qm', 'first');
  git('init', '-q', '--bare', 'origin.git');
  git('remote', 'add', 'origin', './origin.git');
  git('push', '-q', 'origin', 'main');
  pushed = git('rev-parse', 'main');
  git('commit', '-q', '--amend', '-m', 'first, in other words');
}

type Ran = Awaited<ReturnType<TestLasso['exec']>> | LassoError;

/** Runs a line as the helper is given it, or from a file, so that its text is not judged and every program it starts is. */
async function attempt(line: string, how: 'text' | 'file'): Promise<Ran> {
  const file = join(workspace, 'line.sh');
  if (how === 'file') writeFileSync(file, `${line}\n`);
  try {
    return await lasso.exec('agent', how === 'text' ? ['bash', '-c', line] : ['bash', './line.sh'], { timeoutSeconds: 100 });
  } catch (error) {
    if (isRefusal(error)) return error;
    throw error;
  } finally {
    rmSync(file, { force: true });
  }
}

const isRefusal = (error: unknown): error is LassoError =>
  error instanceof LassoError && ['COMMAND_DENIED', 'COMMAND_NOT_EXECUTABLE'].includes(error.code);

describe('everyday work goes through', () => {
  const lines: readonly string[] = [
    'ls -la && cat main.c | head -n 2',
    "printf 'int main(void) { return 3; }\\n' > main.c && sed -i s/3/0/ main.c && grep -q 'return 0' main.c",
    'make -j2 && make test',
    'python3 -m unittest -q',
    'chmod +x run.sh && ./run.sh hello',
    'git add -A && git commit -qm "a change; with | signs && more" --allow-empty',
    'git status --short && git log --oneline | cat && git diff HEAD~1 --stat',
    'git checkout -q -B topic && git checkout -q main',
    'rm -rf build',
    'mkdir -p src/deep && cp main.c src/deep/ && mv src/deep/main.c src/x.c && rm -r src',
    "find . -name '*.c' -exec grep -l main {} +",
    'ls | xargs -n 1 echo item',
    'tar czf /tmp/x.tgz main.c && tar tzf /tmp/x.tgz && rm /tmp/x.tgz',
    'for i in 1 2 3; do echo $i; done | sort -r | tee out.txt && rm out.txt',
    'env GREETING=hi python3 -c \'import os; print(os.environ["GREETING"])\'',
    "python3 - <<'END'\nimport json, subprocess\nprint(json.loads(subprocess.check_output(['echo', '[1]'])))\nEND",
    'sleep 30 & kill $!; wait || true',
    'timeout 20 sh -c "git rev-parse HEAD > /dev/null"',
    'cd src 2>/dev/null || mkdir src && cd src && touch a && cd .. && rm -rf src',
    'ldd /bin/ls > /dev/null',
    "node -e \"require('child_process').execSync('echo from node')\"",
    'npm run --silent hello',
  ];
  for (const line of lines)
    for (const how of ['text', 'file'] as const)
      test(`${JSON.stringify(line)}, from ${how}`, async (t) => {
        const program = /^(make|node|npm|python3)\b/.exec(line)?.[1];
        if (program !== undefined && (await lasso.exec('agent', sh(`command -v ${program}`))).exit.code !== 0)
          return t.skip(`no ${program} here`);
        const ran = await attempt(line, how);
        assert.ok(!(ran instanceof LassoError), ran instanceof LassoError ? ran.message : '');
        assert.deepEqual([ran.exit.code, /LASSO:/.test(ran.stderr)], [0, false], `${ran.stdout}\n${ran.stderr}`);
      });
});

describe('what would do harm takes no effect, and the record says why', () => {
  const lines: readonly string[] = [
    'git push --force origin main',
    'git push -fu origin main',
    'git push origin +main',
    'f=--force; git push $f origin main',
    "git -c alias.x='push --force origin main' x",
    'rm -rf /workspace',
    'rm -rf .',
    'rm -rf "$PWD"',
    'rm -rf ./* ./.git',
    'rm -rf .git',
    'rm -rf .g*',
    'cd .git && rm -rf HEAD refs',
    'cd /tmp && rm -rf -- "$OLDPWD/.git"',
    'mv .git /tmp/x',
    'a=r; b=m; "$a$b" -rf .git',
    'sh -c "sh -c \'rm -rf .git\'"',
    'eval "$(printf %s cm0gLXJmIC5naXQ= | base64 -d)"',
    'echo cm0gLXJmIC5naXQ= | base64 -d | sh',
    "python3 -c \"import os; os.execv('/bin/rm', ['x', '-rf', '.git'])\"",
    "python3 -c \"import subprocess as s; s.run(['r'+'m', '-rf', '.git'])\"",
    'perl -e \'exec { "/bin/rm" } "ls", "-rf", ".git"\'',
    'awk \'BEGIN { system("rm -rf .git") }\'',
    'find . -maxdepth 0 -exec rm -rf .git \\;',
    'echo .git | xargs rm -rf',
    "printf '.git\\0' | xargs -0 -P 2 -n 1 rm -rf",
    'env A=1 nice timeout 5 rm -rf .git',
    '/lib64/ld-linux-x86-64.so.2 /bin/rm -rf .git',
    'cp /lib64/ld-linux-x86-64.so.2 ./ld.so && ./ld.so /bin/rm -rf .git; rm -f ld.so',
    'exec -a harmless rm -rf .git',
    'ln -s /bin/rm x; ./x -rf .git; rm -f x',
    'exec 7</bin/rm; /proc/self/fd/7 -rf .git',
    "GIT_EDITOR='rm -rf .git' git commit --amend",
    "printf 'all:\\n\\trm -rf .git\\n' | make -f -",
    'PATH="$PWD/bin:$PATH" docker ps',
    './bin/docker ps',
    'bin/sudo id',
    'cp bin/docker ./docker && ./docker ps; rm -f docker',
    'ln -s bin/docker harmless; ./harmless ps; rm -f harmless',
    'PATH="$PWD/bin:$PATH" env kubectl get pods',
    'cat ~/.ssh/id_rsa',
    'F=.ssh/id_rsa; cat ~/$F',
    'cp ~/.ssh/id_rsa here && cat here',
  ];
  before(() => layOutKey());
  for (const line of lines)
    for (const how of ['text', 'file'] as const)
      test(`${JSON.stringify(line)}, from ${how}`, async () => {
        rmSync(join(workspace, 'took-effect'), { force: true });
        const count = (await recordsOf(lasso, 'agent')).length;
        const ran = await attempt(line, how);
        const said = ran instanceof LassoError ? '' : ran.stdout;
        const told = ran instanceof LassoError ? ran.message : ran.stderr;
        const state = {
          head: existsSync(join(workspace, '.git', 'HEAD')),
          keep: existsSync(join(workspace, 'keep')),
          pushed: execFileSync('git', ['--git-dir', 'origin.git', 'rev-parse', 'main'], { cwd: workspace, encoding: 'utf8' }).trim(),
          effect: existsSync(join(workspace, 'took-effect')),
          key: /PRIVATE/.test(said),
        };
        assert.deepEqual(state, { head: true, keep: true, pushed, effect: false, key: false }, `${said}\n${told}`);
        const refused = (await recordsOf(lasso, 'agent')).slice(count).filter(({ outcome }) => outcome === 'blocked');
        assert.ok(refused.length > 0, `nothing was refused:\n${said}\n${told}`);
        for (const { detail } of refused) assert.match(String(detail?.['reason']), /\S.*\.$/);
        assert.match(told, /blocked/);
      });
});

/** Puts a key where keys are, by a program whose text does not say so. */
async function layOutKey(): Promise<void> {
  const file = join(workspace, 'key.pl');
  writeFileSync(file, 'mkdir "$ENV{HOME}/.ssh"; open(my $f, ">", "$ENV{HOME}/.ssh/id_rsa"); print $f "PRIVATE\\n"; close $f;');
  const { exit, stderr } = await lasso.exec('agent', ['perl', './key.pl']);
  assert.equal(exit.code, 0, stderr);
  rmSync(file);
}

test('a command that is refused ends in 126, with the rule and what to do, whether its text or its file tells', async () => {
  const byText = await lasso.cli(['exec', 'agent', '--', 'docker', 'ps']);
  assert.deepEqual([byText.code, byText.stdout], [126, '']);
  assert.match(byText.stderr, /docker is blocked by standard\.toml:\d+: .*blacklist/);
  execFileSync('ln', ['-s', '/usr/bin/mount', join(workspace, 'harmless')]);
  const byFile = await lasso.cli(['exec', 'agent', '--', './harmless', '/workspace']);
  assert.equal(byFile.code, 126, byFile.stderr);
  assert.match(byFile.stderr, /blocked by standard\.toml:\d+/);
  writeFileSync(join(workspace, 'inner.sh'), './harmless /workspace\n');
  const inner = await lasso.cli(['exec', 'agent', '--', 'sh', './inner.sh']);
  assert.equal(inner.code, 126, inner.stderr);
  assert.match(inner.stderr, /^LASSO: `harmless` is blocked by standard\.toml:\d+\. \S.*$/m);
  for (const name of ['harmless', 'inner.sh']) rmSync(join(workspace, name));
});

test('of ten thousand starts none is missing from the record, and the chain verifies', { timeout: 200_000 }, async () => {
  const before_ = (await startsOf(lasso, 'agent')).length;
  const { exit } = await lasso.exec('agent', sh('seq 9998 | xargs -P 8 -n 1 /usr/bin/true'), { timeoutSeconds: 180 });
  assert.equal(exit.code, 0);
  const starts = (await startsOf(lasso, 'agent')).slice(before_);
  const numbers = starts.filter(({ file }) => file === '/usr/bin/true').map(({ argv }) => Number(argv[1]));
  assert.deepEqual(
    numbers.toSorted((a, b) => a - b),
    Array.from({ length: 9998 }, (_, index) => index + 1),
  );
  assert.equal(starts.length, 10_001, 'sh, seq, xargs, and each of theirs');
  await chainVerifies(lasso, 'agent');
});

test('when the helper is killed in the middle, nothing runs that it had not judged', { timeout: 100_000 }, async () => {
  mkdirSync(join(workspace, 'many'));
  writeFileSync(join(workspace, 'many.sh'), 'i=0; while :; do i=$((i + 1)); touch many/$i; done\n');
  const { id } = await lasso.create({ profile: 'standard', dir: workspace, backend: 'bubblewrap', name: 'killed' });
  const running = lasso.exec(id, ['sh', './many.sh']).catch(() => undefined);
  const done = (): readonly string[] => readdirSync(join(workspace, 'many'));
  for (let tries = 0; done().length < 50; tries += 1) {
    assert.ok(tries < 500, 'nothing runs');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const pid = await lasso.helperPid();
  process.kill(pid, 'SIGKILL');
  await gone(pid);
  await running;
  lasso.disconnect();
  await lasso.connect();
  const made = done();
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.equal(done().length, made.length, 'something still runs');
  const starts = await startsOf(lasso, id);
  const judged = new Set(starts.filter(({ file }) => file === '/usr/bin/touch').map(({ argv }) => argv[1]));
  assert.deepEqual(
    made.filter((name) => !judged.has(`many/${name}`)),
    [],
  );
  await chainVerifies(lasso, id);
  assert.equal(readFileSync(join(workspace, 'keep'), 'utf8'), 'kept\n');
});
