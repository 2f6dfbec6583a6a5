/**
 * What a person does with profiles in VS Code: looks at what one allows and where that was written, writes one with help,
 * compares and tries it, and is asked about the one a folder brings. Every step is one promise and builds on the one before.
 */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { lassoOf, packInto } from '../kit/vscode-lasso.ts';
import { repository, startVsCodeServer } from '../kit/vscode-server.ts';
import { stepsOf } from '../kit/vscode-steps.ts';
import { VsCodeWindow } from '../kit/vscode-window.ts';

const settings = {
  'lasso.backend': process.env['LASSO_TEST_BACKEND'] ?? 'bubblewrap',
  'workbench.colorTheme': 'Default Dark Modern',
  'window.autoDetectColorScheme': false,
  'editor.minimap.enabled': false,
  'breadcrumbs.enabled': false,
  'files.autoSave': 'off',
};

test('a person works with profiles in VS Code', { timeout: 300_000 }, async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'vu-'));
  const server = await startVsCodeServer({ vsix: [packInto(folder)], settings });
  const home = path.join(realpathSync(server.root), 'home');
  const workspace = path.join(home, 'sample-workspace');
  cpSync(path.join(repository, 'test', 'kit', 'sample-workspace'), workspace, { recursive: true });
  const lasso = lassoOf(server);
  const window = await VsCodeWindow.open(server, { width: 1440, height: 860 });
  const step = stepsOf(t, window);
  const team = path.join(home, '.lasso', 'profiles', 'team.toml');
  const { page } = window;
  const dialog = window.dialog();
  const lines = (text: string | RegExp) => page.locator('.view-line').filter({ hasText: text }).first();
  const create = async (): Promise<void> => {
    await window.command('LASSO: Create Sandbox');
    await page.locator('.quick-input-list .monaco-list-row:visible').filter({ hasText: 'strict' }).first().waitFor();
    await window.pick('Everyday work');
  };
  const brought = (program: string): void => {
    mkdirSync(path.join(workspace, '.lasso'), { recursive: true });
    writeFileSync(path.join(workspace, '.lasso', 'profile.toml'), `name = "here"\n\n[commands]\nblacklist = ["${program}"]\n`);
  };
  const running = async (count: number): Promise<void> => {
    for (let tries = 0; (await lasso.sandboxes()).length !== count; tries += 1) {
      assert.ok(tries < 100, `${count} sandboxes`);
      await page.waitForTimeout(200);
    }
  };
  try {
    await step('the view shows the built-in profiles and the place for one’s own', async () => {
      await window.show(workspace);
      await window.activity('LASSO');
      for (const row of ['New profile…', 'standard', 'strict', 'offline']) await window.row(row).first().waitFor();
      await window.widenSideBar(150);
    });

    await step('a profile shows every value, and the line it was written in', async () => {
      await window.twist(window.row(/^strict/));
      await page.locator('.pane-header[aria-label^="Sandboxes"]').click();
      await window.reveal(window.row(/^network/), 'Profiles');
      await window.twist(window.row(/^network/));
      await window.reveal(window.row(/^mode: none.*strict\.toml:\d+/), 'Profiles');
      await window.reveal(window.row(/^allowed_ports: .*default$/), 'Profiles');
      await window.screenshot('10-values');
    });

    await step('a click on a value opens the file at that line, for reading only', async () => {
      const row = window.row(/^mode: none.*strict\.toml:\d+/).first();
      const [, line = ''] = /:(\d+)\D*$/.exec(await row.innerText()) ?? [];
      await row.click();
      await page.locator('.tab.active').filter({ hasText: 'strict.toml' }).waitFor();
      await page.locator('.statusbar').getByText(`Ln ${line},`).first().waitFor();
      await page.locator('.editor-instance .monaco-editor.focused').waitFor();
      await page.keyboard.press('x');
      await page.locator('.monaco-editor-overlaymessage').filter({ hasText: 'read-only' }).first().waitFor();
      await page.locator('.pane-header[aria-label^="Profiles"]').hover();
      await page.locator('.pane-header [aria-label="Collapse All"]').first().click();
      for (const group of ['Yours', 'Built in']) await window.twist(window.row(group));
    });

    await step('“New Profile…” refuses a bad name, then begins one from another', async () => {
      await window.command('LASSO: New Profile…');
      const input = page.locator('.quick-input-widget:visible .quick-input-box input[placeholder="team-of-mine"]');
      await input.fill('not a name');
      await page.locator('.quick-input-message').filter({ hasText: 'Letters, digits' }).waitFor();
      await window.answer('team', 'team-of-mine');
      await window.pick('Everyday work');
      await page.locator('.tab.active').filter({ hasText: 'team.toml' }).waitFor();
      assert.match(readFileSync(team, 'utf8'), /extends *= *"standard"/);
      await window.row(/^team/).first().waitFor();
    });

    await step('a mistake is marked, and what could stand there is offered, while it is written', async () => {
      writeFileSync(team, sample);
      await lines('"@npm"').waitFor();
      await page.locator('.codelens-decoration').filter({ hasText: 'Try a command' }).first().waitFor();
      await window.twist(window.row(/^team/));
      await window.twist(window.row(/^network/));
      await window
        .row(/^allowed_domains: @npm/)
        .first()
        .waitFor();
      await lines('unlisted').click();
      await page.keyboard.press('End');
      await page.keyboard.type('\nallowed_port = 443', { delay: 30 });
      await page.locator('.squiggly-error').first().waitFor();
      await lines('"@npm"').click();
      await page.keyboard.press('End');
      await page.keyboard.press('ArrowLeft');
      await page.keyboard.type(', "@', { delay: 60 });
      await page.locator('.suggest-widget.visible .monaco-list-row').filter({ hasText: '@pypi' }).first().waitFor();
      await window.screenshot('11-profiles');
      await page.keyboard.press('Escape');
    });

    await step('two profiles stand side by side, with what changes in words', async () => {
      writeFileSync(team, 'name = "team"\nextends = "standard"\n\n[commands]\nblacklist = ["terraform"]\n');
      await window.command('File: Revert File');
      await page.locator('.squiggly-error').first().waitFor({ state: 'detached' });
      await lines('terraform').waitFor();
      await window.command('LASSO: Diff Profile with Base');
      await window.pick('yours');
      await page.locator('.monaco-diff-editor.side-by-side').first().waitFor();
      await lines('now denied: terraform').waitFor();
      await window.screenshot('12-diff');
    });

    await step('a command is tried without being run, and the rule is a click away', async () => {
      await window.command('LASSO: Try a Command…');
      await window.pick('yours');
      await window.answer('terraform apply', 'git push --force');
      const notice = window.notification('Denied by “team”').first();
      await notice.waitFor();
      await window.screenshot('13-tried');
      await notice.getByRole('button', { name: 'Open Rule' }).click();
      await page.locator('.tab.active').filter({ hasText: 'team.toml' }).waitFor();
      await page.locator('.statusbar').getByText('Ln 5,').first().waitFor();
    });

    await step('a profile that the folder brings is asked about first; the sandbox can start without it', async () => {
      brought('ansible');
      await create();
      await dialog.filter({ hasText: 'brings a profile of its own' }).waitFor();
      await dialog
        .getByText(/now denied: .*ansible/)
        .first()
        .waitFor();
      await window.screenshot('14-asked');
      assert.deepEqual(await lasso.sandboxes(), []);
      await dialog.getByRole('button', { name: 'Start Without It' }).click();
      await running(1);
    });

    await step('agreed to once, it is used without asking', async () => {
      await create();
      await dialog.getByRole('button', { name: 'Use It' }).click();
      await running(2);
      await create();
      await running(3);
      assert.equal(await dialog.count(), 0);
      await window.reveal(window.row(/^profile\.toml.*in use/), 'Profiles');
    });

    await step('changed, it is asked about again, with what changed; declined, it is left alone', async () => {
      brought('puppet');
      await create();
      await dialog.filter({ hasText: 'has changed since you agreed to it' }).waitFor();
      await dialog.getByRole('button', { name: 'Show Changes' }).click();
      await page.locator('.monaco-diff-editor').first().waitFor();
      await lines('puppet').waitFor();
      const notice = window.notification('has changed since you agreed to it').first();
      await window.screenshot('15-changed');
      await notice.getByRole('button', { name: 'Never' }).click();
      await running(4);
      await create();
      await running(5);
      assert.equal(await dialog.count(), 0);
    });
  } finally {
    await window.close();
    // An extension that is still there would start another helper.
    await server.stop(() => lasso.end());
    rmSync(folder, { recursive: true, force: true });
  }
});

const sample = `# What agents of the web team may do.
name = "team"
description = "The web team: everyday work, with packages from npm"
extends = "offline"

[commands]
blacklist = [
  "terraform", # added to what offline keeps out
  "!psql",     # but the tests need this one
]

[network]
mode = "restricted"
allowed_domains = ["@npm"]
unlisted = "ask" # a person decides

[resources]
max_memory_mb = 6144
`;
