/** What is wrong with a profile although the schema accepts it, one case a line in test/corpus/profiles/lint.jsonl; and that quick fixes fix. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parse } from 'smol-toml';
import { z } from 'zod';
import { canonicalPattern } from '../../../helper/policy/network/hosts.ts';
import { checkProfile } from '../../../helper/profile/check.ts';
import { isPlain } from '../../../helper/profile/lint/host-index.ts';
import { positionsOf } from '../../../helper/profile/positions.ts';
import type { ProfileSources } from '../../../helper/profile/sources.ts';
import type { Finding, Fix } from '../../../helper/protocol/finding.ts';
import { keysAt } from '../../../helper/protocol/profile/shape.ts';
import { builtInGroups, builtInProfiles, memorySources } from '../../kit/profile-sources.ts';

const corpus = join(import.meta.dirname, '../../corpus/profiles');
const golden = z.object({
  says: z.string(),
  text: z.string(),
  file: z.string().default('/a.toml'),
  files: z.record(z.string(), z.string()).default({}),
  findings: z.array(z.string()),
});
const casesOf = (name: string): readonly z.infer<typeof golden>[] =>
  readFileSync(join(corpus, name), 'utf8')
    .trim()
    .split('\n')
    .map((line) => golden.parse(JSON.parse(line)));

const groups = { npm: ['registry.npm.test'], pair: ['one.pair.test', 'two.pair.test'], 'pair-too': ['two.pair.test'] };
const sourcesOf = (files: Readonly<Record<string, string>>): ProfileSources => ({
  ...memorySources(files),
  hostGroups: {
    ...builtInGroups,
    ...Object.fromEntries(Object.entries(groups).map(([name, hosts]) => [name, hosts.map((host) => ({ host }))])),
  },
});

const shown = (finding: Finding, from: string): string => {
  const { severity, code, message, file = '', fixes, range } = finding;
  const { start, end } = range;
  const at = `${start.line + 1}:${start.character + 1}-${end.line + 1}:${end.character + 1}`;
  const offered = fixes === undefined ? '' : ` {${fixes.map(({ title }) => title).join('|')}}`;
  return `${file === from ? '' : `${file}:`}${at} ${severity} ${code} ${message}${offered}`;
};

describe('lint', () => {
  for (const { says, text, file, files, findings } of casesOf('lint.jsonl'))
    test(says, async () => {
      const check = await checkProfile({ file, text }, sourcesOf(files));
      const said = check.findings.filter(({ code }) => code !== 'not-enforced');
      assert.deepEqual(
        said.map((finding) => shown(finding, file)),
        findings,
      );
    });
});

test('every warning and error of lint says what to do', async () => {
  for (const { says, text, file, files } of casesOf('lint.jsonl')) {
    const { findings } = await checkProfile({ file, text }, sourcesOf(files));
    const silent = findings.filter(({ severity, hint, code }) => severity !== 'information' && hint === undefined && code !== 'bad-value');
    assert.deepEqual(silent, [], says);
  }
});

function applied(text: string, { edits }: Fix): string {
  const positions = positionsOf(text);
  const offset = ({ line, character }: { readonly line: number; readonly character: number }): number => positions.offset(line, character);
  return [...edits]
    .sort((a, b) => offset(b.range.start) - offset(a.range.start))
    .reduce((result, edit) => result.slice(0, offset(edit.range.start)) + edit.text + result.slice(offset(edit.range.end)), text);
}

test('every quick fix leaves TOML, and settles what it was offered for', async () => {
  let fixes = 0;
  for (const { says, text, file, files } of [...casesOf('lint.jsonl'), ...casesOf('findings.jsonl'), ...casesOf('fixes.jsonl')])
    for (const ending of ['\n', '\r\n']) {
      const written = text.replaceAll(/\r?\n/g, ending);
      const { findings } = await checkProfile({ file, text: written }, sourcesOf(files));
      for (const finding of findings)
        for (const fix of finding.file === file ? (finding.fixes ?? []) : []) {
          fixes += 1;
          const mended = applied(written, fix);
          const about = `${says}: ${finding.message}: ${fix.title}:\n${mended}`;
          // A text with two faults may have the other one left.
          const after = await checkProfile({ file, text: mended }, sourcesOf(files));
          assert.doesNotThrow(() => parse(mended, { integersAsBigInt: 'asNeeded' }), about);
          assert.ok(
            !after.findings.some(
              ({ code, message, path }) => code === finding.code && message === finding.message && path.join() === finding.path.join(),
            ),
            about,
          );
        }
    }
  assert.ok(fixes > 150, String(fixes));
});

test('a fix changes what it says and nothing else', async () => {
  for (const { says, text, file, files, findings } of casesOf('fixes.jsonl')) {
    const check = await checkProfile({ file, text }, sourcesOf(files));
    const results = check.findings.flatMap((finding) => (finding.fixes ?? []).map((fix) => `${fix.title} → ${applied(text, fix)}`));
    assert.deepEqual(results, findings, says);
  }
});

test('the built-in profiles are free of lint', async () => {
  for (const { name, text, file } of builtInProfiles) {
    const { findings } = await checkProfile({ file, text }, memorySources({}));
    assert.deepEqual(
      findings.filter(({ severity }) => severity !== 'information').map((finding) => shown(finding, file)),
      [],
      name,
    );
  }
});

describe('where the machine is known', () => {
  const machine = (): ReturnType<NonNullable<ProfileSources['machine']>> =>
    Promise.resolve({
      isolations: [
        { level: 'container', available: true },
        { level: 'gvisor', available: true, missing: [{ control: 'pids', reason: 'it must ignore control groups' }] },
        { level: 'kata', available: false, reason: 'there is no such runtime' },
      ],
      missing: [{ control: 'memory', reason: 'no control group is delegated' }],
    });
  const found = async (text: string, known = machine): Promise<readonly string[]> => {
    const { findings } = await checkProfile({ file: '/a.toml', text }, { ...memorySources({}), machine: known });
    return findings.filter(({ code }) => code === 'unenforceable-here').map((finding) => shown(finding, '/a.toml'));
  };
  const memory = 'warning unenforceable-here This machine cannot enforce memory: no control group is delegated';
  const pids = 'warning unenforceable-here This machine cannot enforce pids: it must ignore control groups';

  const cases: readonly (readonly [says: string, text: string, findings: readonly string[]])[] = [
    ['a limit it cannot keep is shown at its key', 'resources.max_memory_mb = 64', [`2:11-2:24 ${memory}`]],
    ['with nothing written about it, where enforcement is required', 'resources.enforcement = "required"', [`2:11-2:22 ${memory}`]],
    ['nothing is said where enforcement is preferred', 'resources = { enforcement = "preferred", max_memory_mb = 64 }', []],
    ['what one isolation lacks is shown with it', 'isolation = "gvisor"', [`2:1-2:10 ${memory}`, `2:1-2:10 ${pids}`]],
    [
      'an isolation it has not is shown, preferred or not',
      'isolation = "kata"\nresources.enforcement = "preferred"',
      ['2:13-2:19 warning unenforceable-here This machine cannot isolate with kata: there is no such runtime'],
    ],
    ['a profile that asks for nothing is not remarked on', 'mode = "assist"', []],
  ];
  for (const [says, text, findings] of cases) test(says, async () => assert.deepEqual(await found(`name = "a"\n${text}`), findings));

  test('a machine that cannot be asked hides nothing else', async () => {
    assert.deepEqual(await found('name = "a"\nisolation = "kata"', () => Promise.reject(new Error('no'))), []);
    assert.deepEqual(await found('name = "a"\nisolation = "kata"', () => Promise.resolve(undefined)), []);
  });
});

const keys = keysAt([]).flatMap((key) => [key, ...keysAt([key]).map((inner) => `${key}.${inner}`)]);
const values = [
  ...['1', '-1', '"x"', '""', '"*"', '"!*"', '[]', '["!*"]', '["!x", "x", "x"]', '["a.example", "A.example", "*.example", "@npm", "@no"]'],
  ...[
    '[443, 5432, "!80"]',
    '["10.0.0.1/8", "::/0", "x"]',
    '{}',
    '{ from = "github" }',
    '{ a = { from = "env:A", hosts = ["a.example", "*"] } }',
  ],
  ...[
    '[{ host = "a.example" }, { host = "*", action = "deny" }, { host = "@npm", ports = [5432], action = "ask" }]',
    'true',
    '1979-05-27',
    'nan',
  ],
  ...[
    '"full"',
    '"none"',
    '"restricted"',
    '"ask"',
    '"off"',
    '"whitelist"',
    '"blacklist"',
    '"observe"',
    '["bash", "git push", "\\u0000"]',
    '{ git = ["git push"] }',
  ],
];

test('whatever stands at the keys, every finding and every fix lies inside the text', async () => {
  const line = fc.tuple(fc.constantFrom(...keys), fc.constantFrom(...values)).map(([key, value]) => `${key} = ${value}`);
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 12 }), async (lines) => {
      const text = ['name = "a"', ...lines].join('\n');
      const { findings } = await checkProfile({ file: '/a.toml', text }, sourcesOf({}));
      const rows = text.split('\n');
      for (const { range, fixes = [] } of findings)
        for (const place of [range, ...fixes.flatMap(({ edits }) => edits.map((edit) => edit.range))])
          for (const { line: row, character } of [place.start, place.end])
            assert.ok(row < rows.length && character <= (rows[row] ?? '').length, JSON.stringify(place));
    }),
    { numRuns: 200 },
  );
});

test('long hostile lists are read to their end', async () => {
  const spelled = (n: number): string =>
    Array.from('abcdefghijkl')
      .map((letter, bit) => ((n >> bit) & 1 ? letter.toUpperCase() : letter))
      .join('');
  const list = (count: number, item: (n: number) => string): string => `[${Array.from({ length: count }, (_, n) => item(n)).join()}]`;
  const hosts = list(4000, (n) => `"${spelled(n)}.example"`);
  const rules = list(1000, (n) => `{host="a.example",ports=[${n + 1}]},{host="*.example",action="deny",ports=[${n + 2}]}`);
  const ports = list(8000, (n) => String(n + 1));
  const text = `name = "a"\ntags = ${list(4000, (n) => `"!t${n}"`)}\n[network]\nallowed_domains = ${hosts}\nrules = ${rules}\nblocked_ports = ${ports}`;
  const { findings } = await checkProfile({ file: '/a.toml', text }, sourcesOf({}));
  const count = (code: string): number => findings.filter((finding) => finding.code === code).length;
  assert.deepEqual(['covered', 'nothing-to-remove', 'blocked-port', 'host-spelling'].map(count), [3999, 4000, 1000, 3999]);
});

test('what is taken for a plain host is its own canonical form', () => {
  const piece = fc.constantFrom('a', 'z', '0', '9', '-', '.', '*', '_', 'X', 'xn--', '0x1', 'ß', '.example', '127.0.0.1');
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 8 }), (pieces) => {
      const text = pieces.join('');
      if (isPlain(text)) assert.equal(canonicalPattern(text), text);
    }),
    { numRuns: 2000 },
  );
});
