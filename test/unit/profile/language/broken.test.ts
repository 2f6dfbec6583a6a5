/** Help goes on while a text is broken: at every step of typing a profile, and in what nobody would type. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { completionAt } from '../../../../helper/profile/language/completion.ts';
import { definitionsAt } from '../../../../helper/profile/language/definition.ts';
import { formatEdits } from '../../../../helper/profile/language/format.ts';
import { hoverAt } from '../../../../helper/profile/language/hover.ts';
import { lensesOf } from '../../../../helper/profile/language/lenses.ts';
import { symbolsOf } from '../../../../helper/profile/language/symbols.ts';
import { readingAt, team } from '../../../kit/profile-reading.ts';
import { tomlText } from '../../../kit/toml-texts.ts';

const around = { profiles: () => Promise.resolve([]), variables: () => ['HOME'] };
const files = { '/user/team.toml': team };
const typed = `name = "p"
extends = "team"
mode = "assist"

[network]
allowed_domains = ["@pypi", "!@npm"]
allowed_ports = [80]

[[network.rules]]
host = "x.example"
methods = ["GET"]

[secrets.npm]
from = "env:HOME"
`;

/** All features at one place; what is put forward there. */
async function everything(text: string, offset: number): Promise<readonly string[]> {
  const { reading } = await readingAt(text, files);
  hoverAt(reading, offset);
  await definitionsAt(reading, offset);
  lensesOf(reading);
  symbolsOf(text, reading.outline, reading.positions);
  formatEdits(text);
  return (await completionAt(reading, offset, around)).map(({ label }) => label);
}

test('at every step of typing a profile, what is typed next is put forward where it is a word of the language', async () => {
  const next: Readonly<Record<string, string>> = {
    'mode = ': '"assist"',
    '\n[net': '[network]',
    allowed_d: 'allowed_domains',
    '["': '@pypi',
    '["@pypi", "!': '!@npm',
    '[[n': '[[network.rules]]',
    '\nho': 'host',
    'methods = [': 'GET',
    '\n[s': '[secrets.NAME]',
    '"env:': 'env:HOME',
  };
  const seen = new Set<string>();
  for (let end = 0; end <= typed.length; end += 1) {
    const text = typed.slice(0, end);
    const labels = await everything(text, end);
    for (const [ending, label] of Object.entries(next)) {
      if (!text.endsWith(ending) || text.endsWith(`GET${ending}`) || (ending === '["' && !text.endsWith('allowed_domains = ["'))) continue;
      seen.add(ending);
      assert.ok(labels.includes(label), `${label} after ${JSON.stringify(text.slice(-30))}: ${labels.join(' ')}`);
    }
  }
  assert.deepEqual([...seen].sort(), Object.keys(next).sort());
});

test('typing in the middle leaves the rest of the profile known', async () => {
  const [before = '', after = ''] = typed.split('allowed_ports');
  for (const part of ['allo', 'allowed_ports = [', 'allowed_ports = ["', 'allowed_ports = [80,\n  "!4', '[', 'x = "']) {
    const text = `${before}${part}\n\n${after.slice(after.indexOf('\n'))}`;
    const { reading } = await readingAt(text, files);
    const names = symbolsOf(text, reading.outline, reading.positions).map(({ name }) => name);
    for (const name of ['name', 'network', 'x.example', 'secrets.npm'])
      assert.ok(names.includes(name), `${name} with ${JSON.stringify(part)}`);
  }
});

test('no text and no place makes anything fail', async () => {
  const junk = fc.string({
    maxLength: 4,
    unit: fc.constantFrom('"', '[', ']', '{', '}', '=', "'", '#', '\n', '\r', ',', '.', '!', '@', '\0', 'é'),
  });
  await fc.assert(
    fc.asyncProperty(fc.oneof(tomlText, fc.constant(typed)), fc.nat(), junk, fc.nat(), async (text, place, put, offset) => {
      const at = place % (text.length + 1);
      await everything(text.slice(0, at) + put + text.slice(at), offset % (text.length + 10));
    }),
    { numRuns: 400 },
  );
});

const many = (count: number, text: (index: number) => string): string => Array.from({ length: count }, (_, index) => text(index)).join('');
const hostile: Readonly<Record<string, string>> = {
  'very many entries': many(30_000, () => '[[a]]\n'),
  'very deep keys': `${'a.'.repeat(60_000)}b = 1\n[${'a.'.repeat(60_000)}b]\n`,
  'very deep lists': `a = ${'['.repeat(100_000)}`,
  'very deep tables': `a = ${'{a.b='.repeat(40_000)}`,
  'very many quotes': `a = ${'"""'.repeat(50_001)}`,
  'a list that never ends': `a = [\n${many(20_000, (index) => `"${index}",\n`)}`,
  'very many keys': many(20_000, (index) => `k${index} = 1\n`),
  'a very long line': `a = [${many(40_000, () => '"x", ')}]`,
  'too long a text': many(60_000, (index) => `key-${index} = "value"\n`),
};
for (const [what, text] of Object.entries(hostile)) {
  test(`${what} are read like any others`, { timeout: 20_000 }, async () => {
    for (const offset of [0, Math.floor(text.length / 2), text.length]) await everything(text, offset);
  });
}

test('keys that objects have anyway are keys like any others', async () => {
  for (const key of ['__proto__', 'constructor', 'toString', 'hasOwnProperty'])
    for (const text of [
      `${key} = 1\n`,
      `[${key}]\n`,
      `[[${key}]]\nx = 1\n`,
      `${key}.${key} = ["@${key}"]\n`,
      `extends = "${key}"`,
      `[network]\nallowed_domains = ["@${key}"]`,
    ])
      for (let offset = 0; offset <= text.length; offset += 1) await everything(text, offset);
});
