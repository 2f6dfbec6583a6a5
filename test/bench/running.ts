/** One command in a running sandbox, and a terminal’s throughput and echo. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { lassoProgram } from '../kit/lasso.ts';
import { hostEchoMs, hostProgram, hostTerminalSpeed } from './floors.ts';
import { median, medianMs, type Figure } from './measurement.ts';
import type { BenchTarget } from './target.ts';

const flood = ['dd', 'if=/dev/zero', 'bs=65536', 'count=1600', 'status=none'] as const;
const floodMB = (65_536 * 1600) / 1e6;

export async function measureCommands(target: BenchTarget, runs: number): Promise<readonly Figure[]> {
  const { backend, lasso, workspace, engine } = target;
  const { id, engineId } = await lasso.create({ backend, dir: workspace });
  const connection = await lasso.connect();
  const argv = [lassoProgram, 'exec', id, '--', 'true'];
  const whole = await medianMs(runs, () => hostProgram(process.execPath, argv, lasso.environment));
  const node = await medianMs(runs, () => hostProgram(process.execPath, ['-e', '0']));
  const call = await medianMs(runs * 4, async () => {
    await connection.call('exec', { sandbox: id, command: ['true'] });
    return undefined;
  });
  const spawned = await medianMs(runs * 4, () => hostProgram('true', []));
  const figures: Figure[] = [];
  if (engine !== null && engineId !== undefined) {
    const value = await medianMs(runs, () => hostProgram(backend, ['exec', engineId, 'true'], engine.environment));
    const floor = { name: `${backend} exec`, value };
    figures.push({ what: `${backend}: lasso exec ID -- true`, unit: 'ms', ours: whole, floor, target: { text: '≤ 1 ×', ratio: 1 } });
  }
  figures.push(
    {
      what: `${backend}: lasso exec ID -- true`,
      unit: 'ms',
      ours: whole,
      floor: { name: 'node -e 0', value: node },
      target: { text: '≤ 60 ms', atMost: 60 },
    },
    {
      what: `${backend}: exec over an open connection`,
      unit: 'ms',
      ours: call,
      floor: { name: 'the same spawned on the host', value: spawned },
      target: { text: '≤ 3 ×', ratio: 3 },
    },
  );
  await connection.call('remove', { sandbox: id });
  return figures;
}

export async function measureTerminal(target: BenchTarget, runs: number): Promise<readonly Figure[]> {
  const { backend, lasso, workspace } = target;
  const { id } = await lasso.create({ backend, dir: workspace });
  const connection = await lasso.connect();
  const open = async (command: readonly string[]): Promise<Duplex> => {
    const stream = randomBytes(32).toString('hex');
    const called = connection.call('terminalOpen', { sandbox: id, command: [...command], rows: 24, columns: 80, stream });
    const opened = await connection.openStream(stream);
    await called;
    return opened;
  };
  const speeds: number[] = [];
  const floors: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    floors.push((await hostTerminalSpeed(flood)) / 1e6);
    const startedMs = performance.now();
    const stream = (await open(flood)).resume();
    await once(stream, 'end');
    stream.destroy();
    speeds.push((floodMB / (performance.now() - startedMs)) * 1000);
  }
  const cat = await open(['cat']);
  await new Promise((resolve) => setTimeout(resolve, 200));
  const echoes: number[] = [];
  for (let key = 0; key < 300; key += 1) {
    const startedMs = performance.now();
    const echoed = once(cat, 'data');
    cat.write('x');
    await echoed;
    echoes.push(performance.now() - startedMs);
  }
  cat.destroy();
  await connection.call('remove', { sandbox: id });
  const floor = { name: 'node-pty on the host', value: median(floors) };
  const raw = { name: 'node-pty on the host', value: median(await hostEchoMs(300)) * 1000 };
  const echo = median(echoes) * 1000;
  return [
    { what: `${backend}: 105 MB through a terminal`, unit: 'MB/s', ours: median(speeds), floor, target: { text: '≥ 0.8 ×', ratio: 0.8 } },
    {
      what: `${backend}: a key and its echo`,
      unit: 'µs',
      ours: echo,
      floor: raw,
      target: { text: '≤ 2 ms over raw', atMost: raw.value + 2000 },
    },
  ];
}

/** `lasso helper ensure` with no helper running, as a whole process */
export async function measureHelperStart(target: BenchTarget, runs: number): Promise<Figure> {
  const { lasso } = target;
  const ours = await medianMs(runs, async () => {
    const connection = await lasso.connect();
    await connection.call('quit', {});
    await connection.closed;
    const startedMs = performance.now();
    await hostProgram(process.execPath, [lassoProgram, 'helper', 'ensure', '--json'], lasso.environment);
    return performance.now() - startedMs;
  });
  const value = await medianMs(runs, () => hostProgram(process.execPath, ['-e', '0']));
  return { what: 'helper start, from nothing to answering', unit: 'ms', ours, floor: { name: 'node -e 0', value }, target: { text: '–' } };
}
