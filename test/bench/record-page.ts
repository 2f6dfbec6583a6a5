/**
 * How soon a record of a million lines is seen in VS Code: from the pick to its last rows on the screen, and from a pull at the
 * scrollbar to the rows in the middle. The window is real; the time of a page with three records is told beside it.
 */
import { cpSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { busyDay, userRecords } from '../kit/user-records.ts';
import { lassoOf, packInto } from '../kit/vscode-lasso.ts';
import { repository, startVsCodeServer } from '../kit/vscode-server.ts';
import { VsCodeWindow } from '../kit/vscode-window.ts';
import { median, type Figure } from './measurement.ts';

const ids = { short: 'aaaaaaaaaaaa', long: 'cccccccccccc' } as const;
const settings = { 'workbench.colorTheme': 'Default Dark Modern', 'window.autoDetectColorScheme': false };

export async function measurePage(runs: number, records = 1_000_000): Promise<readonly Figure[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'vu-'));
  const server = await startVsCodeServer({ vsix: [packInto(folder)], settings });
  const home = path.join(realpathSync(server.root), 'home');
  const workspace = path.join(home, 'sample-workspace');
  cpSync(path.join(repository, 'test', 'kit', 'sample-workspace'), workspace, { recursive: true });
  const before = await userRecords(path.join(home, '.lasso'));
  await before.write(ids.short, busyDay(1));
  await before.write(ids.long, busyDay(records));
  const lasso = lassoOf(server);
  const window = await VsCodeWindow.open(server, { width: 1440, height: 900 });
  try {
    await window.show(workspace);
    // The first page of a window brings up what VS Code needs for any.
    await opened(window, ids.short);
    const [long, short, middle]: [number[], number[], number[]] = [[], [], []];
    for (let run = 0; run < runs; run += 1) {
      short.push(await opened(window, ids.short));
      long.push(await opened(window, ids.long, async (page) => void middle.push(await pulled(page))));
    }
    const floor = { name: 'a page of 4 records', value: median(short) };
    const what = `${records} records in VS Code`;
    return [
      {
        what: `${what}: last rows shown`,
        unit: 'ms',
        ours: median(long),
        floor,
        target: { text: '≤ 2 ×', ratio: 2 },
        note: 'from the pick',
      },
      { what: `${what}: rows in the middle shown`, unit: 'ms', ours: median(middle), target: { text: '≤ 500 ms', atMost: 500 } },
    ];
  } finally {
    await window.close();
    await server.stop(() => lasso.end());
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Opens a record from the list and closes it again; milliseconds until its last row is there. */
async function opened(window: VsCodeWindow, id: string, look?: (page: FrameLocator) => Promise<void>): Promise<number> {
  await window.command('LASSO: Open Audit Log…');
  const row = window.page.locator('.quick-input-list .monaco-list-row:visible').filter({ hasText: id }).first();
  await row.waitFor();
  const startedMs = performance.now();
  await row.click();
  const page = window.auditPage();
  await page.locator('.layer .row[data-state="there"]').filter({ hasText: 'closed' }).last().waitFor();
  const tookMs = performance.now() - startedMs;
  await look?.(page);
  await window.command('View: Close All Editors');
  await window.page.locator('.tab').first().waitFor({ state: 'detached' });
  return tookMs;
}

/** Pulls the scrollbar to the middle; milliseconds until the rows there are shown. */
async function pulled(page: FrameLocator): Promise<number> {
  return page.locator('.view').evaluate(async (view) => {
    const startedMs = performance.now();
    view.scrollTop = view.scrollHeight / 2;
    const at = (): number => Number(view.querySelector<HTMLElement>('.row[data-state="there"]')?.dataset['row'] ?? -1);
    while (at() < 100_000 || at() > 900_000) await new Promise(requestAnimationFrame);
    return performance.now() - startedMs;
  });
}
