/** Where LASSO does nothing in VS Code, and what it says then: no trust, an engine that does not answer. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { lassoOf, packInto } from '../kit/vscode-lasso.ts';
import { startVsCodeServer } from '../kit/vscode-server.ts';
import { VsCodeWindow } from '../kit/vscode-window.ts';

test('a workspace that is not trusted starts nothing', { timeout: 120_000 }, async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'vu-'));
  mkdirSync(path.join(folder, '.lasso'));
  writeFileSync(path.join(folder, '.lasso', 'profile.toml'), 'name = "here"\nmode = "no such mode"\n');
  const trust = { 'security.workspace.trust.startupPrompt': 'never', 'security.workspace.trust.emptyWindow': false };
  const server = await startVsCodeServer({ vsix: [packInto(folder)], settings: trust, asksForTrust: true });
  const keys = [{ key: 'ctrl+alt+9', command: 'lasso.newAgent' }];
  writeFileSync(path.join(server.root, 'data', 'User', 'keybindings.json'), JSON.stringify(keys));
  const window = await VsCodeWindow.open(server);
  try {
    await window.show(folder);
    await window.activity('LASSO');
    // Once in each view.
    await window.page.getByRole('button', { name: 'Manage Workspace Trust' }).nth(1).waitFor();
    await window.openFile('profile.toml');
    await window.page.locator('.statusbar').getByText('LASSO Profile').first().waitFor();
    for (const title of ['LASSO: Create Sandbox', 'LASSO: New Sandboxed Agent…']) {
      await assert.rejects(window.command(title, 1), 'no command is offered');
      await window.page.keyboard.press('Escape');
    }
    assert.equal(await window.page.getByRole('button', { name: 'New Sandboxed Agent' }).count(), 0);
    // A key may still lead to one.
    const said = window.notification('LASSO does nothing in a workspace that is not trusted').first();
    for (let tries = 0; !(await said.isVisible()); tries += 1) {
      assert.ok(tries < 20, 'a person is told why nothing happens');
      await window.page.keyboard.press('Control+Alt+9');
      await window.page.waitForTimeout(1000);
    }
    // Only an extension that is active has a log to show.
    await window.command('LASSO: Show Log');
    await window.page
      .locator('.panel .output-view, .panel .part.output')
      .or(window.page.locator('.panel .monaco-editor'))
      .first()
      .waitFor();
    await window.screenshot('8-untrusted');
    assert.equal(
      await window.page.locator('.squiggly-error, .codelens-decoration, .monaco-dialog-box').count(),
      0,
      'nothing is said about the profile',
    );
    assert.ok(!existsSync(path.join(server.root, 'run', 'lasso')), 'no helper was started');
    assert.ok(!existsSync(path.join(server.root, 'home', '.lasso')), 'nothing was written');
  } finally {
    await window.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

test(
  'an engine that does not answer is named when a terminal is wanted, with the way to Doctor, and nothing is left',
  { timeout: 180_000 },
  async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'vu-'));
    const nowhere = `unix://${folder}-nobody.sock`;
    const environment = { DOCKER_HOST: nowhere };
    const settings = { 'lasso.defaultProfile': 'standard', 'lasso.backend': 'docker' };
    const server = await startVsCodeServer({ vsix: [packInto(folder)], settings, environment });
    const window = await VsCodeWindow.open(server);
    try {
      await window.show(folder);
      await window.activity('LASSO');
      await window.page.getByRole('button', { name: 'Open Sandboxed Terminal' }).waitFor();
      await window.command('LASSO: Open Sandboxed Terminal');
      const notice = window.notification('Run Doctor').first();
      await notice.waitFor();
      assert.match(await notice.innerText(), /nobody\.sock/);
      await window.screenshot('9-no-engine');
      assert.deepEqual(await lassoOf(server).sandboxes(), []);
    } finally {
      await window.close();
      await server.stop(() => lassoOf(server).end());
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
