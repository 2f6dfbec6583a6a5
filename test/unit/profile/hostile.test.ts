/** Profiles meant to break the loader: each gives findings or loads, and none crashes, hangs or reaches a prototype. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkProfile, type ProfileCheck } from '../../../helper/profile/check.ts';
import { keysAt } from '../../../helper/protocol/profile/shape.ts';
import { textOfBytes } from '../../../helper/profile/utf8.ts';
import { builtInProfiles, memorySources } from '../../kit/profile-sources.ts';
import { assertInside } from '../../kit/ranges.ts';

const sources = memorySources({ '/base.toml': 'name = "base"\ntags = ["a"]' });
const check = (text: string): Promise<ProfileCheck> => checkProfile({ file: '/a.toml', text }, sources);

const lines = 200_000 / 8;
/** `place` is where the finding begins, line:column as people count; a code of undefined is a clean load */
const hostile: readonly (readonly [says: string, text: string, code: string | undefined, place?: string])[] = [
  ['a huge file', '#'.repeat(300_000), 'too-large', '1:1'],
  ['a file that is huge in bytes only', '#' + '字'.repeat(100_000), 'too-large', '1:1'],
  ['lists nested deeply', `name = ${'['.repeat(5000)}${']'.repeat(5000)}`, 'too-deep', '1:40'],
  ['inline tables nested deeply', `name = ${'{ a = '.repeat(5000)}1${' }'.repeat(5000)}`, 'too-deep', '1:200'],
  ['a key dotted thousands of times', `name = "a"\n${'a.'.repeat(20_000)}a = 1`, 'too-deep', '2:1'],
  ['a header dotted thousands of times', `name = "a"\n [${'a.'.repeat(20_000)}a]`, 'too-deep', '2:3'],
  ['many tables of an array', 'name = "a"\n' + '[[tags]]\n'.repeat(lines), 'wrong-type', '2:3'],
  ['many unknown keys', Array.from({ length: 20_000 }, (_, n) => `k${n} = 1`).join('\n'), 'unknown-key', '1:1'],
  [
    'many removals from a long list',
    `name = "a"\nextends = "/base.toml"\ntags = [${'"!a","b",'.repeat(20_000)}]`,
    'nothing-to-remove',
    '3:18',
  ],
  ['an unclosed string', 'name = "' + 'a'.repeat(200_000), 'toml-syntax', '1:8'],
  ['an unclosed list', 'name = [' + '1,'.repeat(100_000), 'toml-syntax', '1:8'],
  ['an unclosed long string', 'name = """\n' + 'a\n'.repeat(50_000), 'toml-syntax', '1:8'],
  ['lone carriage returns', 'name = "a"\rmode = "x"', 'toml-syntax', '1:11'],
  ['Windows line ends', 'name = "a"\r\n[resources]\r\nmax_pids = 0\r\n', 'out-of-range', '3:12'],
  ['Windows line ends in a sound file', 'name = "a"\r\n[resources]\r\nmax_pids = 1\r\n', undefined],
  ['a byte order mark', '\ufeffname = "a"\nx = 1', 'unknown-key', '2:1'],
  ['a byte order mark before a sound file', '\ufeffname = "a"', undefined],
  ['a byte order mark in the middle', 'name = "a"\n\ufeffmode = "assist"', 'toml-syntax', '2:1'],
  ['two byte order marks', '\ufeff\ufeffname = "a"', 'toml-syntax', '1:2'],
  ['NUL in a string', 'name = "a\0"', 'toml-syntax', '1:10'],
  ['NUL in a comment', 'name = "a" # \0', 'toml-syntax', '1:14'],
  ['NUL after a value', 'name = "a"\0', 'toml-syntax', '1:11'],
  ['a control character in a literal string', "name = 'a\u0008'", 'toml-syntax', '1:10'],
  ['half a surrogate pair', 'name = "a"\ndescription = "\ud800"', 'not-utf8', '2:16'],
  ['half a surrogate pair as an escape', 'name = "a"\ndescription = "\\ud800"', 'toml-syntax', '2:16'],
  ['a character beyond the last', 'name = "a"\ndescription = "\\U00110000"', 'toml-syntax', '2:16'],
  ['__proto__ as a key', 'name = "a"\n__proto__ = 1', 'unknown-key', '2:1'],
  ['__proto__ in quotes', 'name = "a"\n"__pro\\u0074o__" = 1', 'unknown-key', '2:1'],
  ['__proto__ as a table', 'name = "a"\n[__proto__]\nmode = "assist"', 'unknown-key', '2:2'],
  ['__proto__ below a table', 'name = "a"\n[resources.__proto__]\nmax_pids = 5', 'unknown-key', '2:12'],
  ['__proto__ as an array of tables', 'name = "a"\n[[__proto__]]\nx = 1', 'unknown-key', '2:3'],
  ['__proto__ in an inline table', 'name = "a"\nresources = { __proto__ = { max_pids = 5 } }', 'unknown-key', '2:15'],
  ['__proto__ as a variable', 'name = "a"\nextra_env.__proto__ = "x"', 'unknown-key', '2:11'],
  ['constructor as a table', 'name = "a"\n[constructor.prototype]\nx = 1', 'unknown-key', '2:2'],
  [
    'keys every object has',
    'name = "a"\ntoString = 1\n[constructor]\nprototype = 1\n[extra_env]\nconstructor = "x"\nhasOwnProperty = "y"',
    'unknown-key',
    '2:1',
  ],
  ['a key twice', 'name = "a"\nmode = "assist"\nmode = "observe"', 'toml-syntax', '3:1'],
  ['a key twice, once in quotes', 'name = "a"\n"name" = "b"', 'toml-syntax', '2:1'],
  ['a table twice', 'name = "a"\n[resources]\n[network]\n[resources]', 'toml-syntax', '4:2'],
  ['a dotted key that opens a value', 'name = "a"\nname.x = 1', 'toml-syntax', '2:1'],
  ['a table that opens a value', 'name = "a"\n[name]', 'toml-syntax', '2:2'],
  ['a dotted key that reopens a table', 'name = "a"\n[network.x]\n[network]\nx.y = 1', 'toml-syntax', '4:1'],
  ['a table that reopens dotted keys', 'name = "a"\nresources.max_pids = 1\n[resources]\nmax_open_files = 64', 'toml-syntax', '3:2'],
  ['an inline table that is added to', 'name = "a"\nresources = { max_pids = 1 }\nresources.max_open_files = 64', 'toml-syntax', '3:1'],
  ['a list that is made an array of tables', 'name = "a"\ntags = []\n[[tags]]', 'toml-syntax', '3:3'],
  ['a date as a number', 'name = "a"\n[resources]\nmax_pids = 1979-05-27', 'wrong-type', '3:12'],
  ['a date that is none', 'name = "a"\ncreated_at = 2021-13-01', 'toml-syntax', '2:14'],
  // The parser takes it for the 2nd of March; no rule of a profile depends on a date.
  ['a day its month does not have', 'name = "a"\ncreated_at = 2021-02-30', undefined],
  ['a header and nothing more, with Windows line ends', '[\r\n', 'toml-syntax', '1:2'],
  [
    'one long key above many',
    `name = "a"\n["${'k'.repeat(100_000)}"]\n${Array.from({ length: 15_000 }, (_, n) => `x${n} = 1`).join('\n')}`,
    'too-deep',
    '2:3',
  ],
  [
    'many long keys in one another',
    `name = "a"\n[${Array.from({ length: 30 }, () => 'k'.repeat(900)).join('.')}]\n${'x.y.'.repeat(10)}z = 1`,
    'too-deep',
    '2:2',
  ],
  [
    'inline tables with dotted keys in one another',
    `name = "a"\nx = ${`{ ${'a.'.repeat(60)}b = `.repeat(30)}1${' }'.repeat(30)}`,
    'too-deep',
    '2:1',
  ],
  ['a date as a date', 'name = "a"\ncreated_at = 1979-05-27T07:32:00Z', undefined],
  ['an integer beyond 64 bits', 'name = "a"\nresources.max_pids = 99999999999999999999', 'out-of-range', '2:22'],
  ['an integer beyond what a double holds', 'name = "a"\nprofile_version = 9223372036854775807', 'out-of-range', '2:19'],
  ['infinity', 'name = "a"\nresources.max_cpu_percent = inf', 'wrong-type', '2:29'],
  ['an empty file', '', 'missing-key', '1:1'],
  ['nothing but a line end', '\n', 'missing-key', '1:1'],
];

const bytes = (...parts: readonly (string | number)[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.from([part]) : Buffer.from(part))));
/** files that are no UTF-8, and where the first bad byte stands */
const notText: readonly (readonly [says: string, file: Buffer, place: string])[] = [
  ['a Latin-1 letter', bytes('name = "a"\ndescription = "caf', 0xe9, '"\n'), '2:19'],
  ['a Latin-1 letter behind others', bytes('name = "字😀', 0xe9, '"'), '1:12'],
  ['a bad byte in a comment', bytes('# ', 0xff, '\nname = "a"'), '1:3'],
  ['a character cut short at the end', bytes('name = "a" # ', 0xe5, 0xad), '1:14'],
  ['an overlong slash', bytes('name = "', 0xc0, 0xaf, '"'), '1:9'],
  ['an overlong NUL', bytes('name = "', 0xe0, 0x80, 0x80, '"'), '1:9'],
  ['half a surrogate pair', bytes('name = "', 0xed, 0xa0, 0x80, '"'), '1:9'],
  ['a character beyond the last', bytes('name = "', 0xf4, 0x90, 0x80, 0x80, '"'), '1:9'],
  ['UTF-16', Buffer.from('\ufeffname = "a"', 'utf16le'), '1:1'],
];

function told({ findings }: ProfileCheck): readonly string[] {
  return findings.map(({ code, range: { start } }) => `${start.line + 1}:${start.character + 1} ${code}`);
}

for (const [says, text, code, place] of hostile) {
  test(`${says}: ${code === undefined ? 'a clean load' : 'a finding at its place, never a crash'}`, async () => {
    const checked = await check(text);
    if (code === undefined) assert.ok(checked.profile);
    else
      assert.ok(
        told(checked).includes(`${place ?? '1:1'} ${code}`),
        `${told(checked).slice(0, 3).join()} ${checked.findings[0]?.message ?? ''}`,
      );
    assert.equal(({} as Record<string, unknown>)['prototype'], undefined);
    assert.equal(({} as Record<string, unknown>)['max_pids'], undefined);
  });
}

for (const [says, file, place] of notText) {
  test(`no UTF-8, ${says}: a finding at the first bad byte`, async () => {
    assert.deepEqual(told(await check(textOfBytes(file))), [`${place} not-utf8`]);
  });
}

test('text that is UTF-8 is read as it is, and every other byte is kept apart', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => assert.equal(textOfBytes(Buffer.from(text)), text)),
    { numRuns: 300 },
  );
  fc.assert(
    fc.property(fc.array(fc.constantFrom(0x41, 0x80, 0xbf, 0xc2, 0xe0, 0xa0, 0xed, 0x9f, 0xef, 0xf0, 0x90, 0xf4, 0x8f)), (numbers) => {
      const file = Buffer.from(numbers);
      const text = textOfBytes(file);
      const back = Buffer.concat(
        Array.from(text, (character) => {
          const code = character.codePointAt(0) ?? 0;
          return code >= 0xdc80 && code <= 0xdcff ? Buffer.from([code - 0xdc00]) : Buffer.from(character);
        }),
      );
      assert.deepEqual(back, file);
      assert.equal(text.isWellFormed(), file.toString('utf8') === text);
    }),
    { numRuns: 2000 },
  );
});

const key = fc.oneof(
  fc.constantFrom(...keysAt([]), ...keysAt(['resources']), ...keysAt(['network']), '__proto__', '"a.b"', 'a.b', 'x'),
  fc.string({ maxLength: 4 }),
);
const value = fc.constantFrom(
  '1',
  '-1',
  '1.5',
  'nan',
  'inf',
  '"x"',
  '"!x"',
  '"!*"',
  "'y'",
  '[]',
  '["!*", "a"]',
  '[1, "!1"]',
  '{}',
  '{ a = 1 }',
  '{ max_pids = 0 }',
  'true',
  '1979-05-27',
  '07:32:00',
  '99999999999999999999',
  '"""\n"""',
  '',
  '[',
);
const line = fc.oneof(
  fc.tuple(key, value).map(([a, b]) => `${a} = ${b}`),
  key.map((name) => `[${name}]`),
  key.map((name) => `[[${name}]]`),
  fc.constantFrom('name = "a"', 'extends = "/base.toml"', 'extends = "strict"', 'extends = "/a.toml"', '# comment', ''),
  fc.string({ unit: 'binary', maxLength: 10 }),
);

/** A profile or an error, and every place inside the text. */
async function assertSound(text: string): Promise<void> {
  const { findings, profile } = await check(text);
  assert.equal(
    profile === undefined,
    findings.some(({ severity }) => severity === 'error'),
  );
  for (const { range, file, code } of findings) {
    // What is missing from the whole file is told at its first character, also where there is none.
    if (file === '/a.toml' && !(range.start.line === 0 && range.start.character === 0 && range.end.line === 0 && range.end.character === 1))
      assertInside(range, text, code);
  }
}

test('any lines whatever give a profile or an error, with every place inside the text', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 12 }), fc.constantFrom('\n', '\r\n', '\r'), (parts, end) => assertSound(parts.join(end))),
    { numRuns: 1500 },
  );
});

test('any bytes whatever give a profile or an error, with every place inside the text', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 80 }), (raw) => assertSound(textOfBytes(raw))),
    { numRuns: 1500 },
  );
});

const token = fc.constantFrom(
  ...['[', ']', '[[', ']]', '{', '}', '"', "'", '"""', "'''", '=', '.', ',', '#', '\\', '\\u', '\\U0010ffff', '\\x41'],
  ...['\n', '\r\n', '\r', ' ', '\t', '\0', '\ufeff', '\u2028', '\ud800', '\udc80', '😀', '__proto__', 'constructor', 'toString'],
  ...['name', 'name = "a"', 'extends = "/base.toml"', 'resources', 'network.rules', 'secrets.X', 'tags', '"!*"', '"!a"', '@npm'],
  ...[
    '1',
    '-0',
    '1_0',
    '0x',
    '0b2',
    '1e',
    '1e999',
    'inf',
    'nan',
    'true',
    '07:32',
    '1979-05-27',
    '1979-13-40',
    'T00:00Z',
    '9223372036854775808',
  ],
);

test('any pieces of TOML in any order give a profile or an error, with every place inside the text', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(token, { maxLength: 40 }), (tokens) => assertSound(tokens.join(''))),
    { numRuns: 3000 },
  );
});

test('any change to a built-in profile gives a profile or an error, with every place inside the text', async () => {
  const change = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    drop: fc.nat(30),
    put: fc.oneof(token, fc.string({ unit: 'binary', maxLength: 5 })),
  });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...builtInProfiles), fc.array(change, { minLength: 1, maxLength: 4 }), ({ text }, changes) => {
      let changed = text;
      for (const { at, drop, put } of changes) {
        const place = Math.floor(at * changed.length);
        changed = changed.slice(0, place) + put + changed.slice(place + drop);
      }
      return assertSound(changed);
    }),
    { numRuns: 600 },
  );
});
