import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freeName } from '../../../helper/core/creation.ts';

test('a sandbox is named after its folder, in letters that can be typed', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['app', 'app'],
    ['My App (2)', 'my-app-2'],
    ['café', 'cafe'],
    ['проект', 'sandbox'],
    ['', 'sandbox'],
    ['all', 'sandbox'],
    ['--x--', 'x'],
    ['a'.repeat(60), 'a'.repeat(32)],
  ];
  for (const [folder, name] of cases) assert.equal(freeName(folder, new Set()), name, folder);
});

test('a name that is taken gets a number', () => {
  assert.equal(freeName('app', new Set(['app'])), 'app-2');
  assert.equal(freeName('app', new Set(['app', 'app-2'])), 'app-3');
});
