/** Profiles meant to break the loader: each gives findings or loads, and none crashes, hangs or reaches a prototype. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkProfile, type ProfileCheck } from '../../../helper/profile/check.ts';
import { keysAt } from '../../../helper/protocol/profile/shape.ts';
import { memorySources } from '../../kit/profile-sources.ts';

const sources = memorySources({ '/base.toml': 'name = "base"\ntags = ["a"]' });
const check = (text: string): Promise<ProfileCheck> => checkProfile({ file: '/a.toml', text }, sources);

const lines = 200_000 / 8;
const hostile: readonly (readonly [says: string, text: string, code: string | undefined])[] = [
  ['a huge file', '#'.repeat(300_000), 'too-large'],
  ['a file that is huge in bytes only', '#' + '字'.repeat(100_000), 'too-large'],
  ['lists nested deeply', `name = ${'['.repeat(5000)}${']'.repeat(5000)}`, 'too-deep'],
  ['inline tables nested deeply', `name = ${'{ a = '.repeat(5000)}1${' }'.repeat(5000)}`, 'too-deep'],
  ['a key dotted thousands of times', `${'a.'.repeat(20_000)}a = 1`, 'too-deep'],
  ['a header dotted thousands of times', `[${'a.'.repeat(20_000)}a]`, 'too-deep'],
  ['many tables of an array', 'name = "a"\n' + '[[tags]]\n'.repeat(lines), 'wrong-type'],
  ['many unknown keys', Array.from({ length: 20_000 }, (_, n) => `k${n} = 1`).join('\n'), 'unknown-key'],
  ['many removals from a long list', `name = "a"\nextends = "/base.toml"\ntags = [${'"!a","b",'.repeat(20_000)}]`, 'nothing-to-remove'],
  ['an unclosed string', 'name = "' + 'a'.repeat(200_000), 'toml-syntax'],
  ['an unclosed list', 'name = [' + '1,'.repeat(100_000), 'toml-syntax'],
  ['lone carriage returns', 'name = "a"\rmode = "x"', 'toml-syntax'],
  ['half a surrogate pair', 'name = "a"\ndescription = "\ud800"', undefined],
  [
    'keys every object has',
    'name = "a"\ntoString = 1\n[constructor]\nprototype = 1\n[extra_env]\nconstructor = "x"\nhasOwnProperty = "y"',
    'unknown-key',
  ],
];

for (const [says, text, code] of hostile) {
  test(`${says}: findings, never a crash`, async () => {
    const { findings, profile } = await check(text);
    if (code === undefined) assert.ok(profile);
    else
      assert.ok(
        findings.some((finding) => finding.code === code),
        JSON.stringify(findings.slice(0, 3)),
      );
    assert.equal(({} as Record<string, unknown>)['prototype'], undefined);
  });
}

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

test('any text gives a profile or an error, with every place inside the text', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 12 }), fc.constantFrom('\n', '\r\n', '\r'), async (parts, end) => {
      const text = parts.join(end);
      const { findings, profile } = await check(text);
      assert.equal(
        profile === undefined,
        findings.some(({ severity }) => severity === 'error'),
      );
      const rows = text.split(/\r\n|\n|\r/);
      for (const { range, file } of findings) {
        if (file !== '/a.toml') continue;
        assert.ok(range.start.line < rows.length && range.end.line < rows.length);
        assert.ok(range.start.line < range.end.line || range.start.character <= range.end.character);
      }
    }),
    { numRuns: 1500 },
  );
});
