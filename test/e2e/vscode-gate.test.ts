/**
 * What a person in VS Code sees of an agent that is held to a profile: what it asks, what was refused and by which rule, and
 * how much it may do by itself. Every step is one promise and builds on the one before.
 */
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { lassoOf, packInto } from '../kit/vscode-lasso.ts';
import { repository, startVsCodeServer } from '../kit/vscode-server.ts';
import { stepsOf } from '../kit/vscode-steps.ts';
import { VsCodeWindow } from '../kit/vscode-window.ts';

const settings = {
  'lasso.backend': process.env['LASSO_TEST_BACKEND'] ?? 'bubblewrap',
  'lasso.defaultProfile': 'asking',
  'workbench.colorTheme': 'Default Dark Modern',
  'window.autoDetectColorScheme': false,
};

const profile = `name = "asking"
description = "Asks before a program is published"
extends = "standard"

[commands.ask_args]
touch = ["*"]
`;

test('a person answers for an agent in VS Code', { timeout: 300_000 }, async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'vu-'));
  const server = await startVsCodeServer({ vsix: [packInto(folder)], settings });
  const home = path.join(realpathSync(server.root), 'home');
  const workspace = path.join(home, 'sample-workspace');
  cpSync(path.join(repository, 'test', 'kit', 'sample-workspace'), workspace, { recursive: true });
  mkdirSync(path.join(home, '.lasso', 'profiles'), { recursive: true, mode: 0o700 });
  writeFileSync(path.join(home, '.lasso', 'profiles', 'asking.toml'), profile);
  writeFileSync(path.join(workspace, 'build.sh'), 'mount --version\n');
  const lasso = lassoOf(server);
  const window = await VsCodeWindow.open(server, { width: 1440, height: 860 });
  const { page } = window;
  const step = stepsOf(t, window);
  const made = (name: string): boolean => existsSync(path.join(workspace, name));
  const question = (command: string) => window.notification(`wants to run “${command}”`);
  try {
    await step('a command that is asked about waits: in a notification, in the view, and as a number beside the icon', async () => {
      await window.show(workspace);
      await window.activity('LASSO');
      await window.widenSideBar(150);
      await window.command('LASSO: Open Sandboxed Terminal');
      await window.terminalShows(/\S\s*[$%>]\s*$/m);
      await window.type('touch first; touch second & touch third');
      await question('touch first').waitFor();
      await window.row('touch first').first().waitFor();
      await page.locator('.activitybar .badge-content').filter({ hasText: '1' }).first().waitFor();
      await window.screenshot('20-asked');
      assert.ok(!made('first'));
    });

    await step('allowed once, it runs; what was asked behind it comes one after the other', async () => {
      await question('touch first').getByRole('button', { name: 'Allow Once' }).click();
      await window.row('touch second').first().waitFor();
      await window.row('touch third').first().waitFor();
      assert.ok(made('first'));
      assert.equal(await window.notification('wants to run').count(), 1);
      await window.screenshot('21-two');
      await window.inline(window.row('touch second'), 'Deny');
      await window.inline(window.row('touch third'), 'Allow Once');
      await window.row('touch').first().waitFor({ state: 'detached' });
      await window.notification('wants to run').waitFor({ state: 'detached' });
      await window.type('echo "done=$?"');
      await window.terminalShows(/^done=\d/m);
      assert.deepEqual([made('second'), made('third')], [false, true]);
    });

    await step('answered from the command line, the question leaves the window', async () => {
      await window.type('clear; touch fourth');
      await question('touch fourth').waitFor();
      const { approvals } = JSON.parse(await lasso.run('approvals', '--json')) as {
        readonly approvals: readonly { readonly id: string }[];
      };
      await lasso.run('deny', approvals[0]?.id ?? '');
      await question('touch fourth').waitFor({ state: 'detached' });
      await window.row('touch fourth').waitFor({ state: 'detached' });
      assert.ok(!made('fourth'));
    });

    await step('what is refused is counted in the row, and the line in the terminal leads to the rule', async () => {
      await window.type('clear; sh build.sh');
      await window.terminalShows(/LASSO: `mount` is blocked by standard\.toml:\d+/);
      await window
        .row(/\d blocked/)
        .first()
        .waitFor();
      const { x, y } = await placeInTerminal(window, 'standard.toml');
      await page.mouse.move(x, y);
      await page.locator('.workbench-hover-container, .monaco-hover').filter({ hasText: 'blacklist' }).first().waitFor();
      await window.screenshot('22-link');
      await page.keyboard.down('Control');
      await page.mouse.click(x, y);
      await page.keyboard.up('Control');
      await page.locator('.tab.active').filter({ hasText: 'standard.toml' }).waitFor();
    });

    await step('the mode is changed from the row, and holds in the shell that runs', async () => {
      const observe = page.locator('.quick-input-list .monaco-list-row:visible').filter({ hasText: 'observe' });
      await window.fromMenu(window.row(/asking · autonomous/), 'Change Mode…', observe);
      await window.screenshot('23-mode');
      await window.pick('observe');
      await window
        .row(/asking · observe/)
        .first()
        .waitFor();
      await window.type('clear; mkdir made; echo "mkdir=$?"');
      await window.terminalShows(/^mkdir=126$/m);
      assert.ok(!made('made'));
    });
  } finally {
    await window.close();
    // An extension that is still there would start another helper.
    await server.stop(() => lasso.end());
    rmSync(folder, { recursive: true, force: true });
  }
});

/** The middle of a word that the visible terminal shows, in pixels. */
async function placeInTerminal({ page }: VsCodeWindow, word: string): Promise<{ readonly x: number; readonly y: number }> {
  const row = page.locator('.terminal-wrapper.active .xterm-rows > div').filter({ hasText: word }).first();
  return row.evaluate((element, text) => {
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const at = node.textContent?.indexOf(text) ?? -1;
      if (at < 0) continue;
      const range = document.createRange();
      range.setStart(node, at);
      range.setEnd(node, at + text.length);
      const { left, top, width, height } = range.getBoundingClientRect();
      return { x: left + width / 2, y: top + height / 2 };
    }
    throw new Error(`the terminal does not show ${text}`);
  }, word);
}
