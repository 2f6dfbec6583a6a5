import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { judgeCommand, judgeProgram } from '../../../../helper/policy/commands/judge.ts';
import { rulesNamed, rulesOfText } from '../../../kit/command-rules.ts';

const standard = rulesNamed('standard');
const decide = (line: string, rules = standard): string => judgeCommand(line, rules).verdict.decision;
const everything = `mode = "autonomous"\n[git_access]\nblock_git_history_content = false\n[commands]\nmode = "blacklist"\nallow_shell_operators = true\nblacklist = []\n`;

describe('a verdict says which rule decided, where, and what to do', () => {
  const cases: readonly (readonly [line: string, stage: string, rule: string | undefined, part: string])[] = [
    ['ls && docker ps', 'list', 'commands.blacklist[0]', 'docker'],
    ['git status; git push -f', 'blocked-arguments', 'commands.blocked_args.git[0]', 'git push -f'],
    ['echo a; rm -rf /etc', 'workspace-only', 'commands.workspace_only[0]', '/etc'],
    ['echo x > .git/config', 'paths', 'workspace.guarded[1]', '.git/config'],
    ['cat ~/.ssh/id_rsa', 'credentials', undefined, '~/.ssh/id_rsa'],
    ['LD_PRELOAD=./x.so ls', 'variables', undefined, 'LD_PRELOAD=./x.so'],
    ['ls a\rb', 'input', undefined, '\r'],
    ['$X a', 'undecided', undefined, '$X'],
    ['echo "a', 'syntax', undefined, '"a'],
    ['sh -c "docker ps"', 'list', 'commands.blacklist[0]', '"docker ps"'],
  ];
  for (const [line, stage, rule, part] of cases)
    test(JSON.stringify(line), () => {
      const { verdict } = judgeCommand(line, standard);
      assert.equal(verdict.stage, stage);
      assert.equal(verdict.rule, rule);
      assert.ok(verdict.range !== undefined);
      assert.equal(line.slice(verdict.range.start, verdict.range.end), part);
      assert.match(verdict.reason, /[;,.] .*\.$|\.$/);
    });
});

test('every program a line would start is named once, in order', () => {
  const programs = (line: string): readonly string[] => judgeCommand(line, standard).programs;
  assert.deepEqual(programs('cd sub && npm ci && npm test | tee out.log'), ['npm', 'tee']);
  assert.deepEqual(programs("env A=1 timeout 5 sh -c 'ls; cat x' && ls"), ['env', 'timeout', 'sh', 'ls', 'cat']);
  assert.deepEqual(programs('x=$(date); export y; /usr/bin/git log'), ['date', 'git']);
});

test('an explanation has a line for every stage', () => {
  const { stages } = judgeCommand('docker ps', standard);
  assert.equal(stages.find(({ stage }) => stage === 'list')?.text, judgeCommand('docker ps', standard).verdict.reason);
  assert.equal(new Set(stages.map(({ stage }) => stage)).size, stages.length);
});

describe('without shell operators', () => {
  const rules = rulesOfText(everything.replace('allow_shell_operators = true', 'allow_shell_operators = false'));
  for (const line of [
    'ls; ls',
    'ls | wc',
    'ls && ls',
    'ls &',
    'ls > x',
    'cat < x',
    'echo $(ls)',
    'echo `ls`',
    '(ls)',
    '{ ls; }',
    'if ls; then ls; fi',
    'for i in a; do ls; done',
    'f() { ls; }',
    'cat <<E\nx\nE',
    'ls\nls',
    'cat <(ls)',
  ])
    test(`${JSON.stringify(line)} is refused`, () =>
      assert.equal(judgeCommand(line, rules).verdict.rule, 'commands.allow_shell_operators'));
  for (const line of ['ls -l', 'git commit -m "a; b | c && d"', "echo 'a > b'", 'A=1 ls', 'echo $HOME', 'ls *.ts', 'ls # ; ls'])
    test(`${JSON.stringify(line)} is accepted`, () => assert.equal(decide(line, rules), 'allow'));
});

describe('what the text does not tell', () => {
  test('is left to the start of each program, or refused where the profile says so', () => {
    assert.equal(decide('$X a'), 'exec');
    const { verdict } = judgeCommand('$X a', rulesOfText(`${everything}undecided = "deny"`));
    assert.equal(verdict.decision, 'deny');
    assert.equal(verdict.rule, 'commands.undecided');
  });
});

describe('lists and modes', () => {
  const list = rulesOfText('mode = "autonomous"\n[commands]\nmode = "whitelist"\nwhitelist = ["python3", "ls"]\nblocked_args = {}');
  const cases: readonly (readonly [line: string, decision: string])[] = [
    ...([
      ['ls', 'allow'],
      ['/bin/ls', 'allow'],
      ['/usr/bin/python3 x.py', 'allow'],
      ['python3.12 x.py', 'allow'],
    ] as const),
    ...([
      ['./ls', 'deny'],
      ['/tmp/ls', 'deny'],
      ['LS', 'deny'],
      ['python x.py', 'deny'],
      ['env ls', 'deny'],
      ['lsof', 'deny'],
      ['cd sub', 'allow'],
    ] as const),
  ];
  for (const [line, decision] of cases) test(`whitelist: ${line} → ${decision}`, () => assert.equal(decide(line, list), decision));

  const ban = rulesOfText(everything.replace('[]', '["rm", "docker", "mkfs", "python"]'));
  for (const line of [
    'rm x',
    'RM x',
    '/opt/x/rm x',
    'rm.exe x',
    'unlink x',
    'docker-compose up',
    'mkfs.ext4 x',
    'python3.12 x',
    'find . -name x -delete',
    'busybox rm x',
  ])
    test(`blacklist: ${line} is refused`, () => assert.equal(decide(line, ban), 'deny'));
  for (const line of ['rmdir x', 'dockerize x', 'echo rm', 'grep docker x', 'npm run rm', './rm.sh', 'git rm x'])
    test(`blacklist: ${line} is another program`, () => assert.equal(decide(line, ban), 'allow'));

  const observing = rulesOfText(everything.replace('autonomous', 'observe'));
  test('observe mode runs its list and writes nothing', () => {
    assert.equal(decide('ls | grep a 2>/dev/null', observing), 'allow');
    assert.equal(judgeCommand('npm test', observing).verdict.rule, 'commands.observe_whitelist');
    assert.equal(judgeCommand('echo a > b', observing).verdict.rule, 'mode');
  });
  test('assist mode runs its list', () => {
    const assisting = rulesOfText(everything.replace('autonomous', 'assist'));
    assert.equal(decide('git status', assisting), 'allow');
    assert.equal(judgeCommand('curl x', assisting).verdict.rule, 'commands.assist_whitelist');
  });
});

describe('arguments of one program', () => {
  const cases: readonly (readonly [argv: readonly string[], decision: string])[] = [
    [['ls', '-l'], 'allow'],
    [['echo', 'a; rm -rf / $(id)'], 'allow'],
    [['rm', '-rf', '/'], 'deny'],
    [['rm', '-rf', 'build'], 'allow'],
    [['rm', '-rf', '*'], 'allow'],
    [['sh', '-c', 'rm -rf /'], 'deny'],
    [['git', 'push', '--force'], 'deny'],
    [['f'], 'allow'],
    [[], 'deny'],
    [[''], 'deny'],
  ];
  for (const [argv, decision] of cases) test(JSON.stringify(argv), () => assert.equal(judgeProgram(argv, standard).decision, decision));
  test('are judged where they would run', () => {
    const place = { workspace: '/workspace', cwd: '/workspace/a', home: '/home/agent' };
    assert.equal(judgeProgram(['rm', '../b'], standard, place).decision, 'allow');
    assert.equal(judgeProgram(['rm', '../../b'], standard, place).decision, 'deny');
    assert.equal(judgeProgram(['rm', '-rf', '..'], standard, place).decision, 'deny');
  });
});

test('a folder that was mounted to be written may be changed like the workspace, and is not removed as a whole', () => {
  const place = { workspace: '/workspace', cwd: '/workspace', home: '/home/agent', mounts: ['/data'] };
  const said = (line: string): string => judgeCommand(line, rulesNamed('standard'), place).verdict.decision;
  assert.deepEqual(['touch /data/new', 'rm -rf /data/build', 'rm -rf /data', 'rm -rf /data2/x', 'touch /data/.git/config'].map(said), [
    ...['allow', 'allow', 'deny', 'deny', 'deny'],
  ]);
});
