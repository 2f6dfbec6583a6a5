/** What profiles mean, asked on the command line as built, and the settings that choose among them. No sandbox is needed. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { ChildResult } from '../../helper/base/child.ts';
import { TestLasso } from '../kit/lasso.ts';

let lasso: TestLasso;
let work: string;
const limit = { timeout: 120_000 };

before(async () => {
  lasso = new TestLasso();
  work = join(lasso.root, 'work');
  mkdirSync(work);
  const text =
    'name = "ask"\nmode = "autonomous"\n[commands]\nmode = "blacklist"\nblacklist = ["terraform"]\n[network]\nunlisted = "ask"\n';
  writeFileSync(join(work, 'ask.toml'), text);
  await succeeds('profile', 'save', 'ask', '--from', './ask.toml');
});

after(() => lasso.dispose());

function cli(argv: readonly string[]): Promise<ChildResult> {
  return lasso.cli(argv, { cwd: work });
}

async function succeeds(...argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await cli(argv);
  assert.equal(code, 0, `${argv.join(' ')}: ${stderr}`);
  return stdout;
}

async function fails(argv: readonly string[], status: number, ...said: readonly RegExp[]): Promise<void> {
  const { code, stderr, stdout } = await cli(argv);
  assert.equal(code, status, `${argv.join(' ')}: ${stdout}${stderr}`);
  for (const pattern of said) assert.match(stderr, pattern, argv.join(' '));
}

test('why says what a profile does, and tells scripts by its exit status', limit, async () => {
  const allowed = await cli(['why', 'ls -l', '-p', 'ask']);
  assert.equal(allowed.code, 0, allowed.stderr);
  assert.match(allowed.stdout, /^Allowed\. [^]*profile +ask, mode autonomous\n/);
  const denied = await cli(['why', 'terraform apply', '-p', 'ask']);
  assert.equal(denied.code, 1);
  assert.match(denied.stdout, /^Denied\. [^]*rule +commands\.blacklist\[0\]\n +written +.*ask\.toml:5\n/);
  const asked = await cli(['why', '--url', 'https://other.example/', '-p', 'ask']);
  assert.equal(asked.code, 3, asked.stdout);
  assert.match(asked.stdout, /^A person is asked\. /);
  assert.doesNotMatch(asked.stdout, /not held yet/);
  const json: unknown = JSON.parse((await cli(['why', '--url', 'https://other.example/', '-p', 'ask', '--json'])).stdout);
  assert.ok(typeof json === 'object' && json !== null && 'verdict' in json && 'enforced' in json);
  assert.equal(json.enforced, true);
});

test('settings show where each comes from, and a misspelt one stops whoever would rely on it', limit, async () => {
  const file = join(lasso.folders.home, 'config.toml');
  writeFileSync(file, '[defaults]\nprofile = "ask"\n');
  const shown = await succeeds('config', 'show');
  assert.match(shown, /^defaults\.profile +ask +.*config\.toml:2$/m);
  assert.match(shown, /^folders\.home +.* +LASSO_HOME$/m);
  assert.match(await succeeds('profile', 'resolve'), /^name +ask\n/);
  writeFileSync(file, '[defaults]\nprofile = "odd-one"\n');
  await fails(['create'], 2, /There is no profile "odd-one"/);
  writeFileSync(file, '[defaults]\nbackend = "podman"\n');
  await fails(['create'], 69, /podman/i);
  writeFileSync(file, '[defaults]\nprofil = "ask"\n');
  await fails(['create'], 2, /settings in .*config\.toml have an error/);
  const wrong = await cli(['config', 'show']);
  assert.deepEqual(
    [wrong.code, /error: .*config\.toml:2:1 "profil" is not a key of \[defaults\] \(Did you mean profile\?\)/.test(wrong.stdout)],
    [2, true],
  );
  await fails(['profile', 'show'], 2, /settings in .*config\.toml have an error/, /2:1 "profil" is not a key/);
  writeFileSync(file, '');
});

test('names of profiles and the schema are there for other programs', limit, async () => {
  const names = (await succeeds('helper', 'profiles')).split('\n');
  assert.ok(['standard', 'strict', 'ask'].every((name) => names.includes(name)) && !names.includes('hosts'), names.join());
  const schema: unknown = JSON.parse(await succeeds('profile', 'schema'));
  assert.ok(typeof schema === 'object' && schema !== null && '$schema' in schema);
});
