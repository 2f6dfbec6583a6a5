/** Records on the command line as built: viewed, filtered, followed over a killed helper, listed, exported; hostile text stays text. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { TestLasso, gone, lassoProgram } from '../kit/lasso.ts';
import { sh } from '../kit/programs.ts';

const limit = { timeout: 90_000 };
const profile = `name = "small"
mode = "autonomous"
[commands]
mode = "blacklist"
blacklist = ["docker"]
allow_shell_operators = true
`;

let lasso: TestLasso;
let id: string;

before(async () => {
  lasso = new TestLasso();
  const dir = join(lasso.root, 'work');
  mkdirSync(dir);
  lasso.profile('small', profile);
  ({ id } = await lasso.create({ dir, backend: 'bubblewrap', profile: 'small', name: 'app' }));
  await lasso.exec('app', sh('ls / >/dev/null; ls "=1+1"'));
  await assert.rejects(lasso.exec('app', sh('docker run x')), { code: 'COMMAND_DENIED' });
  await assert.rejects(lasso.exec('app', sh('ls \u202ea')), { code: 'COMMAND_DENIED' });
});
after(() => lasso.dispose());

async function view(...options: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await lasso.cli(['audit', 'view', ...options]);
  assert.equal(code, 0, stderr);
  return stdout;
}

test('a record is shown in columns, by name, id, its beginning, or as the newest', limit, async () => {
  const shown = await view('app');
  assert.match(shown, /^ +TIME +TYPE ACTION +OUTCOME +TARGET +REASON\n/);
  assert.match(shown, /\n {2}20\d\d-\S+Z +chain begun +success /);
  assert.match(shown, /\n! 20\d\d-\S+Z +command exec +blocked +\S.*docker run x +\S/);
  assert.doesNotMatch(shown, /\u202e|\u001b/);
  for (const name of [id, id.slice(0, 6)]) assert.equal(await view(name), shown);
  assert.equal(await view(), shown);
});

test('filters take away what was not asked for', limit, async () => {
  const blocked = (await view('app', '--outcome', 'blocked')).trimEnd().split('\n').slice(1);
  assert.ok(blocked.length > 0 && blocked.every((line) => line.startsWith('! ')), blocked.join('\n'));
  const found = await view('app', '-t', 'command', '--text', 'DOCKER RUN', '--since', '10m', '--json');
  const records = found
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
  assert.ok(records.length > 0);
  assert.equal(await view('app', '--until', '2001-01-01', '--json'), '');
  assert.equal((await view('app', '-n', '2', '--json')).trimEnd().split('\n').length, 2);
  const refused = await lasso.cli(['audit', 'view', 'app', '--since', 'lately']);
  assert.deepEqual([refused.code, /--since is no moment: lately\n.*15m/.test(refused.stderr)], [2, true], refused.stderr);
});

/** Waits until a following shows it. */
async function shows(told: { readonly text: string }, pattern: RegExp): Promise<void> {
  for (let look = 0; !pattern.test(told.text); look += 1) {
    assert.ok(look < 1000, `${String(pattern)} is not in:\n${told.text}`);
    await delay(20);
  }
}

test('following shows what comes, over a helper that was killed, until it is interrupted', limit, async () => {
  const child: ChildProcess = spawn(process.execPath, [lassoProgram, 'audit', 'view', 'app', '-n', '1', '-f'], {
    env: lasso.environment,
    cwd: lasso.root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const told = { text: '' };
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (bytes: Buffer) => (told.text += bytes.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  try {
    await shows(told, /TIME/);
    await lasso.exec('app', ['ls', 'while-following']);
    await shows(told, /start +success +ls while-following/);
    const pid = await lasso.helperPid();
    process.kill(pid, 'SIGKILL');
    await gone(pid);
    lasso.disconnect();
    await (await lasso.connect()).call('start', { sandbox: 'app' });
    await lasso.exec('app', ['ls', 'after-the-kill']);
    await shows(told, /start +success +ls after-the-kill/);
    child.kill('SIGINT');
    assert.equal(await ended, 0, told.text);
    assert.equal(told.text.match(/command start +success +ls while-following/g)?.length, 1, told.text);
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
});

test('an export is a new file of this user’s alone, in each form', limit, async () => {
  const places = ['csv', 'json', 'jsonl', 'ocsf'].map((format) => ({ format, name: `out.${format}` }));
  for (const { format, name } of places) {
    const { code, stdout, stderr } = await lasso.cli(['audit', 'export', 'app', '--format', format, '-o', name]);
    assert.deepEqual([code, stdout], [0, ''], stderr);
    assert.equal(statSync(join(lasso.root, name)).mode & 0o777, 0o600);
  }
  const text = (name: string): string => readFileSync(join(lasso.root, name), 'utf8');
  const log = readdirSync(lasso.folders.audit)
    .filter((name) => name.startsWith(id) && name.endsWith('.jsonl'))
    .sort()
    .map((name) => readFileSync(join(lasso.folders.audit, name), 'utf8'))
    .join('');
  assert.ok(log.startsWith(text('out.jsonl')) && text('out.jsonl').length > 0);
  const count = text('out.jsonl').trimEnd().split('\n').length;
  const list: unknown = JSON.parse(text('out.json'));
  assert.ok(Array.isArray(list) && list.length >= count);
  assert.equal(
    text('out.ocsf')
      .trimEnd()
      .split('\n')
      .every((line) => /"class_uid":\d/.test(line)),
    true,
  );
  assert.match(text('out.csv'), /^seq,time,/);
  const again = await lasso.cli(['audit', 'export', 'app', '-o', 'out.csv']);
  assert.deepEqual([again.code, /already a file/.test(again.stderr)], [2, true], again.stderr);
  assert.match(text('out.csv'), /^seq,time,/);
  const printed = await lasso.cli(['audit', 'export', 'app', '--outcome', 'blocked', '--format', 'csv']);
  assert.match(printed.stdout, /docker run x/);
});

test('rows and overview tell the same as the file, and hostile lines in it stay text', limit, async () => {
  const connection = await lasso.connect();
  const filter = { type: [], outcome: [] };
  const { rows, total } = await connection.call('auditRows', { sandbox: 'app', filter, from: -3, limit: 3 });
  assert.equal(rows.length, 3);
  assert.deepEqual(
    rows.map(({ row }) => row),
    [total - 3, total - 2, total - 1],
  );
  const overview = await connection.call('auditOverview', { sandbox: 'app' });
  assert.deepEqual([overview.name, overview.sandbox, (overview.types['command'] ?? 0) > 0], ['app', id, true]);
  assert.ok(overview.records >= total);
  writeFileSync(join(lasso.folders.audit, 'hostile.jsonl'), '{"v":3,"seq":0,"target":"\u001b[2J\u202e"}\n\u001b]0;x\u0007\n');
  const shown = await view('hostile');
  assert.match(shown, /\\u\{1b\}\[2J\\u\{202e\}/);
  assert.doesNotMatch(shown + (await view('hostile', '--json')), /[\u001b\u202e\u0007]/);
});

test('records are listed, also of a sandbox that was removed, whose record stays', limit, async () => {
  assert.match(
    (await lasso.cli(['audit', 'list'])).stdout,
    new RegExp(`^SANDBOX +NAME +FILES +SIZE +CHANGED\n(?:.*\n)*${id} +app +1 +\\S+ \\S+ +\\S+ ago\n`),
  );
  assert.ok((await lasso.cli(['audit', 'list', '-q'])).stdout.split('\n').includes(id));
  await (await lasso.connect()).call('remove', { sandbox: 'app', force: true });
  assert.match((await lasso.cli(['audit', 'list'])).stdout, new RegExp(`${id} +\\(removed\\) +1 `));
  assert.match(await view(id), /lifecycle remove/);
});
