/** Repositories inside the workspace, links a text makes, and what is left in a folder under its own name: judged by where it ends up. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { judgeCommand } from '../../../../helper/policy/commands/judge.ts';
import { rulesNamed, rulesOfText } from '../../../kit/command-rules.ts';

const standard = rulesNamed('standard');
const unguarded = rulesOfText('mode = "autonomous"\n[commands]\nallow_shell_operators = true\n[workspace]\nguarded = []\n');
const decide = (line: string, rules = standard): string => judgeCommand(line, rules).verdict.decision;

describe('what is refused in the workspace’s own .git is refused in that of a repository below', () => {
  const ways = [
    ...[
      'cp x PLACE',
      'mv x PLACE',
      'install -m 755 x PLACE',
      'tee PLACE < x',
      'dd if=x of=PLACE',
      'ln -s /workspace/x PLACE',
      'ln x PLACE',
    ],
    ...[
      'echo x > PLACE',
      'echo x >> PLACE',
      'cat > PLACE <<< x',
      'echo x | tee -a PLACE',
      'sed -i s/a/b/ PLACE',
      'touch PLACE',
      'rm PLACE',
    ],
    ...['chmod +x PLACE', 'truncate -s 0 PLACE', 'curl -o PLACE https://x.example', 'patch PLACE < p', 'mkdir -p PLACE', 'cp -t PLACE x'],
  ];
  const files = ['hooks/pre-commit', 'hooks', 'config', 'info/attributes', 'modules/a/config'];
  for (const way of ways)
    test(way, () => {
      for (const file of files)
        for (const rules of [standard, unguarded]) {
          const [own, below, deep] = ['.git', 'sub/.git', './a/b/../c/.GIT'].map((git) => way.replace('PLACE', `${git}/${file}`));
          assert.ok(own !== undefined && below !== undefined && deep !== undefined);
          const expected = decide(own, rules);
          assert.deepEqual([decide(below, rules), decide(deep, rules)], [expected, expected], below);
          if (rules === standard) assert.equal(expected, 'deny', own);
        }
    });

  test('and from inside it, by whatever way one gets there', () => {
    for (const line of [
      'cd sub && cp x .git/hooks/y',
      'cd sub/.git && cp x hooks/y',
      '(cd sub/.git/hooks; echo x > y)',
      'pushd sub/.git; rm HEAD',
    ])
      assert.equal(decide(line), 'deny', line);
  });
});

const cases: readonly (readonly [verdict: 'allow' | 'deny', line: string])[] = [
  // Left in a folder under its own name.
  ['deny', 'cp -r other/.git sub/'],
  ['deny', 'cp -r other/.git .'],
  ['deny', 'cp -r other/.git/ -t sub'],
  ['deny', 'cp -r a.txt other/.git sub'],
  ['deny', 'cp -r template/.vscode .'],
  ['deny', 'install -t docs/ AGENTS.md'],
  ['allow', 'cp a.txt b.txt docs/'],
  ['allow', 'cp *.md docs/'],
  ['allow', 'cp -r .git /tmp/backup'],
  ['allow', 'cp -r .git /tmp/'],
  ['allow', 'install -d build/ dist/'],
  // Another way into git’s own folder.
  ['deny', 'ln -s .git g'],
  ['deny', 'ln -s .git g && rm -rf g/HEAD'],
  ['deny', 'ln .git/config c'],
  ['deny', 'cp -s .git/config c'],
  ['deny', 'cp -l sub/.git/hooks/pre-commit c'],
  ['deny', 'ln -s ../.git sub/g'],
  ['deny', 'ln -sr .git sub/g'],
  ['deny', 'ln -s "$PWD/.git" /tmp/g'],
  ['deny', 'ln -s . w; ln -s w/.git g'],
  ['deny', 'ln -s sub/.git/hooks'],
  ['deny', 'cd sub && ln -s .git/hooks h'],
  // Through a link that the line made.
  ['deny', 'ln -s .vscode v && echo x > v/tasks.json'],
  ['deny', 'ln -s .vscode v; cd v; cp ../x tasks.json'],
  ['deny', 'ln -s .vscode v; cp x v/a/../tasks.json'],
  ['deny', 'ln -s .vscode v && dd if=x of=v/tasks.json'],
  ['deny', 'ln -s .envrc e && dd if=x of=e'],
  ['deny', 'ln .envrc e && echo x > e'],
  ['deny', 'ln -s ../.envrc sub/ && echo x > sub/.envrc'],
  ['deny', 'ln -s .. up && rm -rf up/x'],
  ['deny', 'ln -s . w && rm -rf w/*'],
  ['deny', 'ln -s . a; ln -s a b; rm -rf b/*'],
  ['deny', 'if true; then ln -s .vscode v; fi; echo x > v/tasks.json'],
  ['allow', 'ln -s .vscode v && rm v'],
  ['allow', 'ln -s .vscode v && cat v/tasks.json'],
  ['allow', 'ln -s src s && rm -rf s/build && rm s'],
  ['allow', 'ln -s ../shared/node_modules node_modules'],
  ['allow', 'for n in 1 2; do ln -sfn ../shared/lib lib; done'],
  ['allow', 'ln -s v1 current && ls current/'],
  // Links in a circle lead nowhere.
  ['allow', 'ln -s a b; ln -s b a; echo x > a/c'],
  ['allow', 'ln -s a a; cat a/b'],
];

for (const [verdict, line] of cases)
  test(`${verdict}: ${line}`, () => {
    assert.equal(decide(line), verdict, judgeCommand(line, standard).verdict.reason);
  });
