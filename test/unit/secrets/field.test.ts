/** A field of a JSON document: total for whatever the document and the path are. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fieldOf } from '../../../helper/secrets/field.ts';

test('no document and no path is a fault of ours, and a refusal never repeats a value', () => {
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string()), fc.string(), (text, field) => {
      const found = fieldOf(text, field);
      assert.ok(
        found.ok
          ? typeof found.value === 'string'
          : !found.reason.includes(text) || text.length < 3 || field.includes(text) || 'it is not JSON'.includes(text),
      );
    }),
  );
});

test('every text that is somewhere is found by its path', () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z]{1,5}$/), { minLength: 1, maxLength: 6 }), fc.string(), (steps, value) => {
      const document = steps.reduceRight<unknown>((inner, step) => ({ [step]: inner }), value);
      assert.deepEqual(fieldOf(JSON.stringify(document), steps.join('.')), { ok: true, value });
      assert.deepEqual(fieldOf(JSON.stringify(document), `/${steps.join('/')}`), { ok: true, value });
    }),
  );
});

test('prototypes are no fields', () => {
  for (const field of ['__proto__', 'constructor.name', 'toString', 'a.length', 'list.length.x'])
    assert.equal(fieldOf('{"a": {}, "list": []}', field).ok, false, field);
});
