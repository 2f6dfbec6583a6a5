/** What stands for a secret inside: the same after a restart, another for every sandbox and secret, and changed by no encoding. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeholderOf } from '../../../helper/secrets/placeholder.ts';

const token = 'ab'.repeat(32);

test('it is the same each time, and another for another sandbox, secret or helper of another user', () => {
  assert.equal(placeholderOf(token, 'npm'), placeholderOf(token, 'npm'));
  const all = [placeholderOf(token, 'npm'), placeholderOf(token, 'npm2'), placeholderOf('cd'.repeat(32), 'npm')];
  assert.equal(new Set(all).size, 3);
  for (const text of all) assert.match(text, /^lasso-secret-[0-9a-f]{48}$/);
});

test('it begins as a program wants it to', () => {
  assert.match(placeholderOf(token, 'npm', 'npm_'), /^npm_lasso-secret-[0-9a-f]{48}$/);
});

test('no encoding changes it', () => {
  const text = placeholderOf(token, 'npm', 'sk-Ant_');
  for (const changed of [
    encodeURIComponent(text),
    encodeURI(text),
    new URLSearchParams([['', text]]).toString().slice(1),
    JSON.stringify(text).slice(1, -1),
  ])
    assert.equal(changed, text);
});
