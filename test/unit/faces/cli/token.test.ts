import assert from 'node:assert/strict';
import { test } from 'node:test';
import { streamToken } from '../../../../helper/faces/cli/token.ts';

test('a stream’s name is 32 random bytes on every platform', () => {
  for (const platform of ['linux', 'darwin', 'win32'] as const) {
    const tokens = Array.from({ length: 50 }, () => streamToken(platform));
    assert.equal(new Set(tokens).size, 50);
    for (const token of tokens) assert.match(token, /^[0-9a-f]{64}$/);
  }
});
