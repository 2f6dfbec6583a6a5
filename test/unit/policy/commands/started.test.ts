/** One execve as the kernel tells it: the file counts, not what it calls itself. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { judgeProgram } from '../../../../helper/policy/commands/judge.ts';
import { judgeStart, type ProgramStart } from '../../../../helper/policy/commands/started.ts';
import type { CommandRules } from '../../../../helper/policy/commands/rules.ts';
import { rulesNamed, rulesOfText } from '../../../kit/command-rules.ts';

const place = { workspace: '/workspace', cwd: '/workspace', home: '/home/agent' };
const loader = '/lib64/ld-linux-x86-64.so.2';
const loaderFile = '/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2';

/** A start of a binary; the asked path and the first argument are the file's unless told otherwise. */
function start(file: string, args: readonly string[] = [], more: Partial<ProgramStart> = {}): ProgramStart {
  const asked = more.asked ?? file;
  return {
    ...{ asked, file, shebang: '', interpreter: '', cwd: '/workspace', deleted: false, truncated: false },
    argv: [asked, ...args],
    ...more,
  };
}
const script = (file: string, shebang: string, interpreter: string, more: Partial<ProgramStart> = {}): ProgramStart =>
  start(file, [], { shebang, interpreter, ...more });

const rulesWith = (commands: string, mode = 'autonomous'): CommandRules =>
  rulesOfText(`mode = "${mode}"\n[commands]\nallow_shell_operators = true\n${commands}`);
const banning = (...names: readonly string[]): CommandRules => rulesWith(`mode = "blacklist"\nblacklist = ${JSON.stringify(names)}`);
const permitting = (...names: readonly string[]): CommandRules => rulesWith(`mode = "whitelist"\nwhitelist = ${JSON.stringify(names)}`);

/** one line: what it is, the start, and the stage that refuses, or nothing when it runs */
type Case = readonly [name: string, started: ProgramStart, stage?: string];

function decides(title: string, rules: CommandRules, cases: readonly Case[]): void {
  describe(title, () => {
    for (const [name, started, stage] of cases)
      test(name, () => {
        const verdict = judgeStart(started, rules, place);
        const runs = verdict.decision === 'allow' || verdict.decision === 'exec';
        assert.deepEqual([runs, runs ? undefined : verdict.stage], [stage === undefined, stage], JSON.stringify(verdict));
      });
  });
}

decides('a shell that only runs one text, where only listed programs may run', permitting('ls', 'git'), [
  ['is what its text says', start('/usr/bin/bash', ['-c', 'ls -l'], { asked: '/bin/bash' })],
  ['as a login', start('/usr/bin/bash', ['-lc', 'git status && ls'], { asked: '/bin/bash' })],
  ['and no more than that', start('/usr/bin/dash', ['-c', 'ls; make'], { asked: '/bin/sh' }), 'list'],
  ['nor with a text that does not tell', start('/usr/bin/bash', ['-c', '$x'], { asked: '/bin/bash' })],
  ['with operands it is a shell', start('/usr/bin/bash', ['-c', 'ls', 'x'], { asked: '/bin/bash' }), 'list'],
  ['with other options too', start('/usr/bin/bash', ['-ic', 'ls'], { asked: '/bin/bash' }), 'list'],
  ['without a text too', start('/usr/bin/bash', ['x.sh'], { asked: '/bin/bash' }), 'list'],
  ['from a writable folder too', start('/tmp/bash', ['-c', 'ls']), 'list'],
  ['with a file it obeys first', start('/usr/bin/bash', ['-c', 'ls'], { loaded: true }), 'other-code'],
]);

decides('what asks a hook’s question', rulesNamed('strict'), [
  ['is LASSO’s own', start('/usr/bin/dash', ['-c', '/.lasso/guest guard claude || exit 2'], { asked: '/bin/sh' })],
  ['also in bash', start('/usr/bin/bash', ['-c', '/.lasso/guest guard copilot || exit 2'])],
  [
    'with more in it, it is not',
    start('/usr/bin/dash', ['-c', '/.lasso/guest guard claude || exit 2; id'], { asked: '/bin/sh' }),
    'operators',
  ],
  ['nor from elsewhere', start('/tmp/sh', ['-c', '/.lasso/guest guard claude || exit 2']), 'mode'],
]);

decides('a program on the blacklist', banning('docker', 'rm', 'git-upload-pack', 'vi', 'modprobe'), [
  ['by its path', start('/usr/bin/docker', ['ps']), 'list'],
  ['under a first argument that lies', start('/usr/bin/docker', [], { argv: ['ls', 'ps'] }), 'list'],
  ['without any argument', start('/usr/bin/docker', [], { argv: [] }), 'list'],
  ['through a link in a writable folder', start('/usr/bin/docker', ['ps'], { asked: '/tmp/harmless' }), 'list'],
  ['through a link in the workspace, asked for by a relative path', start('/usr/bin/docker', [], { asked: './x' }), 'list'],
  ['through a link of the system that leads to a variant', start('/usr/bin/vim.tiny', [], { asked: '/usr/bin/vi' }), 'list'],
  ['through a link of the system with a name of its own', start('/usr/bin/vim.basic', [], { asked: '/usr/bin/rvim' }), 'list'],
  ['by the name of a version', start('/usr/bin/docker-24.0'), 'list'],
  ['as a link to a program of many names', start('/usr/bin/busybox', ['-rf', 'x'], { asked: '/usr/bin/rm' }), 'list'],
  ['as an argument of a program of many names', start('/usr/bin/busybox', ['rm', '-rf', 'x']), 'list'],
  ['as the first argument of a program of many names', start('/usr/bin/busybox', ['x'], { argv: ['rm', '-rf', 'x'] }), 'list'],
  ['as that of a login', start('/bin/busybox', [], { argv: ['-/x/rm', 'x'] }), 'list'],
  ['through an own link to a program of many names', start('/usr/bin/busybox', ['x'], { asked: '/tmp/rm', argv: ['rm', 'x'] }), 'list'],
  ['through the module loader’s link', start('/usr/bin/kmod', ['fuse'], { asked: '/usr/sbin/modprobe' }), 'list'],
  ['by the loader', start(loaderFile, ['/usr/bin/docker', 'ps'], { asked: loader }), 'list'],
  ['by the loader with options', start(loaderFile, ['--argv0', 'ls', '--inhibit-cache', '/usr/bin/docker'], { asked: loader }), 'list'],
  ['as a script of the workspace named so', script('/workspace/docker', '/bin/sh', '/usr/bin/dash'), 'list'],
  ['as the interpreter of a script', script('/workspace/x', '/usr/bin/docker run', '/usr/bin/docker'), 'list'],
  ['as what env starts for a script', script('/workspace/x', '/usr/bin/env docker', '/usr/bin/env'), 'list'],
  ['as what env -S starts for a script', script('/workspace/x', '/usr/bin/env -S docker run', '/usr/bin/env'), 'list'],
  ['a copy under its own name', start('/tmp/docker', ['ps']), 'list'],
  ['not: another program', start('/usr/bin/make', ['-j2'])],
  ['not: its name as an argument', start('/usr/bin/echo', ['docker', 'rm'])],
  ['not: another program that calls itself so', start('/usr/bin/true', [], { argv: ['docker'] })],
  ['not: an own link of that name to another program', start('/usr/bin/true', [], { asked: '/tmp/docker' })],
  ['not: a program that was built here', start('/workspace/build/app', ['--test'])],
  ['not: a program of many names as another', start('/usr/bin/busybox', ['-l'], { asked: '/bin/ls' })],
  ['not: another program by the loader', start(loaderFile, ['/usr/bin/id'], { asked: loader })],
  ['not: a project’s script', script('/workspace/build.sh', '/bin/bash', '/usr/bin/bash')],
]);

decides('the loader', banning('docker'), [
  ['loads nothing that lies where the agent can write', start(loaderFile, ['./app'], { asked: loader }), 'loader'],
  ['nor by its whole path', start(loaderFile, ['/tmp/app']), 'loader'],
  ['nor through folders of the system', start(loaderFile, ['/usr/../tmp/app']), 'loader'],
  ['nor by a name that is looked for', start(loaderFile, ['app']), 'loader'],
  ['nor with options nobody knows', start(loaderFile, ['--new', 'x', '/usr/bin/id']), 'loader'],
  ['nor another loader', start(loaderFile, [loader, '/usr/bin/id']), 'loader'],
  ['nor with arguments nobody saw', start(loaderFile, ['/usr/bin/id'], { truncated: true }), 'loader'],
  ['by a link in the workspace is the loader', start(loaderFile, ['./app'], { asked: './tool' }), 'loader'],
  ['of musl is one', start('/lib/ld-musl-x86_64.so.1', ['--', './app']), 'loader'],
  ['may look at a program', start(loaderFile, ['--verify', './app'], { asked: loader })],
  ['may list what a program needs', start(loaderFile, ['--list', './app'], { asked: loader })],
  ['may say its version', start(loaderFile, ['--version'], { asked: loader })],
  ['is not whatever has .so in its name', start('/usr/lib/helper.so.1', ['./app'])],
]);

decides('what has no name to be judged by', banning('docker'), [
  ['a file that was deleted', start('/tmp/x (deleted)', [], { deleted: true }), 'nameless-file'],
  ['a file in memory', start('/memfd:x (deleted)', [], { asked: '/proc/self/fd/3', deleted: true }), 'nameless-file'],
  ['nothing at all', start('', [], { asked: '' }), 'nameless-file'],
]);

decides('arguments that were not all read', rulesNamed('standard'), [
  ['matter to a program judged by what it touches', start('/usr/bin/rm', ['a'], { truncated: true }), 'too-many-arguments'],
  ['matter to its kin', start('/usr/bin/unlink', ['a'], { truncated: true }), 'too-many-arguments'],
  ['matter to a program with refused arguments', start('/usr/bin/git', ['add', 'a'], { truncated: true }), 'too-many-arguments'],
  ['matter to a link to one', start('/usr/bin/rm', ['a'], { asked: '/tmp/x', truncated: true }), 'too-many-arguments'],
  ['do not matter to a compiler', start('/usr/bin/ld', ['a.o'], { truncated: true })],
]);

decides('arguments that a profile refuses', rulesNamed('standard'), [
  ['are refused to the program', start('/usr/bin/git', ['push', '--force']), 'blocked-arguments'],
  ['are refused whatever it calls itself', start('/usr/bin/git', [], { argv: ['x', 'push', '-f'] }), 'blocked-arguments'],
  [
    'are refused where the first argument is the subcommand',
    start('/usr/bin/git', [], { argv: ['git-push', '--force'] }),
    'blocked-arguments',
  ],
  [
    'are refused to a part of the program',
    start('/usr/bin/git', ['--force'], { asked: '/usr/lib/git-core/git-push' }),
    'blocked-arguments',
  ],
  ['do not stand in the way of others', start('/usr/bin/git', ['push', 'origin', 'main'])],
]);

decides('what is judged by what it touches', rulesNamed('standard'), [
  ['is seen from its own folder', start('/usr/bin/rm', ['-rf', 'x'], { cwd: '/etc' }), 'workspace-only'],
  ['keeps off the workspace itself', start('/usr/bin/rm', ['-rf', '.']), 'workspace-only'],
  ['keeps off .git', start('/usr/bin/rm', ['-rf', '.git']), 'workspace-only'],
  ['works inside', start('/usr/bin/rm', ['-rf', 'build'])],
  ['takes a star for a name', start('/usr/bin/rm', ['-rf', '*'])],
]);

decides('a whitelist', permitting('ls', 'sh', 'python3', 'vi', 'ldd', 'busybox', '/workspace/tools/app', '/workspace/run'), [
  ['lets through what is on it', start('/usr/bin/ls', ['-l'])],
  ['and nothing else', start('/usr/bin/make'), 'list'],
  ['knows a program by the system’s link to it', start('/usr/bin/vim.tiny', [], { asked: '/usr/bin/vi' })],
  ['and by a version of it', start('/usr/bin/python3.13', [], { asked: '/usr/bin/python3' })],
  ['does not take an own link for the name', start('/usr/bin/make', [], { asked: '/tmp/ls' }), 'list'],
  ['does not take a copy for the program', start('/tmp/ls'), 'list'],
  ['lets a program of one’s own through by its whole path', start('/workspace/tools/app')],
  ['lets a project’s script through by its interpreter', script('/workspace/x', '/bin/sh', '/usr/bin/dash')],
  ['and by what env starts for it', script('/workspace/x', '/usr/bin/env python3', '/usr/bin/env')],
  ['but not by another interpreter', script('/workspace/x', '/usr/bin/perl', '/usr/bin/perl'), 'list'],
  ['and not by an own interpreter', script('/workspace/x', '/tmp/sh', '/tmp/sh'), 'list'],
  ['lets a script of the system through by its name', script('/usr/bin/ldd', '/bin/bash', '/usr/bin/bash')],
  ['but not one that is not on it', script('/usr/bin/zgrep', '/bin/sh', '/usr/bin/dash'), 'list'],
  ['sees through a first argument', start('/usr/bin/busybox', [], { asked: '/bin/ls', argv: ['rm', '-rf', 'x'] }), 'list'],
  ['does not let the loader through', start(loaderFile, ['/usr/bin/ls'], { asked: loader }), 'list'],
]);

const lists = 'mode = "blacklist"\nblacklist = []\nobserve_whitelist = ["cat"]\nassist_whitelist = ["cat", "git"]';
decides('observe mode', rulesWith(lists, 'observe'), [
  ['lets its list through', start('/usr/bin/cat', ['x'])],
  ['and nothing else', start('/usr/bin/git', ['status']), 'mode'],
  ['does not take a copy for the program', start('/tmp/cat'), 'mode'],
]);
decides('assist mode', rulesWith(lists, 'assist'), [
  ['lets its list through', start('/usr/bin/git', ['status'])],
  ['and nothing else', start('/usr/bin/make'), 'mode'],
]);

const words = ['rm', 'docker', 'git', 'push', '--force', '-c', 'sh', 'busybox', '--argv0', '/usr/bin/docker', loader, '-rf', '..', '/', ''];
const text = fc.oneof(fc.constantFrom(...words), fc.string({ unit: 'binary', maxLength: 12 }));
const path = fc.oneof(
  fc.constantFrom('/usr/bin/docker', '/usr/bin/git', '/usr/bin/busybox', '/tmp/rm', '/workspace/x', './x', loader, ''),
  text,
);
const anyStart: fc.Arbitrary<ProgramStart> = fc.record({
  ...{ asked: path, file: path, interpreter: fc.oneof(fc.constant(''), path), cwd: path, deleted: fc.boolean(), truncated: fc.boolean() },
  shebang: fc.array(text, { maxLength: 3 }).map((parts) => parts.join(' ')),
  argv: fc.array(text, { maxLength: 8 }),
});

test('whatever is started, there is a verdict with a reason', () => {
  const profiles = [rulesNamed('standard'), rulesNamed('strict'), permitting('ls'), rulesWith(lists, 'observe')];
  fc.assert(
    fc.property(anyStart, fc.constantFrom(...profiles), (started, rules) => {
      const verdict = judgeStart(started, rules, place);
      assert.ok(verdict.reason.length > 0 && ['allow', 'deny', 'exec'].includes(verdict.decision));
    }),
    { numRuns: 2000 },
  );
});

test('what the file’s own name and the arguments forbid is never undone by another name', () => {
  const standard = rulesNamed('standard');
  fc.assert(
    fc.property(anyStart, (started) => {
      const place_ = { ...place, cwd: started.cwd === '' ? place.cwd : started.cwd };
      const plain = judgeProgram([started.file, ...started.argv.slice(1)], standard, place_);
      if (plain.decision === 'deny') assert.equal(judgeStart(started, standard, place).decision, 'deny');
    }),
    { numRuns: 3000 },
  );
});

test('a very long chain of wrappers is answered at once', () => {
  const argv = [loader, ...Array.from({ length: 3000 }, () => loader)];
  assert.equal(judgeStart(start(loaderFile, [], { asked: loader, argv }), banning('docker'), place).decision, 'deny');
});

test('a name stands for its code: where only named programs may run, nothing is put into them', () => {
  const loaded = start('/usr/bin/ls', [], { loaded: true });
  const said = (rules: CommandRules): string => judgeStart(loaded, rules, place).stage;
  assert.equal(said(permitting('ls')), 'other-code');
  assert.equal(said(rulesWith('mode = "blacklist"\nblacklist = []', 'observe')), 'other-code');
  assert.equal(said(rulesWith('mode = "blacklist"\nblacklist = []\nundecided = "deny"')), 'other-code');
  assert.equal(judgeStart(loaded, banning('docker'), place).decision, 'allow');
});

const own = '/opt/lasso/tool/package/tool';
const runtime = '/opt/lasso/tool/node/bin/node';

decides('programs that LASSO itself provides, where nothing is listed', permitting('ls'), [
  ['an agent, by the file its name leads to', start(own, ['-p', 'x'], { asked: '/opt/lasso/tool/bin/tool' })],
  ['an agent, through a link the agent made', start(own, [], { asked: '/tmp/rm', argv: ['rm'] })],
  ['an agent that is a script', script('/opt/lasso/tool/bin/tool', runtime, runtime)],
  ['the guest', start('/.lasso/guest', ['guard', 'tool'])],
  ['the guest that shall write a file', start('/.lasso/guest', ['write', '/workspace/x', '0']), 'list'],
  [
    'the guest that shall read one, by another name',
    start('/.lasso/guest', ['read', '/x', '0', '9'], { asked: '/tmp/ls', argv: ['ls', 'read'] }),
    'list',
  ],
  ['the guest with no word', start('/.lasso/guest'), 'list'],
  ['an agent’s interpreter with the agent', start(runtime, ['--max-old-space-size=4096', '/opt/lasso/tool/bin/tool', '-e', 'x'])],
  ['an agent’s interpreter with code', start(runtime, ['-e', 'x', '/opt/lasso/tool/bin/tool']), 'list'],
  ['an agent’s interpreter with a script of the workspace', start(runtime, ['x.js']), 'list'],
  ['an agent’s interpreter with a path that leads out', start(runtime, ['/opt/lasso/../../tmp/x.js']), 'list'],
  ['an agent’s interpreter with nothing', start(runtime), 'list'],
  ['a script of the workspace for it', script('/workspace/x', runtime, runtime), 'list'],
  ['a file elsewhere that is only asked for there', start('/tmp/rm', [], { asked: '/opt/lasso/tool/bin/tool' }), 'list'],
  ['a folder with a similar name', start('/opt/lassox/tool'), 'list'],
  ['a file of theirs whose name is gone', start(own, [], { deleted: true }), 'nameless-file'],
  ['one that is given other code', start(own, [], { loaded: true }), 'other-code'],
  ['one that is traced', start(own, [], { traced: true }), 'traced'],
]);

test('what a person types about an agent’s program is not held against lists either', () => {
  const rules = permitting('ls');
  const says = (...argv: readonly string[]): string => judgeProgram(argv, rules).decision;
  assert.equal(says('/opt/lasso/tool/bin/tool', '-p', 'x'), 'allow');
  assert.equal(says('/opt/lasso/../../tmp/rm'), 'deny');
  assert.equal(says('/opt/lasso/tool/node/bin/node', '-e', 'x'), 'deny');
});
