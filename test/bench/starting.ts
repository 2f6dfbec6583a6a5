/** From nothing to a prompt, and many sandboxes at once. */
import { readFileSync } from 'node:fs';
import { bubblewrapReady, containerReady, inLanes, manyContainers } from './floors.ts';
import { medianMs, residentMB, type Figure } from './measurement.ts';
import type { BenchTarget } from './target.ts';

export async function measureStart(target: BenchTarget, runs: number): Promise<Figure> {
  const { backend, lasso, workspace, engine, image } = target;
  const connection = await lasso.connect();
  const ours = await medianMs(runs, async () => {
    const startedMs = performance.now();
    const { id } = await lasso.create({ backend, dir: workspace });
    const terminal = await lasso.terminal(id, { rows: 24, columns: 80 });
    await terminal.see(/[$#>] /);
    const tookMs = performance.now() - startedMs;
    terminal.leave();
    await connection.call('remove', { sandbox: id });
    return tookMs;
  });
  const value = await medianMs(runs, () => (engine === null || image === null ? bubblewrapReady() : containerReady(engine.socket, image)));
  const name = engine === null ? 'bwrap, first output of sh' : `${backend} API, first output of pid 1`;
  return { what: `${backend}: create → first prompt`, unit: 'ms', ours, floor: { name, value }, target: { text: '≤ 1.15 ×', ratio: 1.15 } };
}

export async function measureMany(target: BenchTarget, count: number): Promise<readonly Figure[]> {
  const { backend, lasso, workspace, engine, image } = target;
  // A fresh helper: what earlier measurements left in its memory is not counted.
  const before = await lasso.connect();
  await before.call('quit', {});
  await before.closed;
  const connection = await lasso.connect();
  const startedMs = performance.now();
  await inLanes(count, 8, async () => {
    await lasso.create({ backend, dir: workspace });
  });
  const tookS = (performance.now() - startedMs) / 1000;
  const helperMB = residentMB(readFileSync(`/proc/${await lasso.helperPid()}/status`, 'utf8'));
  await connection.call('remove', { sandbox: 'all' });
  const plainMs = engine === null || image === null ? await manyBubbles(count) : await manyContainers(engine.socket, image, count, 8);
  const floor = { name: engine === null ? 'as many bwrap' : `${backend} API`, value: plainMs / 1000 };
  return [
    { what: `${backend}: ${count} sandboxes, 8 at once`, unit: 's', ours: tookS, floor, target: { text: '≤ 1.3 ×', ratio: 1.3 } },
    { what: `${backend}: helper’s memory with ${count}`, unit: 'MB', ours: helperMB, target: { text: '≤ 150 MB for 100', atMost: 150 } },
  ];
}

async function manyBubbles(count: number): Promise<number> {
  const startedMs = performance.now();
  await inLanes(count, 8, async () => {
    await bubblewrapReady();
  });
  return performance.now() - startedMs;
}
