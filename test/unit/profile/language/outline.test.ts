/** The tolerant reading of a text says what the parser says, wherever the parser says anything. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { draftOf } from '../../../../helper/profile/language/draft.ts';
import { outlineOf } from '../../../../helper/profile/language/outline.ts';
import { locate } from '../../../../helper/profile/locate.ts';
import { parseText } from '../../../../helper/profile/parse.ts';
import { positionsOf } from '../../../../helper/profile/positions.ts';
import { originsOf, treeOf, valuesOf } from '../../../../helper/profile/tree.ts';
import { profilesFolder } from '../../../kit/profile-sources.ts';
import { tomlText } from '../../../kit/toml-texts.ts';

const corpus = join(import.meta.dirname, '../../../corpus/profiles');
const files = [profilesFolder, corpus].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.toml'))
    .map((name) => join(folder, name)),
);

function sameAsParsed(text: string): boolean {
  const parsed = parseText(text, '/p.toml');
  if (!parsed.ok) return false;
  const positions = positionsOf(text);
  const draft = draftOf(outlineOf(text), positions, '/p.toml');
  const tree = treeOf(parsed.raw, locate(text), '/p.toml');
  assert.deepEqual(plain(valuesOf(draft)), plain(valuesOf(tree)));
  const places = originsOf(draft);
  for (const [path, origin] of originsOf(tree)) assert.equal(places.get(path)?.line, origin.line, path);
  return true;
}

/** Equal whatever the order of keys and the kind of date. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]: [string, unknown]) => [`.${key}`, plain(inner)]));
}

test('profiles that are shipped, and those of other people, are read as the parser reads them', () => {
  assert.ok(files.filter((file) => sameAsParsed(readFileSync(file, 'utf8'))).length > 8);
});

test('generated texts are read as the parser reads them', () => {
  let valid = 0;
  fc.assert(
    fc.property(tomlText, (text) => {
      valid += Number(sameAsParsed(text));
    }),
    { numRuns: 300 },
  );
  assert.ok(valid > 200, `${valid} of 300 were valid`);
});

test('a broken text is read to its end, whatever is broken', () => {
  fc.assert(
    fc.property(
      tomlText,
      fc.nat(),
      fc.string({ maxLength: 3, unit: fc.constantFrom('"', '[', ']', '{', '}', '=', "'", '#', '\n', ',') }),
      (text, at, junk) => {
        const place = at % (text.length + 1);
        const { sections } = outlineOf(text.slice(0, place) + junk + text.slice(place));
        assert.ok(sections.every(({ start, end }) => start <= end));
      },
    ),
    { numRuns: 300 },
  );
});
