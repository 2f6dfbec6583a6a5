/**
 * What a person does about coding agents in VS Code: tells them what a profile says and sees every change first, is told once when
 * that no longer holds, and takes it out again. Every step is one promise and builds on the one before.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { lassoOf, packInto } from '../kit/vscode-lasso.ts';
import { startVsCodeServer } from '../kit/vscode-server.ts';
import { stepsOf } from '../kit/vscode-steps.ts';
import { VsCodeWindow } from '../kit/vscode-window.ts';

const settings = {
  'lasso.backend': 'bubblewrap',
  'workbench.colorTheme': 'Default Dark Modern',
  'window.autoDetectColorScheme': false,
  'editor.minimap.enabled': false,
};
const mine = '{\n  "model": "mine",\n  "permissions": { "deny": ["Read(./own)"] }\n}\n';
const team = (more: string): string => `name = "team"\nextends = "standard"\ndescription = "The team"\n${more}`;

test('a person tells agents what a profile says in VS Code', { timeout: 300_000 }, async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'va-'));
  const server = await startVsCodeServer({ vsix: [packInto(folder)], settings });
  const home = path.join(realpathSync(server.root), 'home');
  const workspace = path.join(home, 'project');
  const file = (name: string): string => path.join(workspace, name);
  const read = (name: string): string => readFileSync(file(name), 'utf8');
  for (const name of ['.claude', '.codex']) mkdirSync(file(name), { recursive: true });
  writeFileSync(file('.claude/settings.json'), mine);
  writeFileSync(file('AGENTS.md'), '# Mine\n');
  const profiles = path.join(home, '.lasso', 'profiles');
  mkdirSync(profiles, { recursive: true, mode: 0o700 });
  const profile = path.join(profiles, 'team.toml');
  writeFileSync(profile, team(''));
  const lasso = lassoOf(server);
  const window = await VsCodeWindow.open(server, { width: 1440, height: 860 });
  const step = stepsOf(t, window);
  const { page } = window;
  const rows = page.locator('.quick-input-widget:visible .quick-input-list .monaco-list-row');
  const press = async (notice: string | RegExp, button: string): Promise<void> => {
    const found = window.notification(notice).first();
    await found.waitFor();
    await found.getByRole('button', { name: button, exact: true }).click();
  };
  const until = async (promise: string, holds: () => boolean): Promise<void> => {
    for (let tries = 0; !holds(); tries += 1) {
      assert.ok(tries < 150, promise);
      await page.waitForTimeout(200);
    }
  };
  try {
    await step('agents the folder uses are ticked, and the profile is chosen', async () => {
      await window.show(workspace);
      await window.command('LASSO: Generate Agent Config');
      await rows.filter({ hasText: 'Claude Code' }).first().waitFor();
      const ticked = rows.filter({ has: page.locator('[aria-checked="true"], input:checked') });
      assert.ok((await ticked.filter({ hasText: 'Claude Code' }).count()) === 1, 'Claude Code is ticked');
      assert.equal(await ticked.filter({ hasText: 'Aider' }).count(), 0);
      await window.screenshot('60-agents');
      await page.keyboard.press('Enter');
      await rows.filter({ hasText: 'The team' }).first().waitFor();
      await window.pick('The team');
    });

    await step('every change is shown before anything is written, and what an agent cannot be told', async () => {
      await window
        .notification(/Write \d+ files/)
        .first()
        .waitFor();
      await page.locator('.multiDiffEntry, .multi-diff-root-floating-menu, .monaco-component.multiDiffEditor').first().waitFor();
      await page.locator('.view-line').filter({ hasText: 'What to know before it is written' }).first().waitFor();
      await window.screenshot('61-agent-changes');
      assert.equal(read('.claude/settings.json'), mine);
      assert.ok(!existsSync(file('.lasso/agents.json')));
    });

    await step('what was shown is written when a person applies it, and theirs is still there', async () => {
      await press(/Write \d+ files/, 'Apply');
      await until('the files are written', () => existsSync(file('.lasso/agents.json')));
      assert.match(read('.claude/settings.json'), /"Read\(\.\/own\)"/);
      assert.match(read('.claude/settings.json'), /"model": "mine"/);
      assert.match(read('AGENTS.md'), /^# Mine\n\n<!-- LASSO begin: profile team/);
    });

    await step('a profile that changes is noticed, and what changes can be seen', async () => {
      writeFileSync(profile, team('\n[commands]\nblacklist = ["terraform"]\n'));
      const notice = /no longer match.* profile team/;
      await window.notification(notice).first().waitFor();
      await window.screenshot('62-agents-drifted');
      await press(notice, 'Show');
      await window
        .notification(/Write \d+ files/)
        .first()
        .waitFor();
      await press(/Write \d+ files/, 'Not Now');
      assert.doesNotMatch(read('.claude/settings.json'), /Bash\(terraform\)/);
    });

    await step('who does not want it now is not asked again, until it is something else', async () => {
      await window.reload();
      await page.waitForTimeout(4000);
      assert.equal(await window.notification(/no longer match/).count(), 0);
      writeFileSync(profile, team('\n[commands]\nblacklist = ["terraform", "ansible"]\n'));
      await press(/no longer match.* profile team/, 'Update');
      await until('the files are brought up to date', () => read('.claude/settings.json').includes('ansible'));
    });

    await step('what somebody changed is not replaced without being seen', async () => {
      writeFileSync(file('.claude/settings.json'), read('.claude/settings.json').replace('"Bash(ansible)",', ''));
      await window.reload();
      const notice = window.notification(/no longer match.*somebody changed/).first();
      await notice.waitFor();
      assert.equal(await notice.getByRole('button', { name: 'Update', exact: true }).count(), 0);
      await notice.getByRole('button', { name: 'Not Now', exact: true }).click();
    });

    await step('all of it goes again, and what a person wrote is as it was', async () => {
      await window.command('LASSO: Remove Agent Config');
      await press(/Take what LASSO wrote out of/, 'Remove');
      await until(
        'the notes and the folders are gone',
        () => !existsSync(file('.lasso/agents.json')) && !existsSync(file('.claude/rules')),
      );
      assert.equal(read('AGENTS.md'), '# Mine\n');
      assert.deepEqual(JSON.parse(read('.claude/settings.json')), JSON.parse(mine));
    });
  } finally {
    await window.close();
    // An extension that is still there would start another helper.
    await server.stop(() => lasso.end());
    rmSync(folder, { recursive: true, force: true });
  }
});
