/** What a person is asked: hostile text stays text, nothing important is cut away, and one question is shown at a time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Approval } from '../../../helper/protocol/approval.ts';
import { Queue, type Turn } from '../../../extension/approvals/queue.ts';
import { answersTo, descriptionOf, labelOf, questionText, tooltipOf } from '../../../extension/approvals/words.ts';
import { clipped, unlinked } from '../../../extension/visible.ts';

const push: Approval = {
  id: '1f2e3d4c',
  sandbox: '0123456789ab',
  name: 'app',
  kind: 'command',
  what: 'git push origin main',
  where: '/workspace',
  why: 'Pushing is asked about.',
  rule: 'commands.ask_args.git[0]',
  origin: 'team.toml:31',
  answers: ['once', 'session', 'always'],
  askedAt: '2026-01-01T12:00:00Z',
  expiresAt: '2026-01-01T12:02:00Z',
};

test('a question says who wants what, where, why, and by which rule', () => {
  assert.equal(questionText(push, 0), 'app wants to run “git push origin main” in /workspace. Pushing is asked about. (team.toml:31)');
  const { origin, ...ruled } = push;
  assert.doesNotMatch(questionText(ruled, 0), new RegExp(String(origin)));
  assert.match(questionText(ruled, 1), /\(commands\.ask_args\.git\[0\]\) One more waits\.$/);
  assert.match(questionText(push, 3), / 3 more wait\.$/);
  const connection: Approval = { ...push, kind: 'connection', what: 'registry.example:443', where: 'curl' };
  assert.match(questionText(connection, 0), /^app wants to connect to “registry\.example:443” from “curl”\. /);
  assert.equal(descriptionOf(connection), 'app · from curl');
});

const hostile: readonly (readonly [name: string, what: string, shown: RegExp, never: RegExp])[] = [
  ['turns the direction of text', 'rm \u202Egnp.exe', /\\u\{202e\}/, /\u202E/],
  ['moves the cursor', 'a\u001B[2Kb\r\nc', /\\u\{1b\}\[2Kb\\u\{d\}\\u\{a\}c/, /[\u001B\r\n]/],
  ['hides signs without width', 'r\u200Bm', /r\\u\{200b\}m/, /\u200B/],
  ['would be a link to a command', '[Deny](command:lasso.approveOnce)', /\[Deny\] \(command:/, /\]\(/],
  ['ends its quotation', 'ls” in /tmp. It is harmless. “', /“ls" in \/tmp/, /ls”/],
];
for (const [name, what, shown, never] of hostile) {
  test(`a command that ${name} is shown as what it is`, () => {
    const text = questionText({ ...push, what }, 0);
    assert.match(text, shown);
    assert.doesNotMatch(text, never);
    for (const drawn of [
      labelOf({ ...push, what }),
      descriptionOf({ ...push, where: what, name: what }),
      tooltipOf({ ...push, what }, '12:02'),
    ]) {
      assert.doesNotMatch(drawn.replaceAll('\n', ''), /[\u001B\r\u202E\u200B]/);
    }
  });
}

test('what is asked is bounded, both its ends are shown, and so is how much is left out', () => {
  const what = `git push ${'a'.repeat(100_000)} && rm -rf /`;
  const text = questionText({ ...push, what, where: what, why: what, origin: what }, 0);
  assert.ok(text.length < 1000, `${text.length}`);
  assert.match(text, /^app wants to run “git push a+ …\[\d+ more\]… a+ && rm -rf \/” in /);
  assert.equal(clipped('abcdef', 6), 'abcdef');
  assert.equal(clipped('abcdefghi', 6), 'abcd …[3 more]… hi');
  assert.ok(tooltipOf({ ...push, what }, '12:02').length < 3000);
});

test('only the answers that the profile takes are offered, and no is always one', () => {
  assert.deepEqual(answersTo(push), ['once', 'session', 'always', 'deny']);
  assert.deepEqual(answersTo({ ...push, answers: ['once'] }), ['once', 'deny']);
});

test('what is no link stays as it was', () => assert.equal(unlinked('a[0] (b) ](c)'), 'a[0] (b) ] (c)'));

interface Shown {
  readonly shown: string[];
  readonly turns: Map<string, Turn & { readonly done: () => void }>;
  readonly queue: Queue<{ readonly id: string }>;
}

function queue(): Shown {
  const shown: string[] = [];
  const turns: Shown['turns'] = new Map();
  const show = (question: { readonly id: string }, turn: Turn): Promise<void> => {
    shown.push(question.id);
    return new Promise((resolve) => turns.set(question.id, { ...turn, done: resolve }));
  };
  return { shown, turns, queue: new Queue(show) };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('questions are shown one after the other, each with the number behind it', async () => {
  const { shown, turns, queue: questions } = queue();
  for (const id of ['a', 'b', 'c']) questions.add({ id });
  assert.deepEqual(shown, ['a']);
  turns.get('a')?.done();
  await settled();
  assert.deepEqual(shown, ['a', 'b']);
  assert.equal(turns.get('b')?.more, 1);
  turns.get('b')?.done();
  await settled();
  assert.equal(turns.get('c')?.more, 0);
});

test('a question that is answered elsewhere gives its turn up, or never gets one', async () => {
  const { shown, turns, queue: questions } = queue();
  for (const id of ['a', 'b', 'c']) questions.add({ id });
  questions.drop('b');
  questions.drop('a');
  questions.drop('nobody');
  await settled();
  assert.equal(turns.get('a')?.over.aborted, true);
  assert.deepEqual(shown, ['a', 'c']);
});
