import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { permissionsGiven } from '../../../../helper/policy/commands/file-mode.ts';
import { judgeCommand } from '../../../../helper/policy/commands/judge.ts';
import type { CommandRules } from '../../../../helper/policy/commands/rules.ts';
import { rulesOfText } from '../../../kit/command-rules.ts';

const rulesWith = (program: string, pattern: string, hides = false): CommandRules =>
  rulesOfText(
    `mode = "autonomous"\n[git_access]\nblock_git_history_content = ${hides}\n[commands]\nmode = "blacklist"\nblacklist = []\nallow_shell_operators = true\n[commands.blocked_args]\n"${program}" = ["${pattern}"]\n`,
  );

/** program and pattern, lines that are it, lines that are not */
const meanings: readonly (readonly [program: string, pattern: string, same: readonly string[], other: readonly string[]])[] = [
  [
    'git',
    'push --force',
    [
      'git push --force',
      'git push -f',
      'git push -fu origin x',
      'git push -uf origin x',
      'git push origin x --force',
      'git push origin +x',
      'git push --fo',
      'git push --mirror',
    ],
    [
      'git push',
      'git push --force-with-lease',
      'git push -u origin x',
      'git push -f --no-force',
      'git fetch --force',
      'git push -o force',
      'git commit -m "push --force"',
      'git push --follow-tags',
    ],
  ],
  [
    'git',
    'push -f',
    ['git push --force', 'git -C x push -f', 'git --git-dir=x push -f', 'git-push -f', 'git -c a.b=c push -f'],
    ['git push', 'git checkout -f'],
  ],
  [
    'git',
    'push --force-with-lease',
    ['git push --force-with-lease', 'git push --force-with-lease=x:y', 'git push --force-w'],
    ['git push -f', 'git push'],
  ],
  [
    'git',
    'push',
    ['git push', 'git push origin x', 'git -C x push', 'git send-pack x'],
    ['git pull', 'git log --grep push', 'git stash push2'],
  ],
  [
    'git',
    'clean -f',
    ['git clean -f', 'git clean -fd', 'git clean -xfd', 'git clean --force', 'git clean -d -f'],
    ['git clean -n', 'git clean -nfd', 'git clean -i', 'git clean'],
  ],
  ['git', 'clean -fd', ['git clean -fd', 'git clean -dxf', 'git clean -d --force'], ['git clean -f', 'git clean -d']],
  [
    'git',
    'reset --hard',
    ['git reset --hard', 'git reset HEAD~1 --hard', 'git reset --har'],
    ['git reset', 'git reset --soft HEAD', 'git reset -- --hard'],
  ],
  [
    'git',
    'remote add',
    ['git remote add a b', 'git remote -v add a b', 'git config remote.a.url b'],
    ['git remote', 'git remote -v', 'git remote show add', 'git config remote.a.url'],
  ],
  [
    'git',
    'config --global',
    ['git config --global a b', 'git config --glob a b', 'git config a --global', 'git config -f ~/.gitconfig a b'],
    ['git config --get a', 'git config --list'],
  ],
  [
    'pip',
    'install --user',
    ['pip install --user x', 'pip3 install x --user', 'python3 -m pip install --user x', 'pip install --us x'],
    ['pip install x', 'pip list --user', 'pip install -r user'],
  ],
  [
    'pip',
    'install --target',
    ['pip install --target d x', 'pip install -t d x', 'pip install -td x', 'pip install --target=d x'],
    ['pip install x'],
  ],
  [
    'chmod',
    '777',
    [
      'chmod 777 x',
      'chmod 0777 x',
      'chmod -R 777 x',
      'chmod a+rwx x',
      'chmod a=rwx x',
      'chmod +rwx x',
      'chmod 1777 x',
      'chmod u+rwx,g+rwx,o+rwx x',
    ],
    ['chmod 755 x', 'chmod +x x', 'chmod a-rwx x', 'chmod 644 777'],
  ],
  [
    'chmod',
    'u+s',
    ['chmod u+s x', 'chmod 4755 x', 'chmod +s x', 'chmod u=rwxs x', 'chmod g+w,u+s x'],
    ['chmod 755 x', 'chmod g+s x', 'chmod u-s x', 'chmod 2755 x'],
  ],
  ['npm', 'install', ['npm install', 'npm i x', 'npm add x', 'npm install --save-dev x'], ['npm ci', 'npm run install', 'npm test']],
  ['npm', 'install --global', ['npm i -g x', 'npm install x --global', 'npm -g install x'], ['npm install x']],
  ['mytool', '--danger', ['mytool --danger', 'mytool a --danger b'], ['mytool', 'mytool -d', 'other --danger']],
  ['mytool', 'drop all', ['mytool drop all', 'mytool x drop all'], ['mytool drop', 'mytool all drop']],
];

for (const [program, pattern, same, other] of meanings)
  describe(`${program} ${pattern}`, () => {
    const rules = rulesWith(program, pattern);
    for (const line of same)
      test(`is ${line}`, () => assert.equal(judgeCommand(line, rules).verdict.rule, `commands.blocked_args.${program}[0]`));
    for (const line of other) test(`is not ${line}`, () => assert.equal(judgeCommand(line, rules).verdict.decision, 'allow'));
  });

describe('arguments nobody knows', () => {
  const rules = rulesWith('git', 'push --force');
  for (const line of ['git push $X', 'git push origin "$B"', 'git $X', 'git push ${OPTS[@]}'])
    test(`leave ${line} undecided`, () => assert.equal(judgeCommand(line, rules).verdict.decision, 'exec'));
  for (const line of ['git commit -m "$X"', 'git add $FILES', 'git log $X', 'git push -- $X', 'git diff $(git rev-parse HEAD)'])
    test(`do not matter in ${line}`, () => assert.notEqual(judgeCommand(line, rules).verdict.decision, 'deny'));
});

describe('old contents of files', () => {
  const hiding = rulesWith('git', 'log -p', true);
  for (const line of [
    'git log -p',
    'git log -u',
    'git log --patch',
    'git log -L1,5:x',
    'git show HEAD',
    'git cat-file -p HEAD',
    'git diff HEAD~1',
    'git blame x',
    'git stash show -p',
    'git whatchanged',
  ])
    test(`${line} is refused where the profile names one way of showing them`, () =>
      assert.equal(judgeCommand(line, hiding).verdict.decision, 'deny'));
  for (const line of ['git log', 'git log --oneline --stat', 'git status', 'git add x', 'git grep foo'])
    test(`${line} shows none`, () => assert.equal(judgeCommand(line, hiding).verdict.decision, 'allow'));
  const unnamed = rulesWith('git', 'push --force', true);
  for (const line of ['git log -p', 'git show HEAD', 'git diff HEAD~1'])
    test(`${line} passes where the profile names none`, () => assert.equal(judgeCommand(line, unnamed).verdict.decision, 'allow'));
});

test('modes of files are read as chmod reads them', () => {
  const cases: readonly (readonly [string, number | undefined])[] = [
    ...([
      ['755', 0o755],
      ['0644', 0o644],
      ['a+rwx', 0o777],
      ['u+x', 0o100],
      ['go-rwx', 0],
      ['u=rw,g=r,o=', 0o640],
      ['+x', 0o111],
      ['u+s', 0o4000],
    ] as const),
    ...([
      ['g+s', 0o2000],
      ['o+t', 0o1000],
      ['g=u', 0o070],
      ['x', undefined],
      ['', undefined],
      ['u+q', undefined],
      ['a+rwX', 0o777],
    ] as const),
  ];
  for (const [mode, bits] of cases) assert.equal(permissionsGiven(mode), bits, mode);
});
