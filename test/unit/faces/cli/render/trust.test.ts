/** What a person reads about a profile a folder brings: what changed, and nothing that could pose as something else. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { lineChanges } from '../../../../../helper/faces/cli/render/line-changes.ts';
import { lockStatus, lockText, workspaceStatus, workspaceText, workspaceTexts } from '../../../../../helper/faces/cli/render/trust.ts';
import type { WorkspaceProfile } from '../../../../../helper/protocol/profile-operations.ts';

const paint = (_: string, text: string): string => text;
const none: WorkspaceProfile = { state: 'none', files: [], changes: [], findings: [] };

const signs = { same: ' ', added: '+', removed: '-', gap: '…' } as const;
const changed = (before: string, after: string): string =>
  lineChanges(before, after)
    .map(({ kind, text }) => signs[kind] + text)
    .join('|');

const cases: readonly (readonly [before: string, after: string, shown: string])[] = [
  ['', '', ''],
  ['a\nb\n', 'a\nb\n', '…'],
  ['a\nb\nc\n', 'a\nx\nc\n', ' a|-b|+x| c'],
  ['', 'a\nb\n', '+a|+b'],
  ['a\nb', '', '-a|-b'],
  ['a\r\nb\r\n', 'a\nb\nc', ' a| b|+c'],
  ['1\n2\n3\n4\n5\n6\n7', '1\n2\n3\n4\n5\n6\n8', '…| 5| 6|-7|+8'],
  ['1\n2\n3\n4\n5\n6\n7\n8\n9', '0\n2\n3\n4\n5\n6\n7\n8\n0', '-1|+0| 2| 3|…| 7| 8|-9|+0'],
];

describe('lines that changed', () => {
  for (const [before, after, shown] of cases)
    test(`${JSON.stringify(before)} and ${JSON.stringify(after)}`, () => assert.equal(changed(before, after), shown));
});

test('what is left of a text and what came to it make up both texts', () => {
  const text = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 }).map((lines) => [...lines, 'end'].join('\n'));
  fc.assert(
    fc.property(text, text, (before, after) => {
      const changes = lineChanges(before, after);
      const lines = (kind: string): readonly string[] => changes.filter((change) => change.kind === kind).map((change) => change.text);
      const count = (all: string): number => all.split('\n').length;
      assert.equal(lines('added').length - lines('removed').length, count(after) - count(before));
      for (const line of lines('added')) assert.ok(after.split('\n').includes(line));
      for (const line of lines('removed')) assert.ok(before.split('\n').includes(line));
    }),
  );
});

test('two long texts with nothing in common are shown without comparing each with each', () => {
  const long = (word: string): string => Array.from({ length: 30_000 }, (_, index) => `${word}${index}`).join('\n');
  assert.equal(lineChanges(long('a'), long('b')).length, 60_000);
});

test('hostile names and texts stay harmless', () => {
  const bad = 'a\u001b[2J\u202eb';
  const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } };
  const workspace: WorkspaceProfile = {
    state: 'changed',
    digest: 'd'.repeat(64),
    files: [{ file: bad, text: `${bad}\r${bad}`, approved: bad }],
    changes: [{ effect: 'denied', text: bad, path: 'mode' }],
    findings: [{ severity: 'warning', code: 'x', message: bad, hint: bad, file: bad, path: [], range }],
  };
  for (const text of [workspaceText(workspace, { paint }), workspaceTexts(workspace, paint)]) {
    assert.ok(!text.includes('\u001b') && !text.includes('\u202e') && !text.includes('\r'));
    assert.ok(text.includes('a\\u{1b}[2J\\u{202e}b'));
  }
});

test('each state is told, and only what cannot be used is a failure', () => {
  for (const state of ['none', 'new', 'changed', 'gone', 'approved', 'declined', 'broken'] as const) {
    assert.match(workspaceText({ ...none, state }, { paint }), /^This folder/);
    assert.equal(workspaceStatus({ ...none, state }), state === 'broken' ? 1 : 0);
  }
});

test('a lock that differs says what differs, and fails', () => {
  const result = {
    file: '/w/.lasso/profile.lock',
    state: 'differs',
    profile: 'team',
    digest: 'd'.repeat(64),
    changes: ['team.toml has changed'],
  } as const;
  assert.equal(
    lockText({ ...result, changes: [...result.changes] }, { paint }),
    'differs  team dddddddddddd  /w/.lasso/profile.lock\n  team.toml has changed\n',
  );
  const status = (state: 'locked' | 'matches' | 'differs' | 'absent' | 'removed'): number => lockStatus({ file: '', state, changes: [] });
  assert.deepEqual([status('locked'), status('matches'), status('differs'), status('absent'), status('removed')], [0, 0, 1, 1, 0]);
});
