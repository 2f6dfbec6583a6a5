/** Whatever a text looks like: merged and taken out it is as it was, merged twice it is as merged once, and the user's own keys survive. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { stringify as tomlOf } from 'smol-toml';
import { stringify as yamlOf } from 'yaml';
import type { GeneratedFile, JsonObject, JsonValue } from '../../../../helper/agents/agent.ts';
import type { FileRecord } from '../../../../helper/agents/told/manifest.ts';
import { mergeFile, takeOutFile } from '../../../../helper/agents/merging/merge.ts';
import { isRefusal } from '../../../../helper/agents/merging/outcome.ts';
import { holds, isObject, putInto, sameValue, takeOut } from '../../../../helper/agents/merging/values.ts';
import { meaning } from '../../../../helper/agents/merging/values-text.ts';

const mark = { profile: 'p', digest: '0'.repeat(64) };
type Form = 'json' | 'jsonc' | 'toml' | 'yaml';

const key = fc.constantFrom('a', 'b', 'permissions', 'deny', '__proto__', 'x y', 'ü', '*', 'rm *');
const single = fc.oneof(
  fc.constantFrom('rm', 'curl', '', 'a "b"', '// no', '/* no */', '# no'),
  fc.integer({ min: -5, max: 5 }),
  fc.boolean(),
);
const { value } = fc.letrec<{ value: JsonValue; object: JsonObject }>((tie) => ({
  value: fc.oneof({ maxDepth: 3, depthSize: 'small' }, single, fc.array(single, { maxLength: 3 }), tie('object')),
  object: fc.dictionary(key, tie('value'), { maxKeys: 4 }),
}));
const object: fc.Arbitrary<JsonObject> = fc.dictionary(key, value, { maxKeys: 4 });

const jsonText = fc
  .tuple(object, fc.constantFrom(0, 1, 2, 4, '\t'), fc.constantFrom('\n', '\r\n'), fc.boolean(), fc.boolean())
  .map(
    ([written, indent, line, ends, bom]) =>
      `${bom ? '\ufeff' : ''}${JSON.stringify(written, null, indent).replaceAll('\n', line)}${ends ? line : ''}`,
  );
/** Comments wherever a token ends, commas behind the last. */
const commented = fc
  .tuple(jsonText, fc.array(fc.constantFrom(' ', '/* c */', ' // c\n', '\n', '  '), { minLength: 1, maxLength: 5 }), fc.boolean())
  .map(([text, between, comma]) => {
    let at = 0;
    const next = (): string => between[(at += 1) % between.length] ?? '';
    const parts = text.match(/"(?:\\.|[^"\\])*"|[[\]{},:]|[^"[\]{},:]+/g) ?? [];
    return parts
      .map((part, index) => {
        if (!/^[[\]{},:]$/.test(part)) return part;
        const full = /^["\d\w\]}-]/.test((parts.slice(0, index).findLast((each) => each.trim() !== '') ?? '').trim());
        return comma && (part === '}' || part === ']') && full ? `,${next()}${part}` : part + next();
      })
      .join('');
  });

const fileOf = (form: Form, put: JsonObject): GeneratedFile => ({ kind: 'values', path: 'f', form, value: put });

function keeps(text: string, form: Form, put: JsonObject, next: JsonObject): void {
  const before = meaning(text.replace(/^\ufeff/, ''), form);
  fc.pre(!isRefusal(before));
  const once = mergeFile(text, fileOf(form, put), mark, undefined);
  if (isRefusal(once)) {
    assert.equal(form, 'toml', once.refused);
    return;
  }
  const record: FileRecord = { path: 'f', agents: [], folders: [], ...once.record };
  const after = meaning(once.text.replace(/^\ufeff/, ''), form);
  assert.ok(!isRefusal(after) && !isRefusal(before));
  assert.ok(holds(after.meant, put) && sameValue(after.meant, putInto(before.meant, put)));
  assert.deepEqual(takeOutFile(once.text, record), { text });
  assert.deepEqual(mergeFile(once.text, fileOf(form, put), mark, record), once);
  // Another profile, and then somebody touches the file.
  const second = mergeFile(once.text, fileOf(form, next), mark, record);
  if (isRefusal(second)) return;
  assert.deepEqual(takeOutFile(second.text, { ...record, ...second.record }), { text });
  const left = takeOutFile(`${once.text}\n`, record);
  assert.ok(!isRefusal(left), isRefusal(left) ? left.refused : '');
  const meant = left.text === null || left.text.trim() === '' ? { meant: {} } : meaning(left.text.replace(/^\ufeff/, ''), form);
  assert.ok(!isRefusal(meant));
  const was = record.was ?? {};
  const wanted = form === 'toml' ? before.meant : (takeOut(after.meant, put, was) ?? {});
  assert.ok(sameValue(meant.meant, wanted), `${left.text ?? ''}\nshould mean ${JSON.stringify(wanted)}`);
}

test('JSON', () =>
  fc.assert(
    fc.property(jsonText, object, object, (text, put, next) => keeps(text, 'json', put, next)),
    { numRuns: 300 },
  ));
test('JSON with comments', () =>
  fc.assert(
    fc.property(commented, object, object, (text, put, next) => keeps(text, 'jsonc', put, next)),
    { numRuns: 300 },
  ));
test('YAML', () =>
  fc.assert(
    fc.property(object, object, object, (there, put, next) => keeps(`# mine\n${yamlOf(there)}`, 'yaml', put, next)),
    { numRuns: 200 },
  ));
test('TOML', () =>
  fc.assert(
    fc.property(object, object, object, (there, put, next) => keeps(`# mine\n${tomlOf(there)}`, 'toml', put, next)),
    { numRuns: 200 },
  ));

test('texts with a marked part', () => {
  const line = fc.constantFrom('', 'text', '# Title', '  - item', '<!-- mine -->', '```');
  const text = fc
    .tuple(fc.array(line, { maxLength: 6 }), fc.constantFrom('\n', '\r\n'), fc.boolean())
    .map(([lines, end, ends]) => lines.join(end) + (ends ? end : ''));
  const body = fc.array(fc.constantFrom('One.', '', '- two'), { minLength: 1, maxLength: 4 }).map((lines) => `x\n${lines.join('\n')}\n`);
  fc.assert(
    fc.property(text, body, body, (before, first, second) => {
      const file = (said: string): GeneratedFile => ({ kind: 'block', path: 'f', text: said, comment: 'html' });
      const once = mergeFile(before, file(first), mark, undefined);
      assert.ok(!isRefusal(once));
      const record: FileRecord = { path: 'f', agents: [], folders: [], ...once.record };
      assert.deepEqual(takeOutFile(once.text, record), { text: before });
      const again = mergeFile(once.text, file(second), mark, record);
      assert.ok(!isRefusal(again));
      assert.deepEqual(takeOutFile(again.text, { ...record, ...again.record }), { text: before });
      assert.deepEqual(mergeFile(again.text, file(first), mark, { ...record, ...again.record }), once);
    }),
    { numRuns: 300 },
  );
});

test('notes that anybody may have written never take away what is not in them', () => {
  fc.assert(
    fc.property(
      object,
      object,
      object,
      fc.array(fc.record({ at: fc.nat(60), remove: fc.nat(60), insert: fc.constantFrom('', '{', 'x') }), { maxLength: 3 }),
      (there, put, was, pass) => {
        const text = `${JSON.stringify(there, null, 2)}\n`;
        const once = mergeFile(text, fileOf('json', put), mark, undefined);
        assert.ok(!isRefusal(once));
        const record: FileRecord = { path: 'f', agents: [], folders: [], ...once.record, put, was, undo: [pass] };
        const left = takeOutFile(once.text, record);
        if (isRefusal(left)) return;
        const found = left.text === null ? { meant: {} } : meaning(left.text, 'json');
        assert.ok(!isRefusal(found));
        for (const [name, own] of Object.entries(there)) if (!Object.hasOwn(put, name)) assert.ok(sameValue(found.meant[name], own), name);
        assert.ok(isObject(found.meant));
      },
    ),
    { numRuns: 200 },
  );
});
