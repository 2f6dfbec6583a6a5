import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packText } from '../../../../../helper/faces/cli/render/evidence.ts';
import type { VerifyStatus } from '../../../../../helper/protocol/record.ts';

const told = (status: VerifyStatus, file = '/tmp/a.tar.gz'): string =>
  packText(
    { sandbox: '0123456789ab', file, sha256: 'ab'.repeat(32), files: ['README.txt', 'SHA256SUMS'], status },
    { paint: (_colour, text) => text },
  );

test('an archive is told with what it is worth and its digest', () => {
  assert.equal(
    told('intact'),
    `packed  /tmp/a.tar.gz
  record of 0123456789ab: intact, unbroken, and covered by a checkpoint
  2 files; README.txt in it says how to check them
  SHA-256 ${'ab'.repeat(32)}
`,
  );
});

test('an archive of a record that does not stand says so', () => {
  assert.match(told('tampered'), /: tampered, lines were changed/);
  assert.match(told('tampered'), /note: verification\.txt in it says what was found/);
});

test('nothing in a file’s name is obeyed', () =>
  assert.match(told('intact', '/tmp/\u001b[31m\u202e'), /packed {2}\/tmp\/\\u\{1b\}\[31m\\u\{202e\}\n/));
