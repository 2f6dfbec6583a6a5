/** What was refused: found in terminals, counted in the view, and always hostile text. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blockedLines, blockedWord, withBlocked, type Blocked, type BlockedEvent } from '../../../extension/sandboxes/blocked.ts';
import { refusalsIn } from '../../../extension/terminal/refusals.ts';

const lines: readonly (readonly [line: string, origin: string | undefined, why?: string])[] = [
  ['LASSO: `git` is blocked by standard.toml:31. Its arguments are blocked.', 'standard.toml:31', 'Its arguments are blocked.'],
  ['make: LASSO: `psql` is blocked by my.team.toml:2.', 'my.team.toml:2', 'is blocked'],
  ['LASSO: `git` needs approval by team.toml:7, and nobody is there to ask.', 'team.toml:7', 'Needs approval, and nobody is there to ask.'],
  ['LASSO: `git` is blocked by standard.toml:31. A\u202Eb', 'standard.toml:31', 'A\\u{202e}b'],
  ['LASSO: `git` is blocked by commands.undecided. It cannot be told.', undefined],
  ['LASSO: `git` is blocked by ../../x/passwd:3. No.', undefined],
  ['LASSO: `git` is blocked by standard.toml:99999999. No.', undefined],
  ['LASSO: git is blocked by standard.toml:31.', undefined],
  ['is blocked by standard.toml:31.', undefined],
  ['', undefined],
];
for (const [line, origin, why] of lines) {
  test(`${origin === undefined ? 'no rule' : 'the rule'} is found in “${line}”`, () => {
    const [found, ...more] = refusalsIn(line);
    assert.deepEqual(more, []);
    assert.equal(found?.origin, origin);
    if (found) {
      assert.equal(line.slice(found.start, found.start + found.length), origin);
      assert.equal(found.why, why);
    }
  });
}

test('each of several refusals in one line has its own reason', () => {
  const found = refusalsIn('LASSO: `a` is blocked by a.toml:1. First. LASSO: `b` is blocked by b.toml:2. Second.');
  assert.deepEqual(
    found.map(({ origin, why }) => [origin, why]),
    [
      ['a.toml:1', 'First.'],
      ['b.toml:2', 'Second.'],
    ],
  );
});

test('a line that was made to be slow is not', () => {
  const begun = 'LASSO: `a` is blocked by ';
  for (const line of [begun.repeat(150), `${begun}${'a.'.repeat(1900)}`, `LASSO: \`${'`'.repeat(3900)}`, 'LASSO: `'.repeat(1_000_000)]) {
    assert.deepEqual(refusalsIn(line), []);
  }
});

const event = (what: string, count = 1): BlockedEvent => ({
  type: 'blocked',
  sandbox: '0123456789ab',
  what,
  reason: 'No.',
  rule: 'commands.blacklist[3]',
  origin: 'standard.toml:16',
  count,
});
const after = (events: readonly BlockedEvent[]): Blocked => {
  const blocked = events.reduce<Blocked | undefined>(withBlocked, undefined);
  assert.ok(blocked);
  return blocked;
};

test('what was blocked is counted, and the last of it is told with reason and rule, the newest first', () => {
  const blocked = after([event('docker ps'), event('ssh a.example', 41)]);
  assert.equal(blockedWord(blocked), '42 blocked');
  assert.deepEqual(blockedLines(blocked), [
    'Blocked: 42, the last:',
    '  ssh a.example: No. (standard.toml:16)',
    '  docker ps: No. (standard.toml:16)',
  ]);
});

test('the same again takes no second row, and only the last few are kept', () => {
  assert.equal(after([event('a'), event('a'), event('a')]).latest.length, 1);
  const many = after(Array.from({ length: 100 }, (_, index) => event(`${index}`)));
  assert.deepEqual([many.count, many.latest.length, many.latest[0]?.what], [100, 5, '99']);
});

test('what was blocked is hostile text', () => {
  const [, row = ''] = blockedLines(after([event(`\u001B[2J\n${'x'.repeat(5000)}`)]));
  assert.ok(row.length < 400);
  assert.doesNotMatch(row, /[\u001B\n]/);
});
