import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { completionScript } from '../../../../helper/faces/cli/completions.ts';
import { commands } from '../../../../helper/faces/cli/table.ts';

for (const [shell, option] of [
  ['bash', '-n'],
  ['zsh', '-n'],
  ['fish', '--no-execute'],
] as const) {
  const present = spawnSync(shell, ['-c', 'true']).error === undefined;
  test(`the ${shell} completion script is valid`, { skip: present ? false : `${shell} is not installed` }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'completions-'));
    const script = join(folder, 'script');
    writeFileSync(script, completionScript(shell, commands));
    const { status, stderr } = spawnSync(shell, [option, script], { encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
  });
}

test('every command and every option is in every script', () => {
  for (const shell of ['bash', 'zsh', 'fish'] as const) {
    const script = completionScript(shell, commands);
    for (const { name, rest, positionals, parameters } of commands) {
      for (const word of name.split(' ')) assert.ok(script.includes(word), `${shell}: ${word}`);
      for (const { name: parameter, option } of parameters)
        if (parameter !== rest && !positionals.includes(parameter)) assert.ok(script.includes(option), `${shell}: ${name} --${option}`);
    }
  }
});

const completed: readonly (readonly [words: readonly string[], expected: readonly string[]])[] = [
  [['lasso', 'sh'], ['shell']],
  [
    ['lasso', 'audit', ''],
    ['checkpoint', 'export', 'key', 'list', 'pack', 'report', 'verify', 'view'],
  ],
  [
    ['lasso', 'audit', 'view', '--t'],
    ['--tail', '--text', '--type'],
  ],
  [['lasso', 'audit', 'view', '--outcome', 'b'], ['blocked']],
  [
    ['lasso', 'audit', 'export', '-F', 'j'],
    ['json', 'jsonl'],
  ],
  [['lasso', 'up', '-b', 'p'], ['podman']],
  [['lasso', 'up', '--isolation', 'g'], ['gvisor']],
  [
    ['lasso', 'completions', ''],
    ['bash', 'fish', 'zsh'],
  ],
  [
    ['lasso', 'stop', 'ap'],
    ['app', 'apple'],
  ],
  [
    ['lasso', 'profile', 'show', 'ap'],
    ['app', 'apple'],
  ],
  [['lasso', 'profile', 'new', 'x', '--from', 'pe'], ['pear']],
  [
    ['lasso', 'profile', 'diff', 'pear', 'ap'],
    ['app', 'apple'],
  ],
  [['lasso', 'up', '-p', 'pe'], ['pear']],
  [['lasso', 'why', 'x', '--mode', 'ob'], ['observe']],
  [
    ['lasso', 'ps', ''],
    ['app', 'apple', 'pear'],
  ],
];

test('bash completes commands, options, values and names of sandboxes', () => {
  for (const [words, expected] of completed) {
    const script = `${completionScript('bash', commands)}
lasso() { printf '%s\\n' app apple pear; }
compopt() { :; }
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_lasso
printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', script, 'bash', ...words], { encoding: 'utf8' });
    assert.deepEqual({ words: stdout.trim().split('\n').sort(), stderr }, { words: expected, stderr: '' }, words.join(' '));
  }
});
