/** Records written: how many a second, one after the other and with many waiting, and how long one keeps its caller waiting. */
import { createHmac, createSecretKey, randomBytes } from 'node:crypto';
import { closeSync, fdatasyncSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChainOptions, SandboxRecord } from '../../helper/audit/writing/log.ts';
import { recordStore, type RecordStore } from '../../helper/audit/writing/store.ts';
import { openUserKeys } from '../../helper/audit/keys/user-keys.ts';
import { systemClock } from '../../helper/base/clock.ts';
import type { RecordEntry } from '../../helper/protocol/record.ts';
import { testOptions } from '../kit/records.ts';
import { median, type Figure } from './measurement.ts';

/** what the gate writes down for a program that is started */
const entry: RecordEntry = {
  type: 'command',
  action: 'start',
  outcome: 'success',
  actor: { kind: 'agent', face: 'guest' },
  target: '/usr/bin/git',
  detail: { argv: ['git', 'commit', '-m', 'one line'], program: '/usr/bin/git', pid: 4711, rule: 'commands.allow[3]', question: 12 },
};

interface Way {
  readonly what: string;
  readonly waiting: number;
  readonly durability: ChainOptions['durability'];
  readonly records: number;
  readonly target: Figure['target'];
}

const ways: readonly Way[] = [
  { what: 'one after the other', waiting: 1, durability: 'group', records: 60_000, target: { text: '' } },
  { what: '512 waiting', waiting: 512, durability: 'group', records: 120_000, target: { text: '≥ 60,000 /s', atLeast: 60_000 } },
  { what: 'synced, 64 waiting', waiting: 64, durability: 'fsync', records: 60_000, target: { text: '' } },
  { what: 'synced, 512 waiting', waiting: 512, durability: 'fsync', records: 120_000, target: { text: '≥ 60,000 /s', atLeast: 60_000 } },
  { what: 'synced, one after the other', waiting: 1, durability: 'fsync', records: 3000, target: { text: '' } },
];

/** @param runs of each figure, of which the median counts */
export async function measureWriting(runs: number): Promise<readonly Figure[]> {
  const home = mkdtempSync(join(tmpdir(), 'lasso-bench-'));
  try {
    const store = await openStore(home);
    const figures: Figure[] = [];
    for (const [number, way] of ways.entries()) {
      const rates: number[] = [];
      const floors: number[] = [];
      for (let run = 0; run < runs; run += 1) {
        const sandbox = `w${number}-${run}`;
        const record = await store.open(sandbox, { ...testOptions, durability: way.durability, maxFileBytes: 2 ** 30 });
        rates.push(await rateOf(record, way));
        await record.close();
        floors.push(floorOf(record.file, way));
        rmSync(record.file);
      }
      const floor = { name: 'HMAC and write', value: median(floors) };
      figures.push({ what: `records written, ${way.what}`, unit: '/s', ours: median(rates), floor, target: way.target });
    }
    return [...figures, await measureWait(store, runs), await measureOpening(store, runs), await measureMemory(store)];
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

async function openStore(home: string): Promise<RecordStore> {
  const host = { uid: process.getuid?.(), platform: process.platform };
  const folders = { home, audit: join(home, 'audit') };
  return recordStore({ host, folders, keys: await openUserKeys(host, folders), clock: systemClock, version: '0.0.0' });
}

/** Records a second. */
async function rateOf(record: SandboxRecord, { waiting, records }: Pick<Way, 'waiting' | 'records'>): Promise<number> {
  const startedMs = performance.now();
  const one = async (): Promise<void> => {
    for (let n = 0; n < records / waiting; n += 1) await record.append(entry);
  };
  await Promise.all(Array.from({ length: waiting }, one));
  return records / ((performance.now() - startedMs) / 1000);
}

/** The same bytes, a mac for each line and as many lines in a write, and nothing else. */
function floorOf(file: string, { waiting, records, durability }: Way): number {
  const line = readFileSync(file, 'latin1').split('\n')[9] ?? '';
  const key = createSecretKey(randomBytes(32));
  const fd = openSync(`${file}.floor`, 'wx', 0o600);
  try {
    const startedMs = performance.now();
    for (let done = 0; done < records; done += waiting) {
      let text = '';
      for (let n = 0; n < waiting; n += 1) {
        const mac = createHmac('sha256', key).update(line).digest('hex');
        text += `${line.slice(0, -66)}${mac}"}\n`;
      }
      writeSync(fd, Buffer.from(text, 'latin1'));
      if (durability === 'fsync') fdatasyncSync(fd);
    }
    return records / ((performance.now() - startedMs) / 1000);
  } finally {
    closeSync(fd);
    rmSync(`${file}.floor`);
  }
}

/** What a caller waits for one record while nothing else is written. */
async function measureWait(store: RecordStore, runs: number): Promise<Figure> {
  const record = await store.open('wait', testOptions);
  const waits: number[] = [];
  for (let n = 0; n < runs * 1000; n += 1) {
    const startedMs = performance.now();
    await record.append(entry);
    waits.push((performance.now() - startedMs) * 1000);
  }
  await record.close();
  const slow = waits.toSorted((a, b) => a - b)[Math.floor(waits.length * 0.99)] ?? Number.NaN;
  const note = `99 of 100 within ${slow.toFixed(0)} µs`;
  return { what: 'a record, until it is written', unit: 'µs', ours: median(waits), target: { text: '≤ 60 µs', atMost: 60 }, note };
}

async function measureOpening(store: RecordStore, runs: number): Promise<Figure> {
  const waits: number[] = [];
  for (let n = 0; n < runs * 5; n += 1) {
    const startedMs = performance.now();
    const record = await store.open(`open-${n}`, testOptions);
    waits.push(performance.now() - startedMs);
    await record.close();
  }
  return {
    what: 'a record begun, keys and first line',
    unit: 'ms',
    ours: median(waits),
    target: { text: '' },
    note: 'synced keys included',
  };
}

/** How much a writer grows by while very much is written. */
async function measureMemory(store: RecordStore): Promise<Figure> {
  const record = await store.open('memory', { ...testOptions, olderFiles: 1 });
  await rateOf(record, { waiting: 512, records: 100_000 });
  const before = process.memoryUsage.rss();
  await rateOf(record, { waiting: 512, records: 400_000 });
  await record.close();
  const grownMB = Math.max(0, process.memoryUsage.rss() - before) / 1_048_576;
  return { what: 'memory more after 400,000 records', unit: 'MB', ours: grownMB, target: { text: '≤ 32 MB', atMost: 32 } };
}
