/**
 * What the gate must keep on every backend. The banned program is one of the system with an effect to be seen from outside, and
 * what starts it stands in files, so that only the start itself can be judged.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sh } from '../kit/programs.ts';
import { chainVerifies, startsOf } from '../kit/starts.ts';
import type { Promised, Subject } from './promises.ts';

/** in the profile of the promises on its fifth line of [commands]; makes a pipe in the workspace */
export const bannedProgram = 'mkfifo';

interface Way {
  readonly name: string;
  /** what it needs besides sh */
  readonly program?: string;
  /** files of its folder, all of them executable; EFFECT stands for what must not appear */
  readonly files: Readonly<Record<string, string>>;
  /** run in its folder */
  readonly command: readonly string[];
}

const ways: readonly Way[] = [
  { name: 'a shell', files: { go: 'mkfifo EFFECT\n' }, command: ['sh', './go'] },
  { name: 'a nested shell', files: { go: 'sh -c "sh -c \'mkfifo EFFECT; true\'; true"\n' }, command: ['sh', './go'] },
  { name: 'a script', files: { go: '#!/bin/sh\nexec mkfifo EFFECT\n' }, command: ['./go'] },
  { name: 'a script started by a script', files: { go: '#!/bin/sh\n./next\n', next: '#!/bin/sh\nmkfifo EFFECT\n' }, command: ['./go'] },
  { name: 'a script whose interpreter it is', files: { go: '#!/usr/bin/mkfifo EFFECT\n', run: './go\n' }, command: ['sh', './run'] },
  {
    name: 'a job in the background of a new session',
    files: { go: 'setsid sh -c "mkfifo EFFECT &"; sleep 0.2\n' },
    command: ['sh', './go'],
  },
  { name: 'another first argument', files: { go: '#!/bin/bash\nexec -a true mkfifo EFFECT\n' }, command: ['./go'] },
  { name: 'a link of another name', files: { go: 'ln -s /usr/bin/mkfifo ./harmless; ./harmless EFFECT\n' }, command: ['sh', './go'] },
  { name: 'a descriptor', files: { go: 'exec 5</usr/bin/mkfifo; /proc/self/fd/5 EFFECT\n' }, command: ['sh', './go'] },
  { name: 'its loader', files: { go: '/lib64/ld-linux-x86-64.so.2 /usr/bin/mkfifo EFFECT\n' }, command: ['sh', './go'] },
  { name: 'env', files: { go: 'env A=1 nice timeout 5 mkfifo EFFECT\n' }, command: ['sh', './go'] },
  { name: 'find', files: { go: 'find . -name go -exec mkfifo EFFECT ";"\n' }, command: ['sh', './go'] },
  { name: 'xargs -P', files: { go: 'echo EFFECT | xargs -P 4 -n 1 mkfifo\n' }, command: ['sh', './go'] },
  { name: 'perl', program: 'perl', files: { go: 'system("mkfifo", "EFFECT"); exec("mkfifo", "EFFECT");\n' }, command: ['perl', './go'] },
  {
    name: 'a Python subprocess',
    program: 'python3',
    files: { go: 'import subprocess\nsubprocess.run(["mkfifo", "EFFECT"])\n' },
    command: ['python3', './go'],
  },
  {
    name: 'Python in its own place',
    program: 'python3',
    files: { go: 'import os\nos.execv("/usr/bin/mkfifo", ["x", "EFFECT"])\n' },
    command: ['python3', './go'],
  },
  {
    name: 'node’s child_process',
    program: 'node',
    files: {
      'go.cjs':
        'const { spawnSync } = require("node:child_process");\nprocess.stderr.write(spawnSync("mkfifo", ["EFFECT"], { stdio: "inherit" }).error?.message ?? "");\n',
    },
    command: ['node', './go.cjs'],
  },
  { name: 'make', program: 'make', files: { Makefile: 'all:\n\tmkfifo EFFECT\n' }, command: ['make'] },
  {
    name: 'an npm script',
    program: 'npm',
    files: { 'package.json': '{ "name": "x", "version": "1.0.0", "scripts": { "go": "mkfifo EFFECT" } }\n' },
    command: ['npm', 'run', 'go'],
  },
  {
    name: 'a git hook',
    program: 'git',
    files: {
      go: 'git -c user.name=a -c user.email=a@b.example commit --allow-empty -m x\n',
      // Made outside: what is guarded in it cannot be made inside.
      '.git/HEAD': 'ref: refs/heads/main\n',
      '.git/config': '[core]\n\trepositoryformatversion = 0\n',
      '.git/objects/.keep': '',
      '.git/refs/.keep': '',
      '.git/hooks/pre-commit': '#!/bin/sh\nmkfifo EFFECT\n',
    },
    command: ['sh', './go'],
  },
];

const refusalLine = /LASSO: `([\w./-]+)` is blocked by small\.toml:(\d+)\. [^\n]*/g;

/** Lays the files of a way out in a folder of its own; the name of what must not appear there. */
function layOut(subject: Subject, way: Way, index: number): { readonly folder: string; readonly effect: string } {
  const folder = `way-${index}`;
  const effect = `effect-${index}`;
  for (const [name, text] of Object.entries({ '.keep': '', ...way.files })) {
    const file = join(subject.workspace, folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text.replaceAll('EFFECT', effect), { mode: 0o755 });
  }
  return { folder, effect };
}

const isThere = async ({ lasso, sandbox }: Subject, program: string): Promise<boolean> =>
  (await lasso.exec(sandbox, sh(`command -v ${program}`))).exit.code === 0;

const wayPromises: readonly Promised[] = ways.map((way, index) => ({
  name: `a program the profile bans does not start from ${way.name}; the agent is told why in one line, and it is on record`,
  needs: 'exec-gate',
  check: async (subject, skip) => {
    if (way.program !== undefined && !(await isThere(subject, way.program))) {
      assert.ok(!subject.everyday, `${way.program} does not run in this sandbox`);
      skip(`there is no ${way.program} in this sandbox`);
      return;
    }
    const { folder, effect } = layOut(subject, way, index);
    const { stdout, stderr } = await subject.lasso.exec(subject.sandbox, way.command, { cwd: `/workspace/${folder}`, timeoutSeconds: 60 });
    const told = [...`${stdout}\n${stderr}`.matchAll(refusalLine)];
    assert.equal(existsSync(join(subject.workspace, folder, effect)), false, 'it took effect');
    assert.ok(told.length > 0, `nothing was told:\n${stdout}\n${stderr}`);
    assert.ok(told.length <= 2, `it was told more than once a try:\n${stderr}`);
    const blocked = (await startsOf(subject.lasso, subject.sandbox)).filter(
      ({ outcome, argv, file }) => outcome === 'blocked' && [...argv, file].some((word) => word.includes(effect) || word.endsWith('/go')),
    );
    const [first] = blocked;
    assert.ok(first, 'it is not on record');
    assert.deepEqual([first.verdict, first.rule], ['deny', 'commands.blacklist[1]']);
    assert.match(first.origin ?? '', /small\.toml:\d+$/);
  },
}));

export const gatePromises: readonly Promised[] = [
  ...wayPromises,
  {
    name: 'a program the profile bans does not start from a terminal, and the screen says why',
    needs: 'exec-gate',
    check: async (subject) => {
      const terminal = await subject.lasso.terminal(subject.sandbox, { rows: 30, columns: 100 });
      terminal.type('mkf""ifo from-terminal; echo co""de $?\r');
      await terminal.see(/LASSO: `mkfifo` is blocked by small\.toml:\d+/);
      await terminal.see(/code 126/);
      terminal.type('exit\r');
      await terminal.exit();
      assert.equal(existsSync(join(subject.workspace, 'from-terminal')), false);
    },
  },
  {
    name: 'a command whose text already says it is refused before anything starts, with the reason',
    check: async (subject) => {
      await assert.rejects(subject.lasso.exec(subject.sandbox, [bannedProgram, 'by-text']), {
        code: 'COMMAND_DENIED',
        message: /blocked by .*small\.toml:\d+/,
      });
      await assert.rejects(subject.lasso.exec(subject.sandbox, sh('true && mkfifo by-text')), { code: 'COMMAND_DENIED' });
      assert.equal(existsSync(join(subject.workspace, 'by-text')), false);
    },
  },
  {
    name: 'what is allowed runs, with its exact exit code, from a file and in pipes',
    check: async (subject) => {
      writeFileSync(join(subject.workspace, 'fine'), '#!/bin/sh\nprintf "b\\na\\n" | sort | head -n 1; exit $1\n', { mode: 0o755 });
      for (const code of [0, 1, 42, 126, 127, 255]) {
        const { exit, stdout, stderr } = await subject.lasso.exec(subject.sandbox, ['./fine', `${code}`]);
        assert.deepEqual([exit.code, stdout, stderr], [code, 'a\n', '']);
      }
    },
  },
  {
    name: 'a mode that is changed while a shell runs counts at once, and so does the way back',
    needs: 'exec-gate',
    check: async (subject) => {
      const connection = await subject.lasso.connect();
      const terminal = await subject.lasso.terminal(subject.sandbox, { rows: 30, columns: 100 });
      const tries = async (name: string, expected: RegExp): Promise<void> => {
        terminal.type(`mkdir ${name}; echo co""de $?\r`);
        await terminal.see(expected);
      };
      await tries('mode-1', /code 0/);
      await tries('mode-1/a', /code 0/);
      await connection.call('mode', { sandbox: subject.sandbox, mode: 'observe' });
      await tries('mode-2', /LASSO: `mkdir` is blocked by [^]*observe mode[^]*code 126/);
      await connection.call('mode', { sandbox: subject.sandbox, mode: 'autonomous' });
      await tries('mode-3', /code 0/);
      terminal.type('exit\r');
      await terminal.exit();
      assert.deepEqual(
        ['mode-1/a', 'mode-2', 'mode-3'].map((name) => existsSync(join(subject.workspace, name))),
        [true, false, true],
      );
    },
  },
  {
    name: 'a thousand starts in parallel are all on record, and the chain verifies',
    needs: 'exec-gate',
    check: async (subject) => {
      const trues = async (): Promise<number> =>
        (await startsOf(subject.lasso, subject.sandbox)).filter(({ file, outcome }) => file === '/usr/bin/true' && outcome === 'success')
          .length;
      const before = await trues();
      const { exit } = await subject.lasso.exec(subject.sandbox, sh('seq 1000 | xargs -P 8 -n 1 /usr/bin/true'));
      assert.equal(exit.code, 0);
      assert.equal((await trues()) - before, 1000);
      await chainVerifies(subject.lasso, subject.sandbox);
    },
  },
];
