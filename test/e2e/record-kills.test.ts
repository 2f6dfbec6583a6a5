/** A writer of records killed at any moment: whatever it acknowledged is there, and what it left verifies or names its one gap. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { systemClock } from '../../helper/base/clock.ts';
import { assertSound, linesOf, verified } from '../kit/record-checks.ts';
import { recordFolder, writeChain, writtenChain } from '../kit/records.ts';

const source = fileURLToPath(new URL('../kit/record-writer.ts', import.meta.url));
const kills = 200;
/** writers at once, each with a record of its own: what is tested waits for processes to start */
const writers = 2;

/** Starts a writer, kills it some milliseconds after its first word, and gives the number it acknowledged last. */
async function killedAt(program: string, home: string, round: number): Promise<number> {
  const durability = round % 5 === 4 ? 'fsync' : 'group';
  const child = spawn(process.execPath, [program, home, durability], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  const closed = once(child, 'close');
  // Some are killed before they say anything: while they go on with what the one before left.
  if (round % 10 === 9) await new Promise((resolve) => setTimeout(resolve, 150 + Math.random() * 100));
  else await Promise.race([once(child.stdout, 'data'), closed]);
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 60));
  child.kill('SIGKILL');
  await closed;
  assert.equal(child.signalCode, 'SIGKILL', 'the writer ended by itself');
  return Number(said.slice(0, said.lastIndexOf('\n')).split('\n').at(-1));
}

async function killOften(program: string, rounds: number): Promise<Readonly<Record<string, number>>> {
  const { folder: home, remove } = recordFolder();
  const seen: Record<string, number> = {};
  try {
    for (let round = 0; round < rounds; round += 1) {
      const acknowledged = await killedAt(program, home, round);
      const report = await verified(home);
      const wrong = report.problems.filter(({ level, code }) => level === 'error' && code !== 'torn-tail');
      assert.deepEqual(wrong, [], `round ${round}`);
      for (const { code } of report.problems) seen[code] = (seen[code] ?? 0) + 1;
      assert.equal(report.verified, report.records);
      const reached = await lastNumber(home);
      assert.ok(reached >= acknowledged, `round ${round}: the last record is ${reached}, acknowledged was ${acknowledged}`);
    }
    await writeChain(home, 1, { clock: systemClock });
    const { problems } = await verified(home);
    await assertSound(home, { notes: [...new Set(problems.map(({ code }) => code))].sort() });
    return seen;
  } finally {
    remove();
  }
}

/** Number of the last whole line of the newest file that has one. */
async function lastNumber(home: string): Promise<number> {
  const lines = (await writtenChain(home)).files.flatMap(({ path }) => linesOf(path));
  return Number(/"seq":(\d+),/.exec(lines.at(-1) ?? '')?.[1] ?? -1);
}

test(`nothing acknowledged is missing after ${kills} kills under load`, { timeout: 120_000 }, async (t) => {
  const { folder, remove } = recordFolder();
  try {
    // In one file, a writer starts in a fraction of the time.
    const program = join(folder, 'record-writer.mjs');
    await build({ entryPoints: [source], bundle: true, platform: 'node', format: 'esm', outfile: program });
    const seen = await Promise.all(Array.from({ length: writers }, () => killOften(program, kills / writers)));
    t.diagnostic(JSON.stringify(seen));
  } finally {
    remove();
  }
});
