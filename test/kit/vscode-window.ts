/** A window of a VS Code server in headless Chromium, and what a person does in it, in a person's words. */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium, type BrowserContext, type FrameLocator, type Locator, type Page } from 'playwright-core';
import { repository, type VsCodeServer } from './vscode-server.ts';

/** long enough for a busy machine; nothing waits that long when all is well */
const patienceMs = 60_000;

export class VsCodeWindow {
  readonly page: Page;
  readonly #server: VsCodeServer;
  readonly #context: BrowserContext;
  readonly #profile: string;

  private constructor(server: VsCodeServer, context: BrowserContext, page: Page, profile: string) {
    this.#server = server;
    this.#context = context;
    this.page = page;
    this.#profile = profile;
  }

  /** A browser with an empty window; `show` opens a folder in it. */
  static async open(server: VsCodeServer, size = { width: 1280, height: 800 }): Promise<VsCodeWindow> {
    const profile = mkdtempSync(path.join(tmpdir(), 'vw-'));
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: chromiumProgram(),
      headless: true,
      viewport: size,
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-sync'],
      timeout: patienceMs,
    });
    // Nothing in the window needs another machine; refusing at once is quicker than a name that cannot be found.
    await context.route(
      ({ protocol, hostname }) => protocol.startsWith('http') && hostname !== '127.0.0.1',
      (route) => route.abort(),
    );
    const page = context.pages()[0] ?? (await context.newPage());
    page.setDefaultTimeout(patienceMs);
    return new VsCodeWindow(server, context, page, profile);
  }

  async close(): Promise<void> {
    await this.#context.close().catch(() => undefined);
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Shows a folder, or an empty window; `payload` is what a development window is told. */
  async show(folder: string | undefined, payload?: readonly (readonly [string, string])[]): Promise<void> {
    const query = new URLSearchParams(folder === undefined ? { ew: 'true' } : { folder });
    if (payload) query.set('payload', JSON.stringify(payload));
    await this.page.goto(`http://${this.#server.authority}/?${query.toString()}`, { waitUntil: 'domcontentloaded' });
    await this.#drawn();
  }

  async reload(): Promise<void> {
    const loaded = this.page.waitForEvent('domcontentloaded');
    await this.command('Developer: Reload Window');
    await loaded;
    await this.#drawn();
  }

  /** Runs a command by its title in the palette; opens it again while a window that is still starting does not know the command. */
  async command(title: string, attempts = 11): Promise<void> {
    const exact = JSON.stringify(title);
    const more = JSON.stringify(`${title}, `);
    const row = `.quick-input-list .monaco-list-row[aria-label=${exact}]:visible, .quick-input-list .monaco-list-row[aria-label^=${more}]:visible`;
    for (let tries = 1; ; tries += 1) {
      await this.page.keyboard.press('F1');
      try {
        // What takes the keyboard just then closes the palette again.
        await this.page.locator('.quick-input-widget:visible .quick-input-box input').fill(`>${title}`, { timeout: 3000 });
        return await this.page.locator(row).first().click({ timeout: 3000 });
      } catch (error) {
        if (tries === attempts) throw error;
        await this.page.keyboard.press('Escape');
      }
    }
  }

  /** Picks from the quick pick that is open. */
  async pick(text: string | RegExp): Promise<void> {
    await this.page.locator('.quick-input-widget:visible .quick-input-list .monaco-list-row').filter({ hasText: text }).first().click();
  }

  /** Answers the question that is open, which its example tells from others. */
  async answer(text: string, example = 'npm test'): Promise<void> {
    const input = this.page.locator(`.quick-input-widget:visible .quick-input-box input[placeholder="${example}"]`);
    await input.fill(text);
    await input.press('Enter');
  }

  async openFile(name: string): Promise<void> {
    await this.page.keyboard.press('Control+P');
    await this.page.locator('.quick-input-widget:visible .quick-input-box input').fill(name);
    await this.pick(name);
    await this.page.locator(`.tabs-container .tab[data-resource-name="${name}"]`).waitFor();
    // It takes the keyboard when it is drawn; what is typed before that goes astray.
    await this.page.locator('.editor-instance .monaco-editor.focused').waitFor();
  }

  async activity(label: string): Promise<void> {
    await this.page.locator(`.activitybar [aria-label^="${label}"]`).first().click();
  }

  async widenSideBar(pixels: number): Promise<void> {
    const box = await this.page.locator('.part.sidebar').boundingBox();
    if (!box) throw new Error('the side bar is not shown');
    const [x, y] = [box.x + box.width + 1, box.y + box.height / 2];
    await this.page.mouse.move(x, y);
    await this.page.mouse.down();
    await this.page.mouse.move(x + pixels, y, { steps: 5 });
    await this.page.mouse.up();
  }

  /** Rows of the side bar that show `text`. */
  row(text: string | RegExp): Locator {
    return this.page.locator('.sidebar .pane-body .monaco-list-row').filter({ hasText: text });
  }

  /** Clicks an inline action of a row; points at the row again where it was drawn anew under the pointer, which hides its actions. */
  async inline(row: Locator, action: string): Promise<void> {
    const button = row.first().locator(`.actions-container [aria-label^="${action}"]`).first();
    for (let tries = 1; ; tries += 1) {
      try {
        await row.first().hover({ timeout: 10_000 });
        return await button.click({ timeout: 3000 });
      } catch (error) {
        if (tries === 6) throw error;
        await this.page.mouse.move(0, 0);
      }
    }
  }

  /** Chooses from a row's menu, again until what it leads to is shown: a menu that just came up, or whose row is drawn anew, takes no choice. */
  async fromMenu(row: Locator, action: string, shown: Locator): Promise<void> {
    const menu = this.page.locator('.monaco-menu');
    for (let tries = 1; ; tries += 1) {
      try {
        await row.first().click({ button: 'right', timeout: 5000 });
        await menu.locator('.action-label').filter({ hasText: action }).first().hover({ timeout: 5000 });
        await this.page.keyboard.press('Enter');
        return await shown.first().waitFor({ timeout: 10_000 });
      } catch (error) {
        if (tries === 6) throw error;
        if (await menu.isVisible()) await this.page.keyboard.press('Escape');
      }
    }
  }

  /** Clicks a button in the title of a view; points at the title again where it was drawn anew, which hides its buttons. */
  async viewAction(view: string, action: string): Promise<void> {
    const header = this.page.locator(`.pane-header[aria-label^="${view}"]`);
    for (let tries = 1; ; tries += 1) {
      try {
        await header.hover({ timeout: 10_000 });
        return await header.locator(`.actions [aria-label^="${action}"]`).first().click({ timeout: 3000 });
      } catch (error) {
        if (tries === 6) throw error;
        await this.page.mouse.move(0, 0);
      }
    }
  }

  /** Scrolls the view under the pointer until a row of it is drawn: rows out of sight are not there at all. */
  async reveal(row: Locator, view: string): Promise<void> {
    const pane = this.page.locator('.pane').filter({ has: this.page.locator(`.pane-header[aria-label^="${view}"]`) });
    await pane.locator('.monaco-list').first().hover();
    for (let tries = 0; (await row.count()) === 0 || !(await row.first().isVisible()); tries += 1) {
      if (tries === 100) throw new Error(`never came into sight: ${String(row)}`);
      await this.page.mouse.wheel(0, 44);
      await this.page.waitForTimeout(50);
    }
    // The last row drawn may still lie below the edge.
    await this.page.mouse.wheel(0, 44);
    await this.page.waitForTimeout(200);
  }

  /** Opens or closes a row of a tree, without the click that its row stands for. */
  async twist(row: Locator): Promise<void> {
    await row.first().locator('.monaco-tl-twistie').click();
  }

  /** The dialog that is open. */
  dialog(): Locator {
    return this.page.locator('.monaco-dialog-box');
  }

  /** The audit page in front. */
  auditPage(): FrameLocator {
    return this.page.frameLocator('iframe.webview.ready:visible').frameLocator('iframe#active-frame');
  }

  notification(text: string | RegExp): Locator {
    return this.page.locator('.notifications-toasts .notification-list-item').filter({ hasText: text });
  }

  /** What the visible terminal shows. */
  async terminalText(): Promise<string> {
    const rows = this.page.locator('.terminal-wrapper.active .xterm-rows').last();
    if ((await rows.count()) === 0) return '';
    return rows.evaluate((element) => [...element.children].map((row) => row.textContent.replaceAll('\u00a0', ' ').trimEnd()).join('\n'));
  }

  /** Waits until the visible terminal shows `pattern`; resolves to the match. */
  async terminalShows(pattern: RegExp): Promise<RegExpExecArray> {
    const until = performance.now() + patienceMs;
    for (;;) {
      const text = await this.terminalText().catch(() => '');
      const match = pattern.exec(text);
      if (match) return match;
      if (performance.now() > until) throw new Error(`the terminal never showed ${String(pattern)}; it shows:\n${text}`);
      await this.page.waitForTimeout(100);
    }
  }

  async type(line: string): Promise<void> {
    await this.page.locator('.terminal-wrapper.active .xterm-helper-textarea').last().focus();
    await this.page.keyboard.type(line, { delay: 5 });
    await this.page.keyboard.press('Enter');
  }

  /** Keeps a picture under .cache/screenshots. */
  async screenshot(name: string): Promise<string> {
    const folder = path.join(repository, '.cache', 'screenshots');
    mkdirSync(folder, { recursive: true });
    const file = path.join(folder, `${name}.png`);
    await this.page.screenshot({ path: file });
    return file;
  }

  async #drawn(): Promise<void> {
    await this.page.waitForSelector('.monaco-workbench .part.statusbar');
  }
}

function chromiumProgram(): string {
  const given = process.env['CHROMIUM'];
  const found = [given, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
    (file) => file !== undefined && existsSync(file),
  );
  if (found === undefined) throw new Error('no Chromium: install the package chromium, or say where it is in CHROMIUM');
  return found;
}
