import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { judgeCommand } from '../../../../helper/policy/commands/judge.ts';
import type { CommandRules } from '../../../../helper/policy/commands/rules.ts';
import type { Decision } from '../../../../helper/protocol/verdict.ts';
import { rulesNamed } from '../../../kit/command-rules.ts';

const folder = join(import.meta.dirname, '../../../corpus/commands');
const [standard, strict] = [rulesNamed('standard'), rulesNamed('strict')];

/** Second column of a file: commands, or why a command is judged otherwise than it should be with the command after it. */
const rowsOf = (file: string): readonly (readonly string[])[] =>
  readFileSync(join(folder, file), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('# '))
    .map((line) => line.split('\t'));

const commandsOf = (file: string): readonly string[] => rowsOf(file).map((row) => row.slice(1).join('\t').replaceAll('⏎', '\n'));

const attacks = commandsOf('blind-attacks.txt');
const everyday = commandsOf('blind-everyday.txt');
const knowingly = new Set(commandsOf('blind-knowingly.txt'));

const decide = (line: string, rules: CommandRules): Decision => judgeCommand(line, rules).verdict.decision;
const share = (lines: readonly string[], rules: CommandRules, ...decisions: readonly Decision[]): number =>
  lines.filter((line) => decisions.includes(decide(line, rules))).length / lines.length;

describe('of what was written without looking at the gate', () => {
  test('there is enough to measure by', () => {
    assert.ok(attacks.length > 1100 && everyday.length > 1000);
    assert.ok(rowsOf('blind-knowingly.txt').every(([reason = '']) => reason.length > 10));
  });

  test('standard denies, asks about or leaves to the start of each program 99 % of the attacks, and 94 % at once', () => {
    assert.ok(share(attacks, standard, 'deny', 'ask', 'exec') >= 0.99);
    assert.ok(share(attacks, standard, 'deny', 'ask') >= 0.94);
  });

  test('strict denies every attack', () => {
    assert.deepEqual(
      attacks.filter((line) => decide(line, strict) !== 'deny'),
      [],
    );
  });

  test('standard allows 98 % of everyday work, and leaves less than 1 % to the start of each program', () => {
    assert.ok(share(everyday, standard, 'allow') >= 0.98);
    assert.ok(share(everyday, standard, 'exec') < 0.01);
  });

  test('what is judged otherwise than it should be is known, with a reason, and nothing is excused that is right', () => {
    const wrong = [
      ...attacks.filter((line) => decide(line, standard) === 'allow'),
      ...everyday.filter((line) => decide(line, standard) !== 'allow'),
    ];
    assert.deepEqual(new Set(wrong), knowingly);
  });
});
