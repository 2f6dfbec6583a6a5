/**
 * What a person in VS Code sees of an agent that wants out: what it is asked, what was refused and by which rule, a profile that
 * is reloaded or learned while it works, and a port that is reached. Every step is one promise and builds on the one before.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { Locator } from 'playwright-core';
import { lassoOf, packInto } from '../kit/vscode-lasso.ts';
import { startVsCodeServer } from '../kit/vscode-server.ts';
import { stepsOf } from '../kit/vscode-steps.ts';
import { VsCodeWindow } from '../kit/vscode-window.ts';

const settings = {
  'lasso.backend': process.env['LASSO_TEST_BACKEND'] ?? 'bubblewrap',
  'lasso.defaultProfile': 'curious',
  'workbench.colorTheme': 'Default Dark Modern',
  'window.autoDetectColorScheme': false,
};

const profile = (more: string): string => `name = "curious"
extends = "standard"

[network]
allowed_domains = ["!*"]
unlisted = "ask"
${more}`;

/** A port of this machine that is free now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test('a person in VS Code answers for what an agent reaches', { timeout: 300_000 }, async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'vn-'));
  const server = await startVsCodeServer({ vsix: [packInto(folder)], settings });
  const home = path.join(realpathSync(server.root), 'home');
  const workspace = path.join(home, 'reaching');
  const profiles = path.join(home, '.lasso', 'profiles');
  mkdirSync(workspace);
  mkdirSync(profiles, { recursive: true, mode: 0o700 });
  writeFileSync(path.join(profiles, 'curious.toml'), profile(''));
  const lasso = lassoOf(server);
  const window = await VsCodeWindow.open(server, { width: 1440, height: 860 });
  const { page } = window;
  const step = stepsOf(t, window);
  const question = (target: string) => window.notification(`wants to connect to “${target}”`);
  const fromRow = (action: string, shown: Locator): Promise<void> => window.fromMenu(window.row(/curious · autonomous/), action, shown);
  try {
    await step('a connection that is asked about waits: in a notification and in the view, with who connects and where', async () => {
      await window.show(workspace);
      await window.activity('LASSO');
      await window.widenSideBar(150);
      await window.command('LASSO: Open Sandboxed Terminal');
      await window.terminalShows(/\S\s*[$%>]\s*$/m);
      await window.type('clear; curl -sS -m 60 https://unheard.test/; echo "curl=$?"');
      await question('unheard.test:443').waitFor();
      await window.row('unheard.test:443').first().waitFor();
      await window.screenshot('30-connection');
    });

    await step('denied, the program hears it at once, with the reason', async () => {
      await question('unheard.test:443').getByRole('button', { name: 'Deny' }).click();
      await window.terminalShows(/^curl=[1-9]/m);
      await window
        .row(/\d blocked/)
        .first()
        .waitFor();
      await window.type('clear; curl -m 60 http://plain.test/');
      await question('GET plain.test:80/').getByRole('button', { name: 'Deny' }).click();
      await window.terminalShows(/LASSO: .*plain\.test.* needs approval.*a person said no/s);
      await window.screenshot('31-denied');
    });

    await step('the profile is changed and reloaded from its row; it holds at once in the shell that runs', async () => {
      writeFileSync(path.join(profiles, 'curious.toml'), profile('blocked_domains = ["plain.test"]\n'));
      await fromRow('Reload Profile of Sandbox', window.notification('is held to its profile as it is now'));
      await window.type('clear; curl -m 60 http://plain.test/');
      await window.terminalShows(/LASSO: .*plain\.test.* is blocked by curious\.toml:\d+/s);
      await window.screenshot('32-reloaded');
    });

    await step('a sandbox that learns says so, and what it needed becomes a profile only when a person has seen it', async () => {
      await fromRow('Learn Profile from Session', window.dialog());
      await window.dialog().getByRole('button', { name: 'Let It Learn' }).click();
      await window.notification('learns. Call').waitFor();
      await window.type('clear; curl -m 60 http://needed.test/; echo "learned=$?"');
      await window.terminalShows(/^learned=\d/m);
      await fromRow('Learn Profile from Session', window.notification('needed?'));
      await page.locator('.monaco-diff-editor').filter({ hasText: 'needed.test' }).first().waitFor();
      await window.screenshot('33-learned');
      const file = path.join(profiles, 'my-curious.toml');
      assert.ok(!existsSync(file));
      await window.notification('needed?').getByRole('button', { name: 'Save to Profile' }).click();
      await window.row('my-curious').first().waitFor();
      assert.match(readFileSync(file, 'utf8'), /allowed_domains = \[\n {2}# curl connected once, to port 80\n {2}"needed\.test",\n\]/);
    });

    await step('a port of the sandbox is reached on this machine, until it is ended', async () => {
      const port = await freePort();
      await window.type(`clear; python3 -m http.server ${port} --bind 127.0.0.1`);
      await window.terminalShows(/Serving HTTP/);
      const input = page.locator('.quick-input-box input:visible');
      await fromRow('Forward Port…', input);
      await input.fill(String(port));
      await page.keyboard.press('Enter');
      await window.notification(`is reached at 127.0.0.1:${port}`).waitFor();
      assert.equal((await fetch(`http://127.0.0.1:${port}/`)).status, 200);
      await window.screenshot('34-forward');
      await fromRow('Forward Port…', page.locator('.quick-input-list .monaco-list-row:visible').filter({ hasText: `End ${port}` }));
      await window.pick(`End ${port}`);
      await window.notification('no longer reached').waitFor();
      await assert.rejects(fetch(`http://127.0.0.1:${port}/`));
    });
  } finally {
    await window.close();
    // An extension that is still there would start another helper.
    await server.stop(() => lasso.end());
    rmSync(folder, { recursive: true, force: true });
  }
});
