/**
 * What a person in VS Code sees of a record: the page opens at once however long the record is, says what is proven, and shows
 * what an agent wrote as text and nothing else. Every step is one promise and builds on the one before.
 */
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { foreignIn, hostileEntries } from '../kit/hostile-records.ts';
import { busyDay, userRecords } from '../kit/user-records.ts';
import { lassoOf, packInto } from '../kit/vscode-lasso.ts';
import { repository, startVsCodeServer } from '../kit/vscode-server.ts';
import { stepsOf } from '../kit/vscode-steps.ts';
import { VsCodeWindow } from '../kit/vscode-window.ts';

/** what the page is told of a theme, and the theme's name */
const themes = [
  ['light', 'Light Modern'],
  ['high-contrast', 'Dark High Contrast'],
  ['high-contrast-light', 'Light High Contrast'],
  ['dark', 'Dark Modern'],
] as const;
const settings = {
  'lasso.backend': process.env['LASSO_TEST_BACKEND'] ?? 'bubblewrap',
  'lasso.defaultProfile': 'standard',
  'workbench.colorTheme': 'Default Dark Modern',
  'window.autoDetectColorScheme': false,
};
const ids = {
  hostile: 'aaaaaaaaaaaa',
  tampered: 'bbbbbbbbbbbb',
  long: 'cccccccccccc',
  empty: 'dddddddddddd',
  broken: 'eeeeeeeeeeee',
} as const;
const longRecords = 1_000_000;

test('a person reads records in VS Code', { timeout: 540_000 }, async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'vu-'));
  const server = await startVsCodeServer({ vsix: [packInto(folder)], settings });
  const home = path.join(realpathSync(server.root), 'home');
  const workspace = path.join(home, 'sample-workspace');
  cpSync(path.join(repository, 'test', 'kit', 'sample-workspace'), workspace, { recursive: true });
  const before = await userRecords(path.join(home, '.lasso'));
  await before.write(ids.hostile, hostileEntries);
  const tampered = await before.write(ids.tampered, busyDay(300));
  await before.write(ids.long, busyDay(longRecords));
  writeFileSync(path.join(path.dirname(tampered), `${ids.empty}.jsonl`), '', { mode: 0o600 });
  writeFileSync(path.join(path.dirname(tampered), `${ids.broken}.jsonl`), 'not json\u0007\n[1,2]\n', { mode: 0o600 });
  const lasso = lassoOf(server);
  const window = await VsCodeWindow.open(server, { width: 1440, height: 900 });
  const { page } = window;
  const violations: string[] = [];
  page.on('console', (message) => {
    if (/Content Security Policy/i.test(message.text()) && /audit/.test(message.location().url + message.text()))
      violations.push(message.text());
  });
  const step = stepsOf(t, window);
  const audit = window.auditPage();
  const rows = audit.locator('.layer .row[data-state]:not([hidden])');
  const blocked = rows.and(audit.locator('[data-outcome="blocked"]'));
  const details = audit.locator('#details');
  const choose = async (id: string): Promise<void> => {
    await window.command('LASSO: Open Audit Log…');
    await window.pick(id);
    await audit.getByRole('heading', { name: `Record of ${id}` }).waitFor();
  };
  const open = async (id: string): Promise<void> => {
    await choose(id);
    await rows.filter({ hasText: /\S/ }).first().waitFor();
  };
  try {
    await step('the record of a sandbox opens from the view, and says what is proven', async () => {
      await window.show(workspace);
      await window.activity('LASSO');
      await window.command('LASSO: Open Sandboxed Terminal');
      await window.terminalShows(/\S\s*[$%>]\s*$/m);
      // The row of the terminal comes a little later than the others, and moves those below it.
      await window.row('bash').first().waitFor();
      await window.row('Record').first().click();
      await rows.filter({ hasText: 'lifecycle' }).first().waitFor();
      await audit.locator('.banner[data-level="proven"], .banner[data-level="partly"]').waitFor();
      assert.match(await audit.locator('.banner').innerText(), /By keys: all \d+ records/);
    });

    await step('what is refused appears by itself, stands out by more than its colour, and leads to its rule', async () => {
      await window.type('mount --version');
      await window.terminalShows(/LASSO: `mount` is blocked/);
      await blocked.filter({ hasText: 'mount --version' }).first().waitFor();
      const row = blocked.filter({ hasText: 'mount --version' }).first();
      assert.ok(await row.locator('.icon').isVisible());
      assert.equal(await row.locator('.cell:nth-child(5) span').innerText(), 'blocked');
      await row.click();
      await details.getByRole('button', { name: 'Open Rule' }).waitFor();
      assert.match(await details.locator('.rule').innerText(), /standard\.toml:\d+/);
      await window.screenshot('30-audit');
      await details.getByRole('button', { name: 'Open Rule' }).click();
      await page.locator('.tab.active').filter({ hasText: 'standard.toml' }).waitFor();
      await page.locator('.view-line').filter({ hasText: 'mount' }).first().waitFor();
      await page.locator('.tab').filter({ hasText: 'Record:' }).click();
      await rows.first().waitFor();
    });

    await step('chips and search narrow the rows, and are taken back', async () => {
      await audit.locator('.chip.blocked').click();
      await audit.getByText(/^[\d,]+ of [\d,]+ records$/).waitFor();
      assert.equal(await rows.count(), await blocked.count());
      await audit.getByRole('button', { name: 'Clear' }).click();
      await audit.getByText(/^[\d,]+ records$/).waitFor();
      await audit.locator('.search').fill('no such text');
      await audit.getByText('No record is like this.').waitFor();
      await audit.locator('.search').fill('mount');
      await audit.getByText(/^[1-9]\d* of [\d,]+ records$/).waitFor();
      await audit.locator('.search').press('Escape');
      await audit.getByText(/^[\d,]+ records$/).waitFor();
    });

    await step('what a program in the terminal does is seen as it is done, and counted when a person looks elsewhere', async () => {
      await window.type('clear; for n in $(seq 60); do /bin/true tail-$n; done; echo "all=$?"');
      await window.terminalShows(/^all=0$/m);
      await rows.filter({ hasText: 'tail-60' }).first().waitFor();
      await audit.locator('.grid').focus();
      await page.keyboard.press('Home');
      await rows.and(audit.locator('[data-row="0"]')).waitFor();
      await window.type('clear; /bin/true tail-61; echo "more=$?"');
      await window.terminalShows(/^more=0$/m);
      await audit.getByRole('button', { name: /new records?\. Go to the end/ }).click();
      await rows.filter({ hasText: 'tail-61' }).first().waitFor();
    });

    await step('the page comes back as it was when the window is loaded anew', async () => {
      await audit.locator('.search').fill('tail-7');
      await rows.filter({ hasText: 'tail-7' }).first().waitFor();
      await audit.locator('.search').press('Enter');
      await window.reload();
      await rows.filter({ hasText: 'tail-7' }).first().waitFor();
      assert.equal(await audit.locator('.search').inputValue(), 'tail-7');
      await audit.getByRole('button', { name: 'Clear' }).click();
    });

    await step('what an agent wrote is text: no element, no rule of style, no link and no row comes of it', async () => {
      await page.locator('.part.panel .action-label[aria-label^="Hide Panel"]').click();
      await open(ids.hostile);
      await blocked.nth(hostileEntries.length - 1).waitFor();
      assert.equal(await blocked.count(), hostileEntries.length);
      for (let index = 0; index < hostileEntries.length; index += 1) {
        await blocked.nth(index).click();
        await details.locator('dl').waitFor();
        assert.deepEqual(await foreignIn(audit), []);
      }
      const shown = await audit.locator('.list').innerText();
      assert.match(shown, /<img src=x onerror/);
      assert.match(shown, /\\u\{202e\}gnp\.exe/);
      assert.match(shown, /\\u\{1b\}\[2J/);
      assert.equal(await details.getByRole('button', { name: 'Open Rule' }).count(), 0);
      await window.screenshot('31-audit-hostile');
      assert.deepEqual(violations, []);
    });

    await step('an intact record is proven; of one that was changed the page says what, and shows where', async () => {
      await open(ids.tampered);
      await audit.locator('.banner[data-level="proven"]').waitFor();
      assert.match(await audit.locator('.banner').innerText(), /Intact/);
      const bytes = readFileSync(tampered);
      const at = bytes.indexOf('--step 150');
      bytes.write('9', at + '--step '.length);
      writeFileSync(tampered, bytes);
      await audit.getByRole('button', { name: 'Verify Again' }).click();
      await audit.locator('.banner[data-level="broken"]').waitFor();
      assert.match(await audit.locator('.banner').innerText(), /was changed[\s\S]*edited/);
      await audit
        .getByRole('button', { name: /Show the record/ })
        .first()
        .click();
      await audit.locator('.row.current').filter({ hasText: '--step 950' }).waitFor();
      await window.screenshot('32-audit-changed');
    });

    await step(
      `${longRecords.toLocaleString('en-GB')} records open at once; their middle and both ends are one key or one pull away`,
      async () => {
        const started = performance.now();
        await open(ids.long);
        const shownMs = performance.now() - started;
        await rows.filter({ hasText: 'closed' }).last().waitFor();
        await audit.getByText(/^1,000,\d+ records$/).waitFor();
        t.diagnostic(`${longRecords} records: first rows ${Math.round(shownMs)} ms after the command`);
        await audit.locator('.grid').focus();
        await page.keyboard.press('Home');
        await rows.filter({ hasText: 'begun' }).first().waitFor();
        await audit.locator('.view').evaluate((view) => (view.scrollTop = view.scrollHeight / 2));
        await rows
          .filter({ hasText: /--step (49|50)\d{4}/ })
          .first()
          .waitFor();
        assert.ok((await audit.locator('.layer .row').count()) < 100);
        await audit.locator('.grid[aria-rowcount^="10000"]').waitFor();
        await page.keyboard.press('End');
        await rows.filter({ hasText: 'closed' }).last().waitFor();
        await audit.locator('.chip.blocked').click();
        await audit.getByText('20,000 of').waitFor();
      },
    );

    await step('all of it works with the keyboard alone', async () => {
      await audit.locator('.grid').focus();
      await page.keyboard.press('End');
      await page.keyboard.press('ArrowUp');
      await page.keyboard.press('PageUp');
      const current = audit.locator('.row.current');
      await current.filter({ hasText: 'git push' }).waitFor();
      assert.equal(await audit.locator('.grid').getAttribute('aria-activedescendant'), await current.getAttribute('id'));
      await page.keyboard.press('Enter');
      await details.locator('dl').waitFor();
      await page.keyboard.press('Escape');
      await details.waitFor({ state: 'hidden' });
      await page.keyboard.press('/');
      await page.keyboard.type('step 777');
      await audit.getByText('No record is like this.').waitFor();
      await page.keyboard.press('Escape');
      await audit.locator('.bars').focus();
      await page.keyboard.press('Home');
      await page.keyboard.press('Shift+PageDown');
      await page.keyboard.press('Enter');
      await audit.locator('.chip.times').waitFor();
      await audit.getByText(/^2,\d{3} of/).waitFor();
      await page.keyboard.press('Escape');
      await audit.locator('.chip.times').waitFor({ state: 'hidden' });
    });

    await step('an export is saved where a person says', async () => {
      const target = path.join(workspace, 'blocked.csv');
      const input = page.locator('.quick-input-widget:visible .quick-input-box input');
      await audit.getByRole('button', { name: 'CSV' }).click();
      await input.waitFor();
      // The dialog writes its own proposal when it has looked at the folder, and looks at what was typed before it takes an answer.
      await page.waitForFunction(() => document.querySelector<HTMLInputElement>('.quick-input-box input')?.value.endsWith('.csv'));
      await page.waitForTimeout(1000);
      await input.fill(target);
      await page.waitForTimeout(1000);
      await page.keyboard.press('Enter');
      await window.notification('Saved blocked.csv').waitFor();
      assert.ok(existsSync(target));
      assert.ok(readFileSync(target, 'utf8').trimEnd().split('\n').length > 20_000);
    });

    await step('a record without lines, and lines that are no records, are shown as what they are', async () => {
      await choose(ids.empty);
      await audit.getByText('Nothing was written down yet.').waitFor();
      await audit.locator('.banner[data-level="partly"], .banner[data-level="broken"]').waitFor();
      await choose(ids.broken);
      await rows.filter({ hasText: 'not json\\u{7}' }).and(audit.locator('[data-state="broken"]')).waitFor();
      await audit.locator('.banner[data-level="partly"], .banner[data-level="broken"]').waitFor();
    });

    await step('it is drawn in the colours of the theme', async () => {
      await window.row('Record').first().click();
      await audit.getByRole('heading', { name: 'Record of sample-workspace' }).waitFor();
      await audit.locator('.search').fill('mount');
      await blocked.filter({ hasText: 'mount --version' }).first().click();
      await details.locator('dl').waitFor();
      for (const [name, theme] of themes) {
        await window.command('Preferences: Color Theme');
        await page.locator('.quick-input-widget:visible .quick-input-box input').fill(theme);
        await window.pick(theme);
        await audit.locator(`body.vscode-${name}`).waitFor();
        await page.waitForTimeout(500);
        await window.screenshot(`33-audit-${name}`);
      }
      assert.deepEqual(violations, []);
    });

    await step('when the helper was lost the page goes on with the next one', async () => {
      const { pid } = JSON.parse(await lasso.run('helper', 'ensure', '--json')) as { readonly pid: number };
      process.kill(pid, 'SIGKILL');
      await audit.locator('.search').fill('mount');
      await audit.getByText(/^[1-9]\d* of [\d,]+ records$/).waitFor();
      await audit.locator('.trouble').waitFor({ state: 'hidden' });
      assert.notEqual((JSON.parse(await lasso.run('helper', 'ensure', '--json')) as { readonly pid: number }).pid, pid);
    });
  } finally {
    await window.close();
    // An extension that is still there would start another helper.
    await server.stop(() => lasso.end());
    rmSync(folder, { recursive: true, force: true });
  }
});
