/** Values of secrets: read when used, again a little later, and only what a header can hold. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SecretStore, type SecretPlace, type SecretSource } from '../../../helper/secrets/store.ts';
import { referenceOf } from '../../../helper/secrets/reference.ts';
import { unavailable } from '../../../helper/secrets/unavailable.ts';
import { variableSource } from '../../../helper/secrets/environment.ts';
import { missing, stillClock } from '../../kit/secrets.ts';

const place: SecretPlace = { from: 'env:A', writable: [], files: [] };

function counting(answer: (count: number) => Promise<string>, freshMs = 1000): SecretSource & { count: number } {
  return {
    count: 0,
    freshMs,
    read() {
      this.count += 1;
      return answer(this.count);
    },
  };
}

test('a value that changed is known without a restart, and not read for every use', async () => {
  const clock = stillClock();
  const source = counting((count) => Promise.resolve(`value${count}`));
  const store = new SecretStore(() => source, clock);
  assert.deepEqual([await store.value(place), await store.value(place)], ['value1', 'value1']);
  clock.nowMs += 1000;
  assert.equal(await store.value(place), 'value2');
  store.forget();
  assert.equal(await store.value(place), 'value3');
  assert.equal(await store.value({ ...place, writable: ['/elsewhere'] }), 'value4');
});

test('many uses at once read once, and a failure is not asked about again at once', async () => {
  const clock = stillClock();
  const source = counting((count) => (count === 2 ? Promise.resolve('value') : Promise.reject(unavailable('no', 'none'))));
  const store = new SecretStore(() => source, clock);
  await Promise.all(Array.from({ length: 50 }, () => missing(store.value(place), /^no$/)));
  assert.equal(source.count, 1);
  clock.nowMs += 1999;
  await missing(store.value(place), /^no$/);
  clock.nowMs += 1;
  assert.equal(await store.value(place), 'value');
});

const texts: readonly (readonly [text: string, value: string | RegExp])[] = [
  ['value\n', 'value'],
  [' value \r\n', 'value'],
  ['Bearer\tx y', 'Bearer\tx y'],
  ['abc', /shorter than 4/],
  ['', /is empty/],
  [' \n', /is empty/],
  ['abcd\nb', /several lines/],
  ['abcd\r\nx-injected: 1', /several lines/],
  ['abc\0b', /no header can hold/],
  ['schlüssel', /no header can hold/],
  ['x'.repeat(16 * 1024 + 1), /longer than a header/],
];
test('only what a header can hold is a value', async () => {
  for (const [text, value] of texts) {
    const reading = new SecretStore(() => counting(() => Promise.resolve(text)), stillClock()).value(place);
    if (typeof value === 'string') assert.equal(await reading, value);
    else await missing(reading, value);
  }
});

test('what a source throws by mistake is not repeated', async () => {
  const store = new SecretStore(() => counting(() => Promise.reject(new Error('hunter2-value'))), stillClock());
  await missing(store.value(place), /^its source failed in a way nobody expected$/);
  const unopened = new SecretStore(() => {
    throw new TypeError('hunter2-value');
  }, stillClock());
  await missing(unopened.value(place), /^its source failed in a way nobody expected$/);
});

const references: readonly (readonly [from: string, reference: ReturnType<typeof referenceOf> | 'none'])[] = [
  ['github', { kind: 'github' }],
  ['env:NPM_TOKEN', { kind: 'env', name: 'NPM_TOKEN' }],
  ['file:~/a:b.json#x.y#z', { kind: 'file', path: '~/a:b.json', field: 'x.y#z' }],
  ['file:/a', { kind: 'file', path: '/a' }],
  ['command:op read op://a/b', { kind: 'command', line: 'op read op://a/b' }],
  ['vscode:npm', { kind: 'vscode', name: 'npm' }],
  ['keyring:gh/me', { kind: 'keyring', name: 'gh/me' }],
  ['', 'none'],
  ['env:', 'none'],
  [':x', 'none'],
  ['hunter2-value', 'none'],
  ['https:hunter2', 'none'],
];
test('where a secret is, is taken apart; what names no source is not repeated', async () => {
  for (const [from, reference] of references)
    if (reference === 'none') {
      await missing(new Promise((resolve) => resolve(referenceOf(from))), /names no source/);
      assert.throws(
        () => referenceOf(from),
        (error) => !String(error).includes('hunter2'),
      );
    } else assert.deepEqual(referenceOf(from), reference);
});

test('a variable that is not set, or empty, is missing, and none is found that is only an object’s own', async () => {
  assert.equal(await variableSource('A', { A: 'v' }).read(), 'v');
  for (const name of ['B', 'EMPTY', 'constructor'])
    await missing(variableSource(name, { A: 'v', EMPTY: '' }).read(), new RegExp(`variable ${name} is not set`));
});
