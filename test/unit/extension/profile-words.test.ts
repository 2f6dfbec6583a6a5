/** What a person reads before they agree to a profile, compare two, or try a command; and which documents are profiles. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import type { WorkspaceProfile } from '../../../helper/protocol/profile-operations.ts';
import { changeLines, comparedText, type PolicyChange } from '../../../extension/profiles/compared.ts';
import { liesIn, profileDocuments, profileFolders } from '../../../extension/profiles/documents.ts';
import { answers, questionOn, textOf } from '../../../extension/profiles/question.ts';
import { isAddress, verdictText } from '../../../extension/profiles/verdict.ts';

const change = (effect: PolicyChange['effect'], text: string): PolicyChange => ({ effect, text, path: 'commands' });
const workspace = (state: WorkspaceProfile['state'], more: Partial<WorkspaceProfile> = {}): WorkspaceProfile => ({
  state,
  digest: '0'.repeat(64),
  files: [{ file: '/app/.lasso/profile.toml', text: 'mode = "observe"\n' }],
  changes: [change('denied', 'the command “rm”')],
  findings: [],
  ...more,
});

test('what is allowed comes before what is denied, each in words', () => {
  assert.deepEqual(changeLines([change('denied', 'rm'), change('changed', 'memory'), change('allowed', 'a.example')]), [
    'now allowed: a.example',
    'now denied: rm',
    'changed: memory',
  ]);
});

test('a comparison begins with its words as a comment, and nothing in them can end the comment', () => {
  const side = (name: string) => ({ name, effective: `name = "${name}"\n` });
  const text = comparedText({ same: false, changes: [change('allowed', 'x\nmode = "open"')], from: side('a'), to: side('b') });
  const [first, second, third, fourth] = text.split('\n');
  assert.equal(first, '# What changes from “a” to “b”:');
  assert.equal(second, '#   now allowed: x\\u{a}mode = "open"');
  assert.equal(third, '');
  assert.equal(fourth, 'name = "b"');
  assert.match(
    comparedText({ same: true, changes: [], from: side('a'), to: side('b') }),
    /^# What “b” allows and denies is what “a” does\./,
  );
});

const questions: readonly (readonly [WorkspaceProfile['state'], RegExp, readonly string[]])[] = [
  ['new', /brings a profile of its own/, ['Use It', 'Show Changes', 'Start Without It', 'Never']],
  ['changed', /has changed since you agreed/, ['Use It', 'Show Changes', 'Start Without It', 'Never']],
  ['gone', /no longer brings/, ['Use It', 'Show Changes', 'Start Without It']],
  ['broken', /has errors/, ['Show Changes', 'Start Without It', 'Never']],
];
for (const [state, message, buttons] of questions)
  test(`a folder’s profile that is ${state} is asked about with the answers that make sense`, () => {
    const question = questionOn('/src/app', workspace(state), true);
    assert.match(question.message, message);
    assert.deepEqual(question.buttons, buttons);
    assert.ok(!questionOn('/src/app', workspace(state), false).buttons.includes(answers.without));
  });

test('the question says what the folder takes away, and from which file', () => {
  const { detail } = questionOn('/src/app', workspace('new'), true);
  assert.match(detail, /only take things away/);
  assert.match(detail, /• now denied: the command “rm”/);
  assert.match(detail, /Read from: \.lasso\/profile\.toml$/);
});

test('a long or hostile list of changes stays a short, honest text', () => {
  const changes = Array.from({ length: 500 }, (_, index) => change('denied', `${index}\n\u202E${'x'.repeat(1000)}`));
  const { detail } = questionOn('/src/app\nUse It', workspace('new', { changes }), true);
  assert.ok(detail.length < 4000);
  assert.match(detail, /and 488 more/);
  assert.doesNotMatch(detail, /\u202e/);
  assert.doesNotMatch(questionOn('/src/a\nb', workspace('new'), true).message, /\n/);
});

test('every file of a folder’s profile is compared under its name', () => {
  const files = [
    { file: 'a.toml', text: 'new\n', approved: 'old\n' },
    { file: 'b.toml', text: 'b\n' },
  ];
  assert.equal(textOf(workspace('changed', { files }), 'approved'), '# a.toml\nold\n\n');
  assert.equal(textOf(workspace('changed', { files }), 'now'), '# a.toml\nnew\n\n# b.toml\nb\n\n');
  assert.equal(textOf(workspace('changed', { files: files.slice(0, 1) }), 'approved'), 'old\n');
});

test('a verdict reads as one message: the word, the profile, why, the rule, and whether it holds', () => {
  const verdict = {
    decision: 'deny',
    reason: 'It rewrites what others have',
    stage: 'arguments',
    rule: 'commands.blocked_args.git[0]',
  } as const;
  const answer = { profile: 'team', verdict, enforced: true, notices: [] };
  assert.equal(
    verdictText(answer, 'git push --force'),
    'Denied by “team”: git push --force. It rewrites what others have. (commands.blocked_args.git[0])',
  );
  assert.match(verdictText({ ...answer, enforced: false }, 'x'), /Nothing holds an agent to it yet\.$/);
  assert.match(verdictText({ ...answer, notices: ['The folder’s own is left out.'] }, 'x'), /\) The folder’s own is left out\.$/);
  assert.doesNotMatch(verdictText(answer, 'a\u202Eb\nc'), /[\u202e\n]/);
});

test('only what begins as an address is judged as one', () => {
  for (const text of ['https://a.example/x', ' HTTP://a.example ']) assert.equal(isAddress(text), true);
  for (const text of ['curl https://a.example', 'https://', 'git status', 'https://a b']) assert.equal(isAddress(text), false);
});

test('profiles are documents by name, by folder, and by the user’s own folders', () => {
  const environment = { LASSO_HOME: '/h', LASSO_PROFILE_DIR: ['/team/', 'relative', ''].join(path.delimiter) };
  assert.deepEqual(
    profileDocuments(environment).map(({ pattern, language }) => pattern ?? language),
    ['lasso-profile', '**/*.lasso.toml', '**/.lasso/**/*.toml', '/h/profiles/*.toml', '/team/*.toml'],
  );
  const folders = profileFolders(environment);
  for (const file of ['/h/profiles/a.toml', '/team/b.toml']) assert.equal(liesIn(file, folders), true, file);
  for (const file of ['/h/profiles/a.json', '/h/profiles/x/a.toml', '/h/config.toml', '/team'])
    assert.equal(liesIn(file, folders), false, file);
});
