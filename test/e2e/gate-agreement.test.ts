/** What is said about a command is what happens to it: nothing that is denied takes effect, and everything that is allowed runs. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { judgeCommand } from '../../helper/policy/commands/judge.ts';
import { LassoError } from '../../helper/protocol/errors.ts';
import { rulesOfText } from '../kit/command-rules.ts';
import { TestLasso } from '../kit/lasso.ts';

const profile = `name = "agreement"
mode = "autonomous"
[commands]
mode = "blacklist"
blacklist = ["mkfifo", "ln", "forbidden"]
workspace_only = ["rm", "mv", "chmod"]
allow_shell_operators = true
[commands.blocked_args]
git = ["branch -D", "tag -f", "config --global"]
chmod = ["777"]
`;
const rules = rulesOfText(profile.replace(/^name.*\n/, ''));

let lasso: TestLasso;
let workspace: string;
let pristine: string;

before(async () => {
  lasso = new TestLasso();
  workspace = join(lasso.root, 'work');
  pristine = join(lasso.root, 'pristine');
  layOut(pristine);
  cpSync(pristine, workspace, { recursive: true });
  lasso.profile('agreement', profile);
  await lasso.create({ profile: 'agreement', dir: workspace, backend: 'bubblewrap', name: 'agreement' });
});

after(() => lasso.dispose());

function layOut(folder: string): void {
  for (const name of ['a', 'a/b', '.git/refs/heads', '.git/objects', 'tools']) mkdirSync(join(folder, name), { recursive: true });
  for (const name of ['f', 'g', 'a/f', 'a/b/f', '.git/keep']) writeFileSync(join(folder, name), `${name}\n`);
  writeFileSync(join(folder, '.git', 'HEAD'), 'ref: refs/heads/main\n');
  writeFileSync(join(folder, 'tools', 'forbidden'), '#!/bin/sh\necho x > "/workspace/${1:-effect}"\n', { mode: 0o755 });
  writeFileSync(join(folder, 'tools', 'allowed'), '#!/bin/sh\necho x > "/workspace/${1:-effect}"\n', { mode: 0o755 });
}

/** all that can be seen of the workspace, one line a file */
const seen = (): readonly string[] =>
  readdirSync(workspace, { recursive: true, encoding: 'utf8' })
    .map((name) => {
      const path = join(workspace, name);
      const about = statSync(path, { throwIfNoEntry: false });
      return `${name} ${about === undefined ? `→ ${readlinkSync(path)}` : `${about.mode} ${about.isFile() ? about.size : ''}`}`;
    })
    .toSorted();

function restore(): void {
  for (const name of readdirSync(workspace)) rmSync(join(workspace, name), { recursive: true, force: true });
  cpSync(pristine, workspace, { recursive: true });
}

const pick = (...words: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...words);
const line = (...parts: readonly (string | fc.Arbitrary<string>)[]): fc.Arbitrary<string> =>
  fc
    .tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part)))
    .map((words) => words.filter((word) => word !== '').join(' '));

const path = pick(
  'f',
  'g',
  'a',
  'a/f',
  './a/b',
  'a/../f',
  '.git',
  '.git/keep',
  '.',
  '..',
  '/workspace',
  '/workspace/a',
  '"$PWD"/f',
  '/tmp/x',
  '*',
  'a/*',
  'new',
  "'g'",
  '~/h',
  '/etc/x',
);
const simple = fc.oneof(
  line('touch', pick('', '--'), path),
  line(pick('rm', '/bin/rm', '\\rm', "r''m"), pick('-f', '-rf', '-r -f', '--recursive --force'), pick('', '--'), path),
  line('mv', pick('-f', '-n'), path, path),
  line('chmod', pick('644', '777', 'u+x', '-R 755', '0777', 'a=rwx'), path),
  line(
    'git',
    pick('branch x', 'branch -D x', 'branch -fD x', 'tag -f y', 'tag y', 'config --global a.b c', 'config a.b c', 'init -q', 'status'),
  ),
  line(pick('mkfifo', '/usr/bin/mkfifo', '"mkfifo"', 'mk\\fifo'), pick('p', 'a/p')),
  line('ln -s', path, pick('l', 'a/l')),
  line(pick('cp', 'cp -f', 'install', 'tee', 'truncate -s 0', 'sort -o', 'sed -i s/f/x/', 'unlink', 'rmdir'), path, path),
  line('dd if=f', pick('of=new', 'of=.git/keep', 'of=a/f', 'of=/x')),
  line('git -C', pick('a', '.'), pick('branch -D x', '-c alias.x=tag x -f y', 'branch x', 'tag -fm a y')),
  line('git', pick("-c alias.x='branch -D' x y", "-c alias.x='!rm -f .git/keep' x", '--git-dir .git branch -fD x')),
  line(pick('tools/forbidden', './tools/forbidden', 'tools/allowed', '/workspace/tools/allowed'), pick('', 'e')),
  line('echo', pick('a', '"rm -rf ."', "'; mkfifo p'"), pick('', '> new', '>> f', '| cat')),
);
const wrapped = fc.oneof(
  { weight: 3, arbitrary: simple },
  line(
    pick(
      'env',
      'env A=1',
      'nice',
      'timeout 5',
      'command',
      'exec',
      'nohup',
      'setsid -w',
      'stdbuf -o0',
      'ionice',
      'env -i PATH=$PATH',
      'flock f',
    ),
    simple,
  ),
  simple.map((inner) => `sh -c '${inner.replaceAll("'", "'\\''")}'`),
  simple.map((inner) => `find f -exec ${inner.replaceAll(/[|>;]/g, '')} ';'`),
  line('printf %s', pick('f', 'a/f', '.git'), '|', 'xargs', pick('rm -rf', 'touch', 'mkfifo', 'chmod 777', 'cat')),
);
const joint = fc.tuple(wrapped, pick(' && ', '; ', ' || ', '\n'), wrapped).map((parts) => parts.join(''));
const elsewhere = line('cd', pick('a', '/tmp', '.git', '..'), '&&', wrapped);
/** `alone`: all it does is one command, so that nothing may happen where that one is denied */
const lines = fc.oneof(
  { weight: 4, arbitrary: wrapped.map((text) => ({ text, alone: true })) },
  { weight: 1, arbitrary: elsewhere.map((text) => ({ text, alone: true })) },
  { weight: 1, arbitrary: joint.map((text) => ({ text, alone: false })) },
);

interface Outcome {
  readonly refused: boolean;
  readonly code: number | null;
  readonly told: string;
}

/** Runs a line; from a file only the programs it starts are judged, and its text is not. */
async function really(text: string, how: 'text' | 'file'): Promise<Outcome> {
  const file = join(workspace, '.line');
  if (how === 'file') writeFileSync(file, `${text}\n`);
  try {
    const command = how === 'text' ? ['bash', '-c', text] : ['bash', './.line'];
    const { exit, stderr } = await lasso.exec('agreement', command, { timeoutSeconds: 20 });
    return { refused: /^LASSO: /m.test(stderr), code: exit.code, told: stderr };
  } catch (error) {
    assert.ok(error instanceof LassoError && error.code === 'COMMAND_DENIED', `${text}: ${String(error)}`);
    return { refused: true, code: 126, told: error.message };
  } finally {
    rmSync(file, { force: true });
  }
}

test('nothing that is denied takes effect, and everything that is allowed runs', { timeout: 120_000 }, async () => {
  const counted = { deny: 0, allow: 0, exec: 0, ask: 0 };
  await fc.assert(
    fc.asyncProperty(lines, async ({ text, alone }) => {
      const { decision } = judgeCommand(text, rules).verdict;
      counted[decision] += 1;
      restore();
      const untouched = seen();
      // What a star stands for only the shell knows, and the program is told the names; and a file that the shell itself writes is no
      // program's start: the text is what is refused. Where git makes a repository, its environment may say, which no start tells.
      const ran = await really(
        text,
        decision === 'deny' && (!alone || /[*>]|\bgit\b.*\b(init|clone|config)\b/.test(text)) ? 'text' : 'file',
      );
      if (decision === 'deny') {
        // What is not there fails before anybody is asked.
        assert.ok(
          ran.refused || ran.code !== 0,
          `denied, and ran: ${text}
${ran.told}`,
        );
        assert.deepEqual(
          seen(),
          untouched,
          `denied, and took effect: ${text}
${ran.told}`,
        );
      }
      if (decision === 'allow')
        assert.deepEqual([ran.refused, ran.code === 126], [false, false], `allowed, and refused: ${text}\n${ran.told}`);
    }),
    { numRuns: 400, endOnFailure: true, interruptAfterTimeLimit: 45_000 },
  );
  assert.ok(counted.deny > 20 && counted.allow > 20, JSON.stringify(counted));
});
