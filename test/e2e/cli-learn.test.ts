/** A profile is learned on the command line as built: what was needed is proposed, what is refused by name is not, nothing is lost. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { ChildResult } from '../../helper/base/child.ts';
import { TestLasso } from '../kit/lasso.ts';

const limit = { timeout: 90_000 };
const small = `name = "small"
mode = "autonomous"

[commands]
mode = "whitelist"
whitelist = ["sh", "true"]
allow_shell_operators = true
`;

let lasso: TestLasso;
let work: string;

before(() => {
  lasso = new TestLasso();
  work = join(lasso.root, 'work');
  mkdirSync(work);
  lasso.profile('small', small);
});
after(() => lasso.dispose());

const cli = (...argv: readonly string[]): Promise<ChildResult> => lasso.cli([...argv], { cwd: work });
const learn = (...argv: readonly string[]): Promise<ChildResult> => cli('learn', '-p', 'small', '--backend', 'bubblewrap', ...argv);
const saved = (name: string): string => readFileSync(join(lasso.folders.home, 'profiles', `${name}.toml`), 'utf8');

test('what a program needed becomes a profile under which it runs, and the exit status is its own', limit, async () => {
  const script = 'id -u; getent hosts needed.test; exit 7';
  const refused = await cli('shell', '-p', 'small', '--backend', 'bubblewrap', '--', 'sh', '-c', 'id -u');
  assert.notEqual(refused.code, 0, refused.stdout);
  const learned = await learn('-s', 'grown', '--', 'sh', '-c', script);
  assert.equal(learned.code, 7, learned.stderr);
  assert.match(learned.stdout, /^1000\n127\.64\.\d+\.\d+ +needed\.test\n/);
  assert.match(learned.stdout, /whitelist = \[\n {2}# started once, first as getent hosts needed\.test\n {2}"getent",\n.*\n {2}"id",\n\]/);
  assert.match(learned.stdout, /saved {2}grown\n/);
  assert.match(saved('grown'), /extends = "small"/);
  const allowed = await cli('shell', '-p', 'grown', '--backend', 'bubblewrap', '--', 'sh', '-c', 'id -u');
  assert.deepEqual([allowed.code, allowed.stdout], [0, '1000\n'], allowed.stderr);
});

test('a name that is taken is not written over, and without a name nothing is saved', limit, async () => {
  const before = saved('small');
  const learned = await learn('-s', 'small', '--', 'sh', '-c', 'id -u');
  assert.match(learned.stdout, /saved {2}my-small\n/, learned.stderr);
  assert.equal(saved('small'), before);
  const shown = await learn('--', 'sh', '-c', 'id -u');
  assert.match(shown.stderr, /nothing is saved/);
  assert.match(shown.stdout, /extends = "small"/);
  assert.throws(() => saved('my-small-2'));
});

test('what is refused by name stays refused while a sandbox learns', limit, async () => {
  const learned = await learn('--', 'sh', '-c', 'rm -rf /');
  assert.notEqual(learned.code, 0);
  assert.doesNotMatch(learned.stdout, /"rm"/);
});
