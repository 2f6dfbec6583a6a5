/** A record of a million lines as readers of it find it: its last page, any page, what a filter finds beside `grep` on the same file. */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { chainFiles } from '../../helper/audit/form/chain-files.ts';
import { ChainReader } from '../../helper/audit/reading/chain-reader.ts';
import { Overview } from '../../helper/audit/reading/overview.ts';
import { recordFilter, type RecordFilter } from '../../helper/protocol/record-operations.ts';
import { median, type Figure } from './measurement.ts';

const sandbox = '0123456789ab';
const pageRows = 200;

/** @param records lines of the chain that is read; each has about 500 bytes */
export async function measureReading(runs: number, records = 1_000_000): Promise<readonly Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'lasso-bench-read-'));
  try {
    const file = join(folder, `${sandbox}.jsonl`);
    writeLines(file, records);
    const figures: Figure[] = [];
    const fresh = (): ChainReader => new ChainReader(() => chainFiles(folder, sandbox));
    figures.push(await lastPage(fresh, runs, records));
    for (const [what, filter, grep] of [
      ['what was blocked', { outcome: ['blocked'] }, ['-c', '"outcome":"blocked"']],
      ['a text in any case', { text: 'MESSAGE 777777' }, ['-ci', 'message 777777']],
    ] satisfies readonly (readonly [string, Partial<RecordFilter>, readonly string[]])[])
      figures.push(await filtering(fresh, { what, filter: recordFilter.parse(filter), grep: [...grep, file], runs, records }));
    figures.push(...(await background(fresh, statSync(file).size)));
    return figures;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function lastPage(fresh: () => ChainReader, runs: number, records: number): Promise<Figure> {
  const durations: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const reader = fresh();
    const startedMs = performance.now();
    const { rows, total } = await reader.rows(recordFilter.parse({}), -pageRows, pageRows, new Date());
    durations.push(performance.now() - startedMs);
    if (rows.length !== pageRows || total !== records) throw new Error(`the last page has ${rows.length} rows of ${total}`);
    reader.close();
  }
  return { what: `first page of ${records} records`, unit: 'ms', ours: median(durations), target: { text: '≤ 50 ms', atMost: 50 } };
}

interface Search {
  readonly what: string;
  readonly filter: RecordFilter;
  readonly grep: readonly string[];
  readonly runs: number;
  readonly records: number;
}

async function filtering(fresh: () => ChainReader, { what, filter, grep, runs, records }: Search): Promise<Figure> {
  const [ours, theirs]: [number[], number[]] = [[], []];
  let [found, counted] = [-1, -1];
  for (let run = 0; run < runs; run += 1) {
    const startedMs = performance.now();
    counted = Number(spawnSync('grep', [...grep], { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } }).stdout);
    theirs.push(performance.now() - startedMs);
    const reader = fresh();
    const beganMs = performance.now();
    for (let complete = false; !complete;) ({ complete, total: found } = await reader.rows(filter, 0, 0, new Date()));
    ours.push(performance.now() - beganMs);
    reader.close();
  }
  if (found !== counted) throw new Error(`the filter found ${found} and grep ${counted}`);
  return {
    what: `filter ${records} records: ${what}`,
    unit: 'ms',
    ours: median(ours),
    floor: { name: `grep ${grep[0] ?? ''}`, value: median(theirs) },
    target: { text: '≤ 1.5 s', atMost: 1500 },
    note: `${found} found, its list of rows kept`,
  };
}

/** All of it looked through at once: index, two filters and overview; what it holds, and how long it ever kept others waiting. */
async function background(fresh: () => ChainReader, fileBytes: number): Promise<readonly Figure[]> {
  const reader = fresh();
  const before = process.memoryUsage().rss;
  const loop = monitorEventLoopDelay({ resolution: 1 });
  loop.enable();
  const startedMs = performance.now();
  const whole = async (filter: Partial<RecordFilter>): Promise<void> => {
    for (let complete = false; !complete;) ({ complete } = await reader.rows(recordFilter.parse(filter), 0, 0, new Date()));
  };
  let peak = before;
  const looking = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 20);
  const make = (): Overview => new Overview();
  await Promise.all([reader.whole(make), whole({ type: ['command'] }), whole({ text: 'message 7' })]);
  clearInterval(looking);
  loop.disable();
  const tookMs = performance.now() - startedMs;
  const { bytes } = reader;
  reader.close();
  const note = `${(fileBytes / 1e6).toFixed(0)} MB of file; lists of rows ${(bytes / 1e6).toFixed(1)} MB`;
  return [
    {
      what: 'overview, and two filters that find most records, at once',
      unit: 's',
      ours: tookMs / 1000,
      target: { text: '≤ 8 s', atMost: 8 },
    },
    { what: '… memory taken meanwhile', unit: 'MB', ours: (peak - before) / 1e6, target: { text: '≤ 150 MB', atMost: 150 }, note },
    {
      what: '… the event loop held up, 99th percentile',
      unit: 'ms',
      ours: loop.percentile(99) / 1e6,
      target: { text: '≤ 10 ms', atMost: 10 },
      note: `longest ${(loop.max / 1e6).toFixed(0)} ms`,
    },
  ];
}

/** Lines in the form of records, whose macs nobody checks here. */
function writeLines(file: string, records: number): void {
  const descriptor = openSync(file, 'wx', 0o600);
  try {
    let block: string[] = [];
    for (let seq = 0; seq < records; seq += 1) {
      block.push(lineOf(seq));
      if (block.length < 10_000 && seq + 1 < records) continue;
      writeSync(descriptor, block.join(''));
      block = [];
    }
  } finally {
    closeSync(descriptor);
  }
}

function lineOf(seq: number): string {
  const outcome = seq % 97 === 0 ? 'blocked' : seq % 2 === 0 ? 'intent' : 'success';
  const ts = new Date(Date.UTC(2026, 0, 1) + seq * 137).toISOString();
  const head = `"seq":${seq},"epoch":${Math.floor(seq / 6000)},"ts":"${ts}","mono":${seq * 137}.125,"sandbox":"${sandbox}"`;
  const act = `"type":"${seq % 5 === 0 ? 'network' : 'command'}","action":"start","outcome":"${outcome}","actor":{"kind":"agent","face":"guest"}`;
  const detail = `"detail":{"argv":["git","commit","-m","message ${seq} \\"quoted\\""],"cwd":"/workspace/app","rule":"commands.whitelist"}`;
  return `{"v":3,${head},${act},"target":"git commit -m message",${detail},"prev":"${'a'.repeat(64)}","mac":"${'b'.repeat(64)}"}\n`;
}
