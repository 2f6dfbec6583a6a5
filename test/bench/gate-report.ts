/**
 * `npm run gate-report`: what each built-in profile does with the commands of test/corpus/commands, by technique and by tool, as a
 * table. It runs nothing: the texts are judged.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { judgeCommand } from '../../helper/policy/commands/judge.ts';
import { decision, type Decision } from '../../helper/protocol/verdict.ts';
import { rulesNamed } from '../kit/command-rules.ts';

interface Line {
  readonly everyday: boolean;
  /** technique or tool */
  readonly kind: string;
  readonly command: string;
}

const folder = join(import.meta.dirname, '../corpus/commands');
/** in the order of their strength; the others build on standard and judge commands as it does */
const profiles = ['standard', 'minimal', 'strict', 'evaluation'] as const;

/** Lines of one file: `kind⇥command` where it was written without looking at the gate, else `profile decision command`. */
function linesOf(file: string): readonly Line[] {
  const everyday = file.includes('everyday');
  const rows = readFileSync(join(folder, file), 'utf8')
    .split('\n')
    .filter((row) => row !== '' && !row.startsWith('# '));
  return rows.map((row) => {
    const [kind = '', ...rest] = file.startsWith('blind-') ? row.split('\t') : ['', row.split(' ').slice(2).join(' ')];
    const command = rest.join('\t').replaceAll('⏎', '\n');
    return { everyday, kind: kind === '' ? file.replace(/^(attacks|everyday)-|\.txt$/g, '') : kind, command };
  });
}

const files = readdirSync(folder).filter((file) => /^(blind-)?(attacks|everyday)/.test(file));

for (const profile of profiles) {
  const rules = rulesNamed(profile);
  for (const everyday of [false, true]) {
    console.log(
      `\n${profile}, ${everyday ? 'everyday work' : 'attacks'}\n\n| written | kind | lines | deny | ask | exec | allow |\n|---|---|---|---|---|---|---|`,
    );
    const total = new Map<string, number[]>();
    for (const file of files.filter((name) => name.includes('everyday') === everyday))
      for (const { kind, command } of linesOf(file)) {
        const at = decision.options.indexOf(judgeCommand(command, rules).verdict.decision);
        const written = file.startsWith('blind-') ? 'without looking at the gate' : 'with it';
        for (const key of [`${written} | ${kind}`, `${written} | **all**`]) {
          const counts = total.get(key) ?? decision.options.map(() => 0);
          counts[at] = (counts[at] ?? 0) + 1;
          total.set(key, counts);
        }
      }
    for (const [key, counts] of [...total].sort(([a], [b]) => (a < b ? -1 : 1))) console.log(row(key, counts));
  }
}

function row(key: string, counts: readonly number[]): string {
  const all = counts.reduce((sum, count) => sum + count, 0);
  const of = (wanted: Decision): string => {
    const count = counts[decision.options.indexOf(wanted)] ?? 0;
    return count === 0 ? '–' : `${count} (${((100 * count) / all).toFixed(1)} %)`;
  };
  return `| ${key} | ${all} | ${of('deny')} | ${of('ask')} | ${of('exec')} | ${of('allow')} |`;
}
