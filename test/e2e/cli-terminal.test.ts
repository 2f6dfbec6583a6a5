/** The command line under a real terminal: what a person sees, types and gets back. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { lassoProgram, TestLasso } from '../kit/lasso.ts';
import { startUnderPty, type PtyProgram } from '../kit/pty.ts';

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

const start = (...argv: string[]): PtyProgram =>
  startUnderPty(process.execPath, [lassoProgram, ...argv], { cwd: workspace, environment: lasso.environment });

test('a shell opens in a new sandbox, and both end with the shell’s own status', limit, async () => {
  const terminal = start('shell', '-b', 'bubblewrap', '-n', 'brief');
  terminal.type('echo in-$((40+2)); pwd\r');
  await terminal.see(/in-42\s+\/workspace/);
  terminal.type('exit 7\r');
  assert.equal((await terminal.ended).exitCode, 7);
  for (let tries = 0; tries < 50 && (await lasso.cli(['helper', 'names'])).stdout.includes('brief'); tries += 1);
  assert.ok(!(await lasso.cli(['helper', 'names'])).stdout.includes('brief'));
});

test('a terminal that was left is found again with what it showed, and keeps running meanwhile', limit, async () => {
  const first = start('attach', 'app');
  first.type('X=kept; for i in 1 2 3; do echo line-$i; done\r');
  await first.see(/line-3/);
  first.type('\u001dd');
  await first.see(/left terminal t\d+ of app running/);
  assert.equal((await first.ended).exitCode, 0);
  const second = start('attach');
  await second.see(/line-1\s+line-2\s+line-3/);
  second.type('echo $X-again\r');
  await second.see(/kept-again/);
  second.type('exit\r');
  assert.equal((await second.ended).exitCode, 0);
});

test('Ctrl-C, the size, wide characters and Ctrl-] reach what runs inside', limit, async () => {
  const terminal = start('attach', 'app', '--new');
  terminal.type('stty size\r');
  await terminal.see(/30 100/);
  terminal.resize(81, 25);
  terminal.type('sleep 0.3; stty size\r');
  await terminal.see(/25 81/);
  terminal.type('echo "日本 é 🙂" | od -An -tx1\r');
  await terminal.see(/e6 97 a5 e6 9c ac 20 c3 a9 20 f0 9f/);
  terminal.type('sh -c "echo be""gun; exec sleep 1000"\r');
  await terminal.see(/begun/);
  terminal.type('\u0003');
  terminal.type('echo status-$?\r');
  await terminal.see(/status-130/);
  terminal.type('head -c1 | od -An -tx1\r');
  await terminal.see(/od -An/);
  terminal.type('\u001d\u001d\r');
  await terminal.see(/1d/);
  terminal.type('exit 3\r');
  assert.equal((await terminal.ended).exitCode, 3);
});

test(
  'a full-screen editor works, and being ended in the middle of it gives the terminal back',
  { ...limit, skip: existsSync('/usr/bin/vim') ? false : 'vim is not installed' },
  async () => {
    const terminal = start('attach', 'app', '--new');
    terminal.type('vim -u NONE note\r');
    await terminal.see(/\u001b\[\?1049h/);
    terminal.type('ihello from vim\u001b:w\r');
    await terminal.see(/written|1L/);
    assert.ok(existsSync(join(workspace, 'note')));
    process.kill(terminal.pid, 'SIGTERM');
    await terminal.see(/\u001b\[\?1049l/);
    assert.equal((await terminal.ended).exitCode, 143);
    const back = start('attach', 'app');
    await back.see(/hello from vim/);
    back.type(':q!\r');
    // An editor that ends throws away what was typed ahead.
    await back.see(/\u001b\[\?1049l[^]*\$ /);
    back.type('exit\r');
    await back.ended;
  },
);

test('a lost helper is told, with the way back', limit, async () => {
  const terminal = start('attach', 'app', '--new');
  terminal.type('echo here-$((1+1))\r');
  await terminal.see(/here-2/);
  process.kill(await lasso.helperPid(), 'SIGKILL');
  await terminal.see(/the terminal is lost/);
  await terminal.see(/lasso attach/);
  assert.ok((await terminal.ended).exitCode !== 0);
});
