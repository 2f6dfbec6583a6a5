import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { judgeCommand } from '../../../../helper/policy/commands/judge.ts';
import { rulesNamed } from '../../../kit/command-rules.ts';

const folder = join(import.meta.dirname, '../../../corpus/commands');
const rules = { standard: rulesNamed('standard'), strict: rulesNamed('strict') } as const;

interface Case {
  readonly profile: keyof typeof rules;
  readonly expected: string;
  readonly line: string;
}

/** One case a line: profile, expected decision, command. */
function casesOf(file: string): readonly Case[] {
  return readFileSync(join(folder, file), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('# '))
    .map((text) => {
      const [, profile, expected = '', line = ''] = /^(\S+) (\S+) (.+)$/.exec(text) ?? [];
      assert.ok(profile === 'standard' || profile === 'strict', text);
      return { profile, expected, line: line.replaceAll('⏎', '\n') };
    });
}

// What was written blind is measured in blind.test.ts.
const files = readdirSync(folder).filter((file) => !file.startsWith('blind-'));
const everything = files.flatMap((file) => casesOf(file).map((one) => ({ ...one, file })));

describe('the corpus is judged as it says', () => {
  for (const file of files)
    test(file, () => {
      const wrong = casesOf(file).flatMap(({ profile, expected, line }) => {
        const { decision, reason } = judgeCommand(line, rules[profile]).verdict;
        return decision === expected ? [] : [`${decision} instead of ${expected}: ${line} (${reason})`];
      });
      assert.deepEqual(wrong, []);
    });
});

test('no attack of the corpus is allowed in standard or in strict', () => {
  const attacks = everything.filter(({ file }) => file.startsWith('attacks-'));
  assert.ok(attacks.length > 300);
  assert.deepEqual(
    attacks.filter(({ line }) => judgeCommand(line, rules.standard).verdict.decision === 'allow').map(({ line }) => line),
    [],
  );
  assert.deepEqual(
    attacks.filter(({ line }) => judgeCommand(line, rules.strict).verdict.decision !== 'deny').map(({ line }) => line),
    [],
  );
});

const denied = everything
  .filter(({ expected, line }) => expected === 'deny' && !/[\n\\'"`#]|^\w+=|<<|^f\(|^alias|^shopt|^cd |^ls\(/.test(line))
  .map(({ line }) => line);
const harmless = everything.filter(({ file, line }) => file === 'everyday-files.txt' && !/[\n#]|<</.test(line)).map(({ line }) => line);

describe('a line that holds a denied command anywhere is never allowed', () => {
  const around: readonly ((bad: string, good: string) => string)[] = [
    (bad, good) => `${good}; ${bad}`,
    (bad, good) => `${bad}; ${good}`,
    (bad, good) => `${good} && ${bad}`,
    (bad, good) => `${good} || ${bad}`,
    (bad, good) => `${good} | ${bad}`,
    (bad, good) => `${bad} | ${good}`,
    (bad, good) => `${good} & ${bad} &`,
    (bad, good) => `${good}\n${bad}`,
    (bad) => `( ${bad} )`,
    (bad) => `{ ${bad}; }`,
    (bad) => `! ${bad}`,
    (bad) => `echo $( ${bad} )`,
    (bad) => `echo "$( ${bad} )"`,
    (bad) => `cat <( ${bad} )`,
    (bad) => `if true; then ${bad}; fi`,
    (bad) => `while ${bad}; do :; done`,
    (bad) => `for i in a b; do ${bad}; done`,
    (bad) => `case x in x) ${bad};; esac`,
    (bad) => `f() { ${bad}; }; f`,
    (bad) => `sh -c '${bad}'`,
    (bad) => `bash -lc '${bad}'`,
    (bad) => `eval '${bad}'`,
    (bad) => `cat <<E\n$( ${bad} )\nE`,
    (bad) => `bash <<'E'\n${bad}\nE`,
    (bad) => `trap '${bad}' EXIT`,
    (bad) => `x=$( ${bad} )`,
    (bad) => `[[ -n $( ${bad} ) ]]`,
    (bad) => `(( $( ${bad} ) ))`,
    (bad) => `echo \${x:-$( ${bad} )}`,
    (bad) => `a[$( ${bad} )]=1`,
    (bad) => `coproc ${bad}`,
    (bad, good) => `${good} # \\\n${bad}`,
  ];
  test('wherever it stands', () => {
    assert.ok(denied.length > 100 && harmless.length > 100);
    fc.assert(
      fc.property(
        fc.constantFrom(...denied),
        fc.constantFrom(...harmless),
        fc.constantFrom(...around),
        fc.constantFrom(...around),
        (bad, good, inner, outer) => {
          const once = inner(bad, good);
          const twice = /['\n#]/.test(once) ? once : outer(once, good);
          for (const line of [once, twice]) assert.notEqual(judgeCommand(line, rules.standard).verdict.decision, 'allow', line);
        },
      ),
      { numRuns: 2000 },
    );
  });
  const wrappers = [
    'env',
    'nice -n 5',
    'timeout -k 1 5',
    'nohup',
    'setsid',
    'stdbuf -oL',
    'xargs',
    'busybox',
    'command',
    'time',
    'strace -f',
    'flock /tmp/l',
    'find . -maxdepth 0 -exec',
  ];
  test('whatever starts it', () => {
    const keyword = /^(coproc|if|while|until|for|case|select|eval|trap|exec|builtin|source|alias|export|declare|cd|time|function) /;
    // With arguments after it, “-1” is a signal and no longer every process.
    const plain = denied.filter(
      (line) => line !== 'kill -1' && /^[a-z]+ /.test(line) && !keyword.test(line) && !/[;&|<>()$*{}]/.test(line),
    );
    fc.assert(
      fc.property(fc.constantFrom(...plain), fc.array(fc.constantFrom(...wrappers), { minLength: 1, maxLength: 3 }), (bad, before) => {
        const line = `${before.join(' ')} ${bad}${' \\;'.repeat(before.filter((wrapper) => wrapper.startsWith('find')).length)}`;
        assert.notEqual(judgeCommand(line, rules.standard).verdict.decision, 'allow', line);
      }),
      { numRuns: 2000 },
    );
  });
});
