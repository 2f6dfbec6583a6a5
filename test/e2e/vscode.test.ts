/**
 * What a person does with LASSO in VS Code, from the installed package to the verified record, in a real window with a real
 * sandbox. Every step is one promise and builds on the one before.
 */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { lassoOf, packInto } from '../kit/vscode-lasso.ts';
import { repository, startVsCodeServer } from '../kit/vscode-server.ts';
import { stepsOf } from '../kit/vscode-steps.ts';
import { VsCodeWindow } from '../kit/vscode-window.ts';

const backend = process.env['LASSO_TEST_BACKEND'] ?? 'bubblewrap';
const settings = {
  'lasso.backend': backend,
  'workbench.colorTheme': 'Default Dark Modern',
  'window.autoDetectColorScheme': false,
};

test('a person works in a sandbox from VS Code', { timeout: 300_000 }, async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'vu-'));
  const server = await startVsCodeServer({ vsix: [packInto(folder)], settings });
  const workspace = path.join(realpathSync(server.root), 'home', 'sample-workspace');
  cpSync(path.join(repository, 'test', 'kit', 'sample-workspace'), workspace, { recursive: true });
  const lasso = lassoOf(server);
  const window = await VsCodeWindow.open(server);
  const step = stepsOf(t, window);
  let shell = '';
  let id = '';
  try {
    await step('the view says what to do when there is no sandbox', async () => {
      await window.show(workspace);
      await window.activity('LASSO');
      await window.page.getByRole('button', { name: 'Open Sandboxed Terminal' }).waitFor();
      await window.widenSideBar(110);
      await window.screenshot('1-welcome');
    });

    await step('“Open Sandboxed Terminal” asks for a profile and opens a shell', async () => {
      await window.command('LASSO: Open Sandboxed Terminal');
      await window.page.locator('.quick-input-list .monaco-list-row:visible').filter({ hasText: 'strict' }).waitFor();
      await window.screenshot('2-profiles');
      await window.pick('standard');
      await window.terminalShows(/\S\s*[$%>]\s*$/m);
    });

    await step('the shell is nobody special, in /workspace, and what it makes belongs to the owner of the folder', async () => {
      await window.type('id; pwd; touch x; echo "shell=$$"');
      const [, uid] = await window.terminalShows(/^uid=(\d+)/m);
      assert.notEqual(uid, '0');
      await window.terminalShows(/^\/workspace$/m);
      [, shell = ''] = await window.terminalShows(/^shell=(\d+)$/m);
      assert.equal(statSync(path.join(workspace, 'x')).uid, statSync(workspace).uid);
    });

    await step('the shell has no privileges, and a home without anything of the user’s', async () => {
      await window.openFile('README.md');
      await window.type('clear; id -un; grep CapEff /proc/self/status; test -e ~/.ssh; echo "key=$?"');
      await window.terminalShows(/^agent$/m);
      await window.terminalShows(/^CapEff:\s+0{16}$/m);
      await window.terminalShows(/^key=1$/m);
      await window.type('touch hello.txt; ls; echo "shell=$$"');
      await window.terminalShows(/hello\.txt/);
      await window.terminalShows(new RegExp(`^shell=${shell}$`, 'm'));
    });

    await step('the sandbox is in the view and in the status bar', async () => {
      await window
        .row(/standard/)
        .first()
        .waitFor();
      await window.row('Record').first().waitFor();
      await window.page.locator('.statusbar [aria-label*="sandboxes running here: 1"]').first().waitFor();
      const [sandbox] = await lasso.sandboxes();
      assert.ok(sandbox);
      assert.equal(sandbox.state, 'running');
      assert.equal(realpathSync(sandbox.workspace), workspace);
      ({ id } = sandbox);
      await window.screenshot('3-sandbox');
    });

    await step('a reload of the window brings the same shell back', async () => {
      await window.reload();
      await window.terminalShows(new RegExp(`^shell=${shell}$`, 'm'));
      await window.type('echo "again=$$"');
      const [, again] = await window.terminalShows(/^again=(\d+)$/m);
      assert.equal(again, shell);
      await window
        .row(/standard/)
        .first()
        .waitFor();
      await window.screenshot('4-reloaded');
    });

    await step('a second window on the same folder sees the same sandbox', async () => {
      const second = await VsCodeWindow.open(server);
      try {
        await second.show(workspace);
        await second.activity('LASSO');
        await second
          .row(/standard/)
          .first()
          .waitFor();
        await second.page.locator('.statusbar [aria-label*="sandboxes running here: 1"]').first().waitFor();
      } finally {
        await second.close();
      }
    });

    await step('“Run Command…” shows output and exit code', async () => {
      await window.command('LASSO: Run Command…');
      await window.answer('echo "made of $((6 * 7))"; exit 3');
      await window.page.locator('.view-line').filter({ hasText: 'made of 42' }).first().waitFor();
      await window.page.locator('.view-line').filter({ hasText: '[exit code 3]' }).first().waitFor();
    });

    await step('the record is shown, verified', async () => {
      await window.row('Record').first().click();
      const record = window.auditPage();
      await record.locator('.banner[data-level="proven"], .banner[data-level="partly"]').waitFor();
      await record.locator('.layer .row').filter({ hasText: 'made of' }).first().waitFor();
      await window.screenshot('5-record');
    });

    await step('Doctor shows what it found', async () => {
      await window.command('LASSO: Doctor');
      await window.page.locator('.tab').filter({ hasText: 'LASSO Doctor' }).first().waitFor();
      const preview = window.page.locator('iframe.webview.ready').last().contentFrame().frameLocator('iframe#active-frame');
      await preview.getByText(backend, { exact: true }).first().waitFor();
      await window.screenshot('6-doctor');
    });

    await step('the view stops it, and nothing of it stays', async () => {
      await window.inline(window.row(/standard/), 'Stop');
      await window
        .row(/stopped/)
        .first()
        .waitFor();
      assert.equal((await lasso.sandboxes()).find((sandbox) => sandbox.id === id)?.state, 'stopped');
      await window.page.locator('.terminal-wrapper.active').waitFor({ state: 'detached' });
      await window.screenshot('7-stopped');
      await window.inline(window.row(/stopped/), 'Remove');
      await window.page.getByRole('button', { name: 'Open Sandboxed Terminal' }).waitFor();
      assert.deepEqual(await lasso.sandboxes(), []);
    });

    await step('the record it leaves verifies', async () => {
      const { valid, reports } = JSON.parse(await lasso.run('audit', 'verify', id, '--json')) as {
        readonly valid: boolean;
        readonly reports: readonly { readonly records: number }[];
      };
      assert.equal(valid, true);
      assert.ok((reports[0]?.records ?? 0) > 0);
    });
  } finally {
    await window.close();
    // An extension that is still there would start another helper.
    await server.stop(() => lasso.end());
    rmSync(folder, { recursive: true, force: true });
  }
});
