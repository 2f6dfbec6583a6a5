/** What a folder brings, from the command line to the sandbox: refused, agreed to, held to, and asked about again. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import type { ChildResult } from '../../helper/base/child.ts';
import { lassoProgram, TestLasso } from '../kit/lasso.ts';
import { startUnderPty } from '../kit/pty.ts';

let lasso: TestLasso;
let workspace: string;
let file: string;
let count = 0;

const limit = { timeout: 90_000 };
const unapproved = 77;

before(() => {
  lasso = new TestLasso();
});
beforeEach(() => {
  count += 1;
  workspace = join(realpathSync(lasso.root), `work-${count}`);
  file = join(workspace, '.lasso', 'profile.toml');
  mkdirSync(workspace);
});
after(() => lasso.dispose());

const run = (...argv: string[]): Promise<ChildResult> => lasso.cli(argv, { cwd: workspace });
const bring = (text: string): void => {
  mkdirSync(join(workspace, '.lasso'), { recursive: true });
  writeFileSync(file, `name = "own"\n${text}`);
};
const create = (name: string, ...more: string[]): Promise<ChildResult> => run('create', '-b', 'bubblewrap', '-n', name, ...more);
const created = async (name: string, ...more: string[]): Promise<void> => {
  const made = await create(name, ...more);
  assert.equal(made.code, 0, made.stderr);
};
const quick = '[commands]\nmax_execution_seconds = 1\n';

test(
  'a folder’s own profile is refused until it is agreed to, then holds in the sandbox, and its change is refused again',
  limit,
  async () => {
    bring(quick);
    const refused = await create('a');
    assert.equal(refused.code, unapproved, refused.stderr);
    assert.match(refused.stderr, /nobody has approved[\s\S]*profile\.toml[\s\S]*lasso profile approve[\s\S]*--ignore-workspace-profile/);
    assert.match((await run('profile', 'approve', '--look')).stdout, /Nobody has agreed[\s\S]*What it changes/);
    assert.equal((await create('a')).code, unapproved);
    const approved = await run('profile', 'approve');
    assert.equal(approved.code, 0, approved.stderr);
    await created('a');
    const late = await run('exec', 'a', '--', 'sleep', '20');
    assert.match(late.stderr, /timed out/i);
    assert.match((await run('audit', 'view', 'a')).stdout, /workspaceProfile/);
    bring('[commands]\nmax_execution_seconds = 2\n');
    const changed = await run('profile', 'approve', '--look');
    assert.match(changed.stdout, /has changed since[\s\S]*- max_execution_seconds = 1[\s\S]*\+ max_execution_seconds = 2/);
    assert.equal((await create('b')).code, unapproved);
    assert.equal((await run('stop', 'a')).code, 0);
    const again = await run('start', 'a');
    assert.equal(again.code, unapproved, `a restart judges again: ${again.stderr}`);
    rmSync(file);
    const gone = await create('b');
    assert.deepEqual([gone.code, /is gone/.test(gone.stderr)], [unapproved, true], gone.stderr);
    assert.equal((await run('profile', 'approve')).code, 0);
    await created('b');
    assert.equal((await run('down')).code, 0);
  },
);

test('who declines it, or leaves it out once, starts without it and is told', limit, async () => {
  bring(quick);
  await created('once', '--ignore-workspace-profile');
  assert.equal((await run('stop', 'once')).code, 0);
  const restarted = await run('start', 'once');
  assert.equal(restarted.code, 0, `it is left out again: ${restarted.stderr}`);
  assert.equal((await run('profile', 'approve', '--decline')).code, 0);
  const declined = await create('never');
  assert.deepEqual([declined.code, /you declined it/.test(declined.stdout)], [0, true], declined.stdout + declined.stderr);
  assert.equal((await run('exec', 'never', '--', 'sleep', '1.5')).code, 0);
  assert.equal((await run('down')).code, 0);
});

test('a folder cannot bring a variable, and says where it tries', limit, async () => {
  bring('[extra_env]\nTOKEN = "x"\n');
  const refused = await create('a');
  assert.equal(refused.code, unapproved);
  assert.match(refused.stderr, /profile\.toml:3:1 extra_env\.TOKEN may not be set/);
  assert.equal((await run('profile', 'approve')).code, 2);
});

test('a person at a terminal is asked, and the answer counts', limit, async () => {
  bring(quick);
  const terminal = startUnderPty(process.execPath, [lassoProgram, 'create', '-b', 'bubblewrap', '-n', 'asked'], {
    cwd: workspace,
    environment: lasso.environment,
  });
  await terminal.see(/Use it\? .*this once: /);
  terminal.type('s\r');
  await terminal.see(/max_execution_seconds = 1/);
  terminal.type('y\r');
  await terminal.see(/Agreed\./);
  assert.equal((await terminal.ended).exitCode, 0, terminal.shown());
  await created('next');
  assert.equal((await run('down')).code, 0);
});

test('after the answer the terminal is the shell’s, and whoever says nothing starts nothing', limit, async () => {
  bring(quick);
  const shell = (): ReturnType<typeof startUnderPty> =>
    startUnderPty(process.execPath, [lassoProgram, 'shell', '-b', 'bubblewrap'], { cwd: workspace, environment: lasso.environment });
  const left = shell();
  await left.see(/Use it\?/);
  left.type('\u0003');
  assert.equal((await left.ended).exitCode, unapproved, left.shown());
  const used = shell();
  await used.see(/Use it\? .*this once: /);
  used.type('w\r');
  await used.see(/\/workspace|\$/);
  used.type('echo in-$((40+2))\r');
  await used.see(/in-42/);
  used.type('exit 3\r');
  assert.equal((await used.ended).exitCode, 3, used.shown());
  assert.match((await run('profile', 'approve', '--look')).stdout, /Nobody has agreed/);
});

test('a lock refuses another content of the profile it is about, and is verified and taken away', limit, async () => {
  lasso.profile('team', 'name = "team"\nextends = "standard"\n');
  assert.equal((await run('profile', 'lock', '--verify')).code, 1);
  const locked = await run('profile', 'lock', 'team');
  assert.equal(locked.code, 0, locked.stderr);
  assert.equal((await run('profile', 'lock', 'team', '--verify')).code, 0);
  await created('locked', '-p', 'team');
  lasso.profile('team', 'name = "team"\nextends = "open"\n');
  const differs = await run('profile', 'lock', 'team', '--verify');
  assert.deepEqual([differs.code, /team\.toml has changed/.test(differs.stdout)], [1, true], differs.stdout);
  const refused = await create('other', '-p', 'team');
  assert.deepEqual([refused.code, /locked to/.test(refused.stderr)], [1, true], refused.stderr);
  await created('unlocked', '-p', 'standard');
  assert.equal((await run('profile', 'lock', '--remove')).code, 0);
  await created('other', '-p', 'team');
  assert.equal((await run('down')).code, 0);
});

test('init writes a profile that is agreed to at once, and never over another', limit, async () => {
  const made = await run('init', '--yes', '--profile', 'strict', '--agent', 'aider');
  assert.equal(made.code, 0, made.stderr);
  assert.match(readFileSync(file, 'utf8'), /^extends = "strict"/m);
  await created('strict');
  const shown: unknown = JSON.parse((await run('status', 'strict', '--json')).stdout);
  assert.match(JSON.stringify(shown), /"agent":"aider"/);
  assert.match((await run('profile', 'show')).stdout, /profile\.toml/);
  const text = readFileSync(file, 'utf8');
  assert.equal((await run('init', '--yes')).code, 0);
  assert.equal(readFileSync(file, 'utf8'), text);
  assert.equal((await run('init', '--yes', '--force', '--agent', 'aider')).code, 0);
  assert.match(readFileSync(file, 'utf8'), /# max_memory_mb/);
  assert.ok(existsSync(join(workspace, '.lasso', 'config.toml')));
  assert.equal((await run('down')).code, 0);
});
