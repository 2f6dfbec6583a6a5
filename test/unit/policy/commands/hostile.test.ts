import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { judgeCommand, judgeProgram } from '../../../../helper/policy/commands/judge.ts';
import { rulesNamed } from '../../../kit/command-rules.ts';

const standard = rulesNamed('standard');
const strict = rulesNamed('strict');
const decisions = new Set(['allow', 'deny', 'ask', 'exec']);

/** A whole and useful answer: a known decision, a sentence, a range inside the text. */
function wellFormed(text: string, rules = standard): void {
  const { verdict, stages } = judgeCommand(text, rules);
  assert.ok(decisions.has(verdict.decision));
  assert.match(verdict.reason, /\.$/);
  assert.match(verdict.stage, /^[a-z-]+$/);
  assert.ok(stages.length > 5);
  if (verdict.range !== undefined)
    assert.ok(verdict.range.start >= 0 && verdict.range.start <= verdict.range.end && verdict.range.end <= text.length);
}

describe('any text gets a verdict', () => {
  const pieces = [
    ...[
      'rm',
      '-rf',
      '/',
      'ls',
      'git',
      'push',
      '--force',
      'echo',
      'env',
      'sh',
      '-c',
      'find',
      '-exec',
      '{}',
      '\\;',
      'sed',
      'awk',
      'xargs',
      'x=1',
    ],
    ...[
      ' ',
      ' ',
      ' ',
      '\n',
      ';',
      '|',
      '&&',
      '||',
      '&',
      '(',
      ')',
      '{',
      '}',
      '$(',
      '`',
      '"',
      "'",
      "$'",
      '\\',
      '<',
      '>',
      '<<',
      '<<<',
      '>&',
      '<(',
    ],
    ...[
      '${',
      '$((',
      '))',
      '[[',
      ']]',
      'if',
      'then',
      'fi',
      'for',
      'in',
      'do',
      'done',
      'case',
      'esac',
      '*',
      '?',
      '[',
      ']',
      '~',
      '#',
      '=',
      '!',
      '\\\n',
    ],
    ...[
      '\0',
      '\r',
      '\u202e',
      '\u2028',
      'ｒｍ',
      '\ud800',
      '%2e%2e%2f',
      '$IFS',
      '@P}',
      'EOF',
      '\\x72',
      'function',
      'f()',
      'alias',
      'eval',
      'coproc',
    ],
  ];
  test('made of any pieces of shell', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 40 }), fc.boolean(), (parts, spaced) =>
        wellFormed(parts.join(spaced ? ' ' : '')),
      ),
      { numRuns: 3000 },
    );
  });
  test('made of any characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => wellFormed(text, strict)),
      { numRuns: 1500 },
    );
  });
  test('made of any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => wellFormed(new TextDecoder('latin1').decode(bytes))),
      { numRuns: 1500 },
    );
  });
  test('as the arguments of a program', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary' })), { maxLength: 8 }), (argv) =>
        assert.ok(decisions.has(judgeProgram(argv, standard).decision)),
      ),
      { numRuns: 3000 },
    );
  });
});

/** name → a text of about n characters */
const shapes: Readonly<Record<string, (n: number) => string>> = {
  'digits in a name': (n) => `${'1'.repeat(n - 1)}x`,
  'calls of open': (n) => `python3 -c '${'open(,'.repeat(n / 6)}'`,
  'spaces after a pipe': (n) => `awk '|${' '.repeat(n - 9)}'`,
  'statements of sql': (n) => `psql -c '${'COPY '.repeat(n / 5)}'`,
  'flags of make': (n) => `MAKEFLAGS='${'-k'.repeat(n / 2)}!' make`,
  'labels of sed': (n) => `sed '${':a;'.repeat(n / 3)}'`,
  'a long search path': (n) => `PATH='/opt/${'a/'.repeat(n / 2)}' ls`,
  'keys of git': (n) => `git -c diff.${'a.'.repeat(n / 2)}=x log`,
  'dots in a name': (n) => `./${'a.'.repeat(n / 2)}`,
  'paths through a link': (n) => `ln -s ${'a/'.repeat(90)} b; ${'cat b/c; '.repeat(n / 9)}`,
  'a long way to a link': (n) => `ln -s ${'a/'.repeat(n / 4)} b; cat ${'a/'.repeat(n / 4)}b/c`,
  'links in a row': (n) => Array.from({ length: n / 20 }, (_, at) => `ln -s l${at} l${at + 1}`).join('; '),
  'copies into a folder': (n) => `cp ${'x/y '.repeat(n / 8)}${'a/'.repeat(n / 4)}`,
  ...{ 'nested substitutions': (n) => '$('.repeat(n / 2), 'closed substitutions': (n) => '$('.repeat(n / 3) + ')'.repeat(n / 3) },
  ...{
    brackets: (n) => '('.repeat(n),
    braces: (n) => '{'.repeat(n),
    'brace lists': (n) => '{a,'.repeat(n / 3),
    backquotes: (n) => '`'.repeat(n),
  },
  ...{
    'quoted substitutions': (n) => '"$('.repeat(n / 3),
    backslashes: (n) => '\\'.repeat(n),
    'escaped backquotes': (n) => `echo \`${'\\`'.repeat(n / 2)}`,
  },
  ...{
    'many alternatives': (n) => `echo ${'{a,b}'.repeat(n / 5)}`,
    parameters: (n) => '${x:-'.repeat(n / 5),
    arithmetic: (n) => '$(('.repeat(n / 3),
  },
  ...{
    'here-documents': (n) => 'cat <<E\n'.repeat(n / 8),
    'here-documents in a row': (n) => '<<A '.repeat(n / 4),
    'nested here-documents': (n) => '$(cat <<E\n'.repeat(n / 10),
  },
  ...{
    classes: (n) => '['.repeat(n),
    patterns: (n) => `rm ${'*'.repeat(n)}`,
    'extended patterns': (n) => '@('.repeat(n / 2),
    'a list': (n) => 'a;'.repeat(n / 2),
  },
  ...{
    'a pipe': (n) => 'ls | '.repeat(n / 5),
    continuations: (n) => '\\\n'.repeat(n / 2),
    'a word': (n) => 'a'.repeat(n),
    spaces: (n) => ' '.repeat(n),
    dollars: (n) => '$'.repeat(n),
  },
  ...{
    conditions: (n) => 'if '.repeat(n / 3),
    cases: (n) => 'case x in x) '.repeat(n / 13),
    negations: (n) => '! '.repeat(n / 2),
    functions: (n) => 'f()'.repeat(n / 3),
    bodies: (n) => 'f(){ '.repeat(n / 5),
  },
  ...{
    'process substitutions': (n) => `cat ${'<('.repeat(n / 3)}${')'.repeat(n / 3)}`,
    tests: (n) => `[[ ${'( '.repeat(n / 2)}`,
    coprocesses: (n) => 'coproc '.repeat(n / 7),
    times: (n) => 'time '.repeat(n / 5),
  },
  ...{
    redirections: (n) => '>a '.repeat(n / 3),
    loops: (n) => 'for i in a b c d e f; do '.repeat(n / 24),
    'a few deep loops': (n) => `${'for i in a b c d e f; do '.repeat(20)}${'ls;'.repeat(n / 100)}${'done;'.repeat(20)}`,
  },
  ...{
    wrappers: (n) => 'env '.repeat(n / 4),
    'times of env': (n) => 'env time nice '.repeat(n / 14),
    operands: (n) => `rm ${'a '.repeat(n / 2)}`,
    commands: (n) => 'rm a;'.repeat(n / 5),
    'one option': (n) => `git push -${'u'.repeat(n)}`,
  },
  ...{
    settings: (n) => `git ${'-c a=b '.repeat(n / 7)}`,
    options: (n) => `git push ${'--no-a '.repeat(n / 7)}`,
    scripts: (n) => `sed '${'s/a/b/;'.repeat(n / 7)}'`,
    evals: (n) => 'eval "'.repeat(n / 6),
    variables: (n) => 'X=a; '.repeat(n / 5),
  },
  ...{
    'growing variables': (n) => 'X="$X$X"; '.repeat(n / 10),
    'known variables that grow': (n) => `X=aaaaaaaa; ${'X="$X$X"; '.repeat(n / 10)}rm $X`,
    'a deep path': (n) => `rm ${'a/'.repeat(n / 2)}`,
    'a path upwards': (n) => `rm ${'../'.repeat(n / 3)}`,
  },
  ...{
    'found programs': (n) => `find . ${'-exec rm {} \\; '.repeat(n / 16)}`,
    code: (n) => `python3 -c "${'os.system(1) '.repeat(n / 13)}"`,
    'quoted code': (n) => `python3 -c 'os.system("${'\\"'.repeat(n / 2)}'`,
    'a line in a line': (n) => `bash -c "${'ls;'.repeat(n / 3)}"`,
  },
  ...{
    modes: (n) => `chmod ${'u+s,'.repeat(n / 4)} x`,
    uploads: (n) => `curl ${'-d @a '.repeat(n / 6)}`,
    aliases: (n) => 'alias a="b"; a '.repeat(n / 14),
    'an alias of itself': (n) => `alias a="a a"; ${'a '.repeat(n / 2)}`,
    encodings: (n) => `echo ${'%2e'.repeat(n / 3)}`,
  },
  ...{
    'what awk reads': (n) => `awk '${'a | '.repeat(n / 4)}'`,
    letters: (n) => `tar ${'x'.repeat(n)}`,
    targets: (n) => `parallel ls ::: ${'a '.repeat(n / 2)}`,
    'a chain': (n) => `${'ls && '.repeat(n / 6)}ls`,
    'look-alikes': (n) => 'а'.repeat(n),
    at: (n) => `curl ${'@'.repeat(n)}`,
  },
};

describe('100 kB of any shape are read or given up, and never hang', () => {
  // The limit only ends what would otherwise never end; each shape takes milliseconds.
  for (const [name, shape] of Object.entries(shapes))
    test(name, { timeout: 20_000 }, () => {
      const text = shape(100_000).slice(0, 100_000);
      wellFormed(text);
      wellFormed(text, strict);
    });
});
