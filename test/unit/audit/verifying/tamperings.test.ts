/** Lines of a record changed, removed, moved, forged: each is found, and found where it was done. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { recordFolder, testKeys, testSandbox, writeChain, type WrittenChain } from '../../../kit/records.ts';
import {
  chainKey,
  changed,
  copyOf,
  findTamperings,
  lineAt,
  linesOf,
  resealFrom,
  sealed,
  spliced,
  strangersKey,
  swap,
  verifyCopy,
} from '../../../kit/tampered.ts';

const { folder, remove } = recordFolder();
after(remove);

const other = 'ba9876543210';
/** two processes, 17 lines, epochs 0 to 3 */
let whole: WrittenChain;
before(async () => {
  const keys = testKeys();
  await writeChain(folder, 6, { keys });
  whole = await writeChain(folder, 4, { keys });
});

findTamperings(folder, () => whole, [
  // One line changed by somebody without keys (AU01).
  { name: 'a changed target', make: changed(4, swap('bin/git', 'bin/gut')), found: ['edited:4'] },
  { name: 'a changed first line', make: changed(1, swap('"helper":"0', '"helper":"1')), found: ['edited:1'] },
  { name: 'a changed index of the chain', make: changed(1, swap('"index":0', '"index":7')), found: ['edited:1'] },
  { name: 'a changed last line', make: changed(17, swap('"detail":{}', '"detail":{"a":1}')), found: ['edited:17'] },
  { name: 'a changed number', make: changed(4, swap('"seq":3', '"seq":4')), found: ['edited:4'] },
  { name: 'a changed epoch', make: changed(4, swap('"epoch":0', '"epoch":1')), found: ['edited:4'] },
  { name: 'an epoch far away', make: changed(4, swap('"epoch":0', '"epoch":999999999')), found: ['epoch:4'] },
  { name: 'a changed time', make: changed(4, swap('00:00:04', '00:00:05')), found: ['edited:4'] },
  { name: 'a changed monotonic time', make: changed(4, swap('"mono":4000', '"mono":4001')), found: ['edited:4'] },
  { name: 'a changed sandbox', make: changed(4, swap(testSandbox, other)), found: ['foreign:4'] },
  { name: 'a changed type', make: changed(4, swap('"command"', '"terminal"')), found: ['edited:4'] },
  { name: 'a changed outcome', make: changed(4, swap('"success"', '"blocked"')), found: ['edited:4'] },
  { name: 'a changed actor', make: changed(4, swap('"agent"', '"user"')), found: ['edited:4'] },
  { name: 'a changed detail', make: changed(4, swap('commit', 'revert')), found: ['edited:4'] },
  { name: 'a changed prev', make: changed(4, swap(/"prev":"..../, '"prev":"0000')), found: ['edited:4'] },
  { name: 'a changed mac', make: changed(4, swap(/...."\}$/, '0000"}')), found: ['edited:4'] },
  { name: 'an upper-case mac', make: changed(4, (text) => text.slice(0, -66) + text.slice(-66).toUpperCase()), found: ['malformed:4'] },
  {
    name: 'the mac of another line',
    make: (copy) => changed(4, (text) => text.slice(0, -66) + lineAt(copy, 6).slice(-66))(copy),
    found: ['edited:4'],
  },
  {
    name: 'two changed lines',
    make: (copy) => [4, 13].forEach((line) => changed(line, swap('git', 'gut'))(copy)),
    found: ['edited:4', 'edited:13'],
  },
  { name: 'neighbours changed', make: (copy) => [4, 5, 6].forEach((line) => changed(line, swap('git', 'gut'))(copy)), found: ['edited:4'] },
  { name: 'the end of an epoch changed', make: changed(8, swap('"next":1', '"next":2')), found: ['edited:8'] },

  // Lines removed, repeated, moved (AU02).
  { name: 'a removed first line', make: spliced(1, 1), found: ['order:1'] },
  { name: 'a removed middle line', make: spliced(4, 1), found: ['order:4'] },
  { name: 'three removed lines', make: spliced(4, 3), found: ['order:4'] },
  { name: 'a removed last but one line', make: spliced(16, 1), found: ['order:16'] },
  { name: 'a removed end of an epoch (AU25)', make: spliced(8, 1), found: ['order:8'] },
  { name: 'a repeated line', make: (copy) => spliced(5, 0, lineAt(copy, 4))(copy), found: ['order:5'] },
  { name: 'a repeated last line', make: (copy) => spliced(18, 0, lineAt(copy, 17))(copy), found: ['order:18'] },
  { name: 'two lines swapped', make: (copy) => spliced(4, 2, lineAt(copy, 5), lineAt(copy, 4))(copy), found: ['order:4'] },
  {
    name: 'a line moved back',
    make: (copy) => {
      const [line = ''] = linesOf(copy).splice(3, 1);
      spliced(12, 0, line)(copy);
    },
    found: ['order:4', 'order:12'],
  },
  { name: 'the whole record twice', make: (copy) => void linesOf(copy).push(...linesOf(copy)), found: ['order:18'] },

  // Lines forged without a key (AU03).
  {
    name: 'a forged line',
    make: (copy) =>
      spliced(
        4,
        0,
        sealed(lineAt(copy, 4), (bare) => bare, strangersKey),
      )(copy),
    found: ['edited:4'],
  },
  {
    name: 'a forged last line',
    make: (copy) => spliced(18, 0, sealed(lineAt(copy, 17), swap('"seq":16', '"seq":17'), strangersKey))(copy),
    found: ['edited:18'],
  },
  { name: 'an empty mac', make: changed(4, swap(/"mac":"[0-9a-f]+"/, '"mac":""')), found: ['malformed:4'] },
  { name: 'no mac', make: changed(4, swap(/,"mac":"[0-9a-f]+"/, '')), found: ['malformed:4'] },
  { name: 'a member that says there is no algorithm', make: changed(4, swap(',"prev"', ',"alg":"none","prev"')), found: ['malformed:4'] },
  { name: 'garbage', make: changed(4, () => 'garbage'), found: ['malformed:4'] },
  { name: 'an empty line', make: spliced(4, 0, ''), found: ['malformed:4'] },
  { name: 'NULs', make: changed(4, () => '\0'.repeat(500)), found: ['malformed:4'] },
  { name: 'a line of ten megabytes', make: changed(4, () => 'x'.repeat(10_000_000)), found: ['malformed:4'] },
  { name: 'white space', make: changed(4, swap('"v":3,', '"v":3, ')), found: ['malformed:4'] },
  { name: 'a carriage return', make: changed(4, (text) => `${text}\r`), found: ['malformed:4'] },
  { name: 'another order of members', make: changed(4, swap(/("seq":3),("epoch":0)/, '$2,$1')), found: ['malformed:4'] },

  // Another version (AU24).
  { name: 'a line of an older version', make: changed(4, swap('"v":3', '"v":2')), found: ['version:4'] },
  { name: 'a newer version', make: changed(4, swap('"v":3', '"v":33')), found: ['version:4'] },
  { name: 'a line of LASSO 1.x', make: spliced(18, 0, `{"action":"x","sig":"${'0'.repeat(64)}",`.padEnd(300, '0')), found: ['version:18'] },

  // Made by who has the key, for parsers that differ (AU22).
  {
    name: 'a member given twice',
    make: (copy) => resealFrom(linesOf(copy), 16, swap('"v":3,', '"v":3,"v":3,'), chainKey),
    found: ['malformed:16', 'replaced:17'],
  },
  {
    name: 'a member hidden after the detail',
    make: (copy) => resealFrom(linesOf(copy), 16, swap(',"prev"', ',"seq":9,"prev"'), chainKey),
    found: ['malformed:16', 'replaced:17'],
  },
  {
    name: 'a second detail',
    make: (copy) => resealFrom(linesOf(copy), 16, swap(',"prev"', ',"detail":{},"prev"'), chainKey),
    found: ['malformed:16', 'replaced:17'],
  },
  {
    name: 'a number beyond 2^53',
    make: (copy) => resealFrom(linesOf(copy), 16, swap('"seq":15', '"seq":9007199254740993'), chainKey),
    found: ['malformed:16', 'replaced:17'],
  },
  {
    name: 'a number in another form',
    make: (copy) => resealFrom(linesOf(copy), 16, swap('"seq":15', '"seq":1.5e1'), chainKey),
    found: ['malformed:16', 'replaced:17'],
  },
  {
    name: 'a number out of turn',
    make: (copy) => resealFrom(linesOf(copy), 16, swap('"seq":15', '"seq":20'), chainKey),
    found: ['sequence:16'],
  },
]);

test('who has the public key alone is told the changed line, or the one after it', async () => {
  const copy = copyOf(whole);
  changed(4, swap('bin/git', 'bin/gut'))(copy);
  const { problems, anchored } = await verifyCopy(folder, copy, 'public');
  assert.deepEqual(
    [problems.filter(({ level }) => level === 'error').map(({ code, line, since }) => [code, line, since]), anchored],
    [[['edited', 4, '2026-01-01T00:00:03.000Z']], 1],
  );
});

test('every problem tells since when, and what is untouched stays told as verified', async () => {
  const copy = copyOf(whole);
  changed(13, swap('bin/git', 'bin/gut'))(copy);
  const { problems, verified, records, anchored, anchoredAt } = await verifyCopy(folder, copy);
  assert.deepEqual([verified, records, anchored], [16, 17, 9]);
  assert.match(anchoredAt ?? '', /^2026-01-01T/);
  const { since, seq, level } = problems[0] ?? assert.fail('nothing found');
  assert.deepEqual([since, seq, level], ['2026-01-01T00:00:09.000Z', 12, 'error']);
});
