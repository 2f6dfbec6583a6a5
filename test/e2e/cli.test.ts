/** The command line as built, against the real helper and real sandboxes. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { lassoProgram, TestLasso } from '../kit/lasso.ts';

let lasso: TestLasso;
let workspace: string;

const limit = { timeout: 60_000 };

before(async () => {
  lasso = new TestLasso();
  workspace = join(realpathSync(lasso.root), 'work');
  mkdirSync(workspace);
  const made = await lasso.cli(['create', '-b', 'bubblewrap', '-n', 'app'], { cwd: workspace });
  assert.equal(made.code, 0, made.stderr);
});

after(() => lasso.dispose());

test('a sandbox of this folder is made, listed and shown', limit, async () => {
  const list = await lasso.cli(['ps']);
  assert.match(list.stdout, /^NAME +ID +STATE +PROFILE +BACKEND +AGE +WORKSPACE\napp +[0-9a-f]{12} +running +standard +bubblewrap /);
  const shown: unknown = JSON.parse((await lasso.cli(['status', 'app', '--json'])).stdout);
  assert.ok(typeof shown === 'object' && shown !== null && 'sandboxes' in shown && Array.isArray(shown.sandboxes));
  assert.equal(shown.sandboxes.length, 1);
  assert.match((await lasso.cli(['ps', '-q'])).stdout, /^[0-9a-f]{12}\n$/);
  assert.equal((await lasso.cli(['helper', 'names'])).stdout, 'app\n');
  const up = await lasso.cli(['up', '-q', '-b', 'bubblewrap'], { cwd: workspace });
  assert.equal(up.stdout, (await lasso.cli(['ps', '-q'])).stdout, up.stderr);
});

const endOf = (child: ChildProcess): Promise<{ readonly status: number | null; readonly signal: string | null }> =>
  new Promise((resolve) => {
    child.once('exit', (status, signal) => resolve({ status, signal }));
  });

const statuses: readonly (readonly [script: string, status: number, stderr: RegExp])[] = [
  ['exit 0', 0, /^$/],
  ['exit 1', 1, /^$/],
  ['exit 255', 255, /^$/],
  ['echo out; echo err >&2; exit 7', 7, /^err\n$/],
  ['kill -9 $$', 137, /^lasso: killed by signal 9 \(SIGKILL\)\n$/],
  ['kill -TERM $$', 143, /^lasso: killed by signal 15 \(SIGTERM\)\n$/],
];

test('the exit status of exec is the command’s own', limit, async () => {
  for (const [script, status, stderr] of statuses) {
    const result = await lasso.cli(['exec', 'app', '--', 'sh', '-c', script]);
    assert.equal(result.code, status, `${script}: ${result.stderr}`);
    assert.match(result.stderr, stderr, script);
  }
  assert.equal((await lasso.cli(['exec', 'app', '--', 'no-such-program'])).code, 127);
  assert.equal((await lasso.cli(['exec', 'app', '--', '/etc/passwd'])).code, 126);
  const late = await lasso.cli(['exec', '-t', '0.3', 'app', '--', 'sleep', '60']);
  assert.ok(late.code !== 0 && /lasso: .*timed out/i.test(late.stderr), `${String(late.code)} ${late.stderr}`);
});

test('ten megabytes of anything pass through exec both ways, unchanged', limit, async () => {
  const bytes = randomBytes(10 * 1024 * 1024 + 7);
  const from = join(lasso.root, 'input');
  const to = join(lasso.root, 'output');
  writeFileSync(from, bytes);
  const [input, output] = [openSync(from, 'r'), openSync(to, 'w')];
  const child = spawn(process.execPath, [lassoProgram, 'exec', 'app', '--', 'cat'], {
    env: lasso.environment,
    stdio: [input, output, 'pipe'],
  });
  closeSync(input);
  closeSync(output);
  const { status } = await endOf(child);
  assert.equal(status, 0);
  const digest = (data: Buffer): string => createHash('sha256').update(data).digest('hex');
  assert.equal(digest(readFileSync(to)), digest(bytes));
});

test('stdin is read to its end, and a command that does not want it is no error', limit, async () => {
  assert.equal((await lasso.cli(['exec', 'app', '--', 'wc', '-c'], { input: 'é日\n' })).stdout.trim(), '6');
  const ignored = await lasso.cli(['exec', 'app', '--', 'true'], { input: 'x'.repeat(1024 * 1024) });
  assert.deepEqual([ignored.code, ignored.stderr], [0, '']);
});

test('a reader that goes away ends the command and nothing else', limit, async () => {
  const child = spawn(process.execPath, [lassoProgram, 'exec', 'app', '--', 'yes'], {
    env: lasso.environment,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(child.stdout, 'data');
  child.stdout.destroy();
  const { status } = await endOf(child);
  assert.equal(status, 141);
  assert.equal((await lasso.cli(['exec', 'app', '--', 'sh', '-c', 'cat /proc/[0-9]*/comm 2>/dev/null | grep -cx yes'])).stdout.trim(), '0');
});

test('Ctrl-C ends the whole tree of the command, with status 130', limit, async () => {
  const child = spawn(process.execPath, [lassoProgram, 'exec', 'app', '--', 'sh', '-c', 'sleep 1001 & echo started; sleep 1002'], {
    env: lasso.environment,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(child.stdout, 'data');
  child.kill('SIGINT');
  const { status } = await endOf(child);
  assert.equal(status, 130);
  assert.equal(
    (await lasso.cli(['exec', 'app', '--', 'sh', '-c', 'cat /proc/[0-9]*/comm 2>/dev/null | grep -cx sleep'])).stdout.trim(),
    '0',
  );
});

test('Ctrl-C is heard while nobody reads what the command writes', limit, async () => {
  const child = spawn(process.execPath, [lassoProgram, 'exec', 'app', '--', 'yes'], {
    env: lasso.environment,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(child.stdout, 'readable');
  child.kill('SIGINT');
  const { status, signal } = await endOf(child);
  assert.ok(status === 130 || signal === 'SIGINT', `${String(status)} ${String(signal)}`);
});

test('fed commands run in a shell of their own, and the sandbox goes with it', limit, async () => {
  const result = await lasso.cli(['shell', '-b', 'bubblewrap', '-n', 'fed'], { cwd: workspace, input: 'pwd; touch made-inside\nexit 5\n' });
  assert.deepEqual([result.code, result.stdout], [5, '/workspace\n'], result.stderr);
  assert.equal(readFileSync(join(workspace, 'made-inside'), 'utf8'), '');
  assert.ok(!(await lasso.cli(['helper', 'names'])).stdout.includes('fed'));
});

test('the record of all this verifies', limit, async () => {
  const verified = await lasso.cli(['audit', 'verify', 'app']);
  assert.equal(verified.code, 0, verified.stdout);
  assert.match(verified.stdout, /^valid +\S+: intact.*\n +(\d+) records, .*\n +\1 checked with their keys; all \1 covered by checkpoints/);
  assert.match((await lasso.cli(['audit', 'view', 'app', '--tail', '3'])).stdout, /command +exec/);
});

const refusals: readonly (readonly [argv: readonly string[], status: number, stderr: RegExp])[] = [
  [['exec', 'nobody', '--', 'true'], 2, /^lasso: .*nobody/],
  [['stop', 'nobody'], 2, /^lasso: .*nobody/],
  [['create', 'no-such-profile'], 2, /^lasso: .*no-such-profile/],
  [['create', '-d', '/no/such/folder'], 2, /^lasso: .*\/no\/such\/folder/],
  [['create', '-n', 'UPPER'], 2, /^lasso: /],
  [['attach', 'nobody'], 2, /^lasso: .*nobody/],
  [['frobnicate'], 2, /^lasso: unknown command: frobnicate\n/],
];

test('what cannot be done is refused with its exit status and a hint', limit, async () => {
  for (const [argv, status, stderr] of refusals) {
    const result = await lasso.cli(argv, { cwd: workspace });
    assert.equal(result.code, status, `${argv.join(' ')}: ${result.stderr}`);
    assert.match(result.stderr, stderr, argv.join(' '));
    assert.match(result.stderr, /\n {2}\S/, `${argv.join(' ')} has a hint`);
  }
  const broken = lasso.profile('broken', '[network\n');
  const bad = await lasso.cli(['create', broken, '--json'], { cwd: workspace });
  assert.equal(bad.code, 2, bad.stderr);
  const told: unknown = JSON.parse(bad.stderr.slice(bad.stderr.indexOf('{"error"')));
  assert.ok(typeof told === 'object' && told !== null && 'error' in told);
});

test('a sandbox is stopped, started again and removed by name', limit, async () => {
  const run = async (...argv: string[]): Promise<number | null> => (await lasso.cli(argv, { cwd: workspace })).code;
  assert.equal(await run('create', '-b', 'bubblewrap', '-n', 'brief'), 0);
  assert.equal(await run('stop', 'brief', '-t', '0'), 0);
  assert.equal(await run('exec', 'brief', '--', 'true'), 1);
  assert.equal(await run('start', 'brief'), 0);
  assert.equal(await run('exec', 'brief', '--', 'true'), 0);
  assert.equal(await run('rm', 'brief'), 0);
  assert.equal(await run('rm', 'brief'), 2);
});
