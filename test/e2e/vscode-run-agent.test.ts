/**
 * A person gives an agent a sandbox in VS Code: picks it, sees it fetched, and sits at its terminal. Every step is one promise and builds
 * on the one before. The agents are made up, and so is the registry they come from.
 */
import assert from 'node:assert/strict';
import { globSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { Locator } from 'playwright-core';
import { packageNamed, serveRegistry } from '../kit/agent-packages.ts';
import { madeUpBuild } from '../kit/made-up-agent.ts';
import { lassoOf, packInto } from '../kit/vscode-lasso.ts';
import { startVsCodeServer } from '../kit/vscode-server.ts';
import { stepsOf } from '../kit/vscode-steps.ts';
import { VsCodeWindow } from '../kit/vscode-window.ts';

const settings = {
  'lasso.backend': 'bubblewrap',
  'workbench.colorTheme': 'Default Dark Modern',
  'window.autoDetectColorScheme': false,
  'workbench.reduceMotion': 'on',
};

/** greets, answers, and goes when it is told to */
const script = `#!/bin/sh
[ "$1" = doctor ] && exit 0
echo "Made-up agent in $PWD. What shall I do?"
while read -r line; do
  [ "$line" = bye ] && exit 0
  echo "told: $line"
done
`;

/** rows of the lists, by what they begin with */
const claude = /^\s*Claude Code/;
const standard = /^\s*standard/;

test('a person gives an agent a sandbox in VS Code', { timeout: 300_000 }, async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'vr-'));
  const { archive, at, build } = await madeUpBuild(script);
  const half = archive.length / 2;
  let stalls = true;
  const registry = await serveRegistry({
    [at]: (response) => {
      response.writeHead(200, { 'content-length': archive.length });
      response.write(archive.subarray(0, half));
      if (!stalls) response.end(archive.subarray(half));
    },
  });
  const cache = path.join(folder, 'cache');
  mkdirSync(cache);
  const environment = { npm_config_registry: registry.address, LASSO_CACHE_DIR: cache, ANTHROPIC_API_KEY: '' };
  const server = await startVsCodeServer({ vsix: [packInto(folder)], settings, environment });
  const processor = `linux-${process.arch}`;
  const absent = { ...build, packages: [packageNamed('nowhere', '1.2.3', build.packages[0]?.integrity ?? '')] };
  const [list = ''] = globSync('extensions/lasso.lasso-*/images/agents.json', { cwd: server.root });
  writeFileSync(path.join(server.root, list), JSON.stringify({ claude: { [processor]: build }, codex: { [processor]: absent } }));
  const workspace = path.join(realpathSync(server.root), 'home', 'project');
  mkdirSync(path.join(workspace, '.codex'), { recursive: true });
  const lasso = lassoOf(server);
  const window = await VsCodeWindow.open(server);
  const step = stepsOf(t, window);
  const { page } = window;
  const rows = page.locator('.quick-input-widget:visible .quick-input-list .monaco-list-row');
  const fromPalette = (): Promise<void> => window.command('LASSO: New Sandboxed Agent…');
  const row = (text: RegExp): Locator => rows.filter({ hasText: text }).first();
  /** Goes through the lists until `shown` is, or the last list has closed; again from the start where one was closed or drawn anew under way. */
  const choose = async (picks: readonly RegExp[], shown?: Locator, start = fromPalette): Promise<void> => {
    for (let tries = 1; ; tries += 1) {
      try {
        await start();
        for (const pick of picks) await row(pick).click({ timeout: 15_000 });
        return await (shown?.waitFor({ timeout: 15_000 }) ?? rows.first().waitFor({ state: 'hidden', timeout: 5000 }));
      } catch (error) {
        if (tries === 6) throw error;
        await page.keyboard.press('Escape');
      }
    }
  };
  const backOut = async (): Promise<void> => {
    for (let tries = 1; (await rows.count()) > 0; tries += 1) {
      assert.ok(tries < 50, 'Escape closes the list');
      await page.keyboard.press('Escape');
      await page.waitForTimeout(200);
    }
  };
  try {
    await step('the view offers it where there is no sandbox yet', async () => {
      await window.show(workspace);
      await window.activity('LASSO');
      await page.getByRole('button', { name: 'New Sandboxed Agent', exact: true }).waitFor();
      await window.widenSideBar(110);
      await window.screenshot('63-agent-welcome');
    });

    await step('agents that the folder uses come first, then the profiles, and who backs out of either gets nothing', async () => {
      await choose([], row(claude));
      assert.match(await rows.first().innerText(), /Codex.*1\.2\.3, to be fetched · used here: \.codex/s);
      await window.screenshot('64-agent-picks');
      await backOut();
      await choose([claude], row(standard));
      await window.screenshot('65-agent-profiles');
      await backOut();
      assert.equal(await window.notification('LASSO').count(), 0);
      assert.deepEqual([await lasso.sandboxes(), registry.asked], [[], []]);
    });

    await step('a profile that keeps it from its model is asked about first', async () => {
      await choose([claude, /^\s*offline/], window.dialog().filter({ hasText: 'cannot reach its model' }));
      await window.screenshot('66-agent-without-network');
      await window.dialog().getByRole('button', { name: 'Choose Another Profile' }).click();
      await row(standard).waitFor();
      await backOut();
      assert.deepEqual([await lasso.sandboxes(), registry.asked], [[], []]);
    });

    await step('fetching it is shown and can be cancelled, and nothing of it stays', async () => {
      await choose([claude, standard]);
      const fetching = window.notification(/Starting Claude Code.*Fetching/).first();
      await fetching.waitFor();
      await window.screenshot('67-agent-fetching');
      await fetching.getByRole('button', { name: 'Cancel' }).click();
      await fetching.waitFor({ state: 'detached' });
      assert.equal(await window.notification('Show Log').count(), 0, 'who cancels is not told of an error');
      assert.deepEqual(await lasso.sandboxes(), []);
      assert.deepEqual(readdirSync(path.join(cache, 'agents')), []);
    });

    await step('it greets in a terminal, after what a person is to know', async () => {
      stalls = false;
      await choose([claude, standard]);
      await window.terminalShows(/gets no ANTHROPIC_API_KEY[^]*What shall I do\?/);
      await window.type('hello');
      await window.terminalShows(/told: hello/);
    });

    await step('the sandbox is in the view under the agent’s name', async () => {
      await window
        .row(/claude · standard/)
        .first()
        .waitFor();
      await window
        .row(/^\s*claude/)
        .first()
        .waitFor();
      await window.screenshot('68-agent-terminal');
      assert.equal((await lasso.sandboxes()).length, 1);
    });

    await step('one that ended is started again where it was', async () => {
      await window.type('bye');
      await page.locator('.terminal-wrapper.active').waitFor({ state: 'detached' });
      await choose([claude], row(/Running here/));
      await window.screenshot('69-agent-again');
      await backOut();
      await choose([claude, /^\s*project/]);
      await window.terminalShows(/What shall I do\?/);
      assert.equal((await lasso.sandboxes()).length, 1);
    });

    await step('one that cannot be fetched is said so, and leaves nothing', async () => {
      await choose([/^\s*Codex/, standard], undefined, () => window.viewAction('Sandboxes', 'New Sandboxed Agent'));
      const notice = window.notification('could not be installed').first();
      await notice.waitFor();
      await window.screenshot('70-agent-not-fetched');
      assert.match(await notice.innerText(), /codex 1\.2\.3 could not be installed.*answered 404.*Check the network/s);
      assert.equal((await lasso.sandboxes()).length, 1);
    });

    await step('the view stops it, and its terminal goes', async () => {
      await window.inline(window.row(/claude · standard/), 'Stop');
      await window
        .row(/claude · standard.*stopped/)
        .first()
        .waitFor();
      await page.locator('.terminal-wrapper.active').waitFor({ state: 'detached' });
      await window.screenshot('71-agent-stopped');
    });
  } finally {
    await window.close();
    // An extension that is still there would start another helper.
    await server.stop(() => lasso.end());
    await registry.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
