import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { formsOf, Unescaper } from '../../../helper/egress/encodings.ts';
import { GivenValues, Redactor } from '../../../helper/egress/redact.ts';
import { Searcher, searchFor } from '../../../helper/egress/search.ts';

/** A text cut into pieces at these places. */
function pieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, at) => bytes.subarray(places[at], end));
}
const cuts = fc.array(fc.nat(), { maxLength: 8 });
const few = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 6 });

test('a text is found where it first ends, however the bytes are cut', () => {
  fc.assert(
    fc.property(
      fc.array(few, { minLength: 1, maxLength: 5 }),
      fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd'), maxLength: 60 }),
      cuts,
      (texts, all, at) => {
        const ends = texts
          .map((text) => all.indexOf(text))
          .map((start, index) => (start < 0 ? Number.POSITIVE_INFINITY : start + (texts[index]?.length ?? 0)));
        const first = Math.min(...ends);
        const searcher = new Searcher(searchFor(texts.map((text) => Buffer.from(text))));
        let before = 0;
        let found = Number.POSITIVE_INFINITY;
        for (const piece of pieces(Buffer.from(all), at)) {
          const hit = searcher.next(piece);
          if (hit !== undefined) {
            found = before + hit.end;
            assert.ok(texts.some((text) => all.slice(0, found).endsWith(text) && text.length === hit.length));
            break;
          }
          before += piece.length;
        }
        assert.equal(found, first);
      },
    ),
    { numRuns: 500 },
  );
});

/** What comes out of a redactor, with a moment of silence after some pieces. */
function redacted(redactor: Redactor, parts: readonly Buffer[], silences: readonly boolean[] = []): string {
  const out = parts.flatMap((part, at) => [redactor.push(part), ...(silences[at] === true ? [redactor.pause()] : [])]);
  return Buffer.concat([...out, redactor.end()]).toString('latin1');
}

function redactorFor(...values: readonly string[]): Redactor {
  const given = new GivenValues();
  values.forEach((value, at) => given.remember(`[${at}]`, value));
  assert.ok(given.redaction);
  return new Redactor(given.redaction);
}

test('what holds no value comes out as it went in, however it is cut', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), cuts, fc.array(fc.boolean()), (bytes, at, silences) => {
      const all = Buffer.from(bytes);
      assert.equal(redacted(redactorFor('abcd-efgh-ijkl'), pieces(all, at), silences), all.toString('latin1'));
    }),
  );
  assert.equal(redacted(redactorFor('abcdefgh'), [Buffer.from('abcd'), Buffer.from('efg')]), 'abcdefg');
});

test('no value comes out, in no form, however it is cut', () => {
  const value = fc.string({ unit: 'grapheme-ascii', minLength: 8, maxLength: 30 }).filter((text) => !/^\[?\d?\]?$/.test(text));
  fc.assert(
    fc.property(value, fc.string({ maxLength: 20 }), fc.nat(), cuts, fc.array(fc.boolean()), (secret, around, which, at, silences) => {
      const forms = formsOf(secret);
      const form = forms[which % forms.length] ?? Buffer.alloc(0);
      const all = Buffer.concat([Buffer.from(around), form, Buffer.from(around)]);
      const whole = redacted(redactorFor(secret), pieces(all, at));
      assert.ok(!whole.includes(form.toString('latin1')));
      // After a moment of silence the first bytes may have gone, and no more of them.
      const quiet = redacted(redactorFor(secret), pieces(all, at), silences);
      assert.ok(!quiet.includes(form.subarray(5).toString('latin1')) || whole.includes(form.subarray(5).toString('latin1')));
    }),
    { numRuns: 500 },
  );
});

test('a value is replaced once, and everything around it stays', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['<first-value>', '<[0]>'],
    ['first-valuefirst-value', '[0][0]'],
    ['first-first-value', 'first-[0]'],
    ['second+value second%2Bvalue', '[1] [1]'],
    [`a ${Buffer.from('xfirst-value').toString('base64')}`, 'a eG[0]'],
  ];
  for (const [text, wanted] of cases)
    for (const size of [1, 2, 3, 100]) {
      const parts = Array.from({ length: Math.ceil(text.length / size) }, (_, at) => Buffer.from(text.slice(at * size, (at + 1) * size)));
      assert.match(redacted(redactorFor('first-value', 'second+value'), parts), new RegExp(`^${wanted.replace(/[[\]+]/g, '\\$&')}.{0,2}$`));
    }
});

test('stars in place of a value keep the length', () => {
  const given = new GivenValues();
  given.remember('a-long-placeholder-for-it', 'first-value');
  assert.ok(given.redaction);
  assert.equal(redacted(new Redactor(given.redaction, true), [Buffer.from('<first-'), Buffer.from('value>')]), '<***********>');
});

test('values of before are remembered while a secret is rotated, a few of them', () => {
  const given = new GivenValues();
  for (const value of ['value-one', 'value-two', 'value-three', 'value-four', 'value-five', 'value-five']) given.remember('[p]', value);
  assert.ok(given.redaction);
  assert.equal(redacted(new Redactor(given.redaction), [Buffer.from('value-one value-two value-five')]), 'value-one [p] [p]');
  assert.equal(new GivenValues().remember('[p]', 'abc'), false);
});

describe('escapes are resolved one level, however they are cut', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['%6casso', 'lasso'],
    ['\\u006casso', 'lasso'],
    ['l\r\na\ns', 'las'],
    ['l\\na\\/', 'la/'],
    ['100% %zz %4', '100% %zz '],
    ['%256c', '%6c'],
    ['\\\\u006c', '\\u006c'],
  ];
  for (const [text, wanted] of cases)
    test(JSON.stringify(text), () => {
      for (const size of [1, 2, 3, 100]) {
        const unescaper = new Unescaper();
        const parts = Array.from({ length: Math.ceil(text.length / size) }, (_, at) =>
          unescaper.push(Buffer.from(text.slice(at * size, (at + 1) * size))),
        );
        assert.equal(Buffer.concat(parts).toString('latin1'), wanted);
      }
    });
  test('anything is taken', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('%', '\\', 'u', '0', '6', 'c', 'g', '\n'), maxLength: 40 }), cuts, (text, at) => {
        const [whole, cut] = [new Unescaper(), new Unescaper()];
        const parts = pieces(Buffer.from(text), at).map((part) => cut.push(part));
        assert.equal(Buffer.concat(parts).toString('latin1'), whole.push(Buffer.from(text)).toString('latin1'));
      }),
      { numRuns: 500 },
    );
  });
});
