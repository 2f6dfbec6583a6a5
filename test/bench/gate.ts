/** What judging every program start costs: a start by itself, and whole builds, beside the same without a gate. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecGate } from '../../helper/guest/exec.ts';
import { run, shell, startGuest } from '../kit/guest.ts';
import { builds } from './builds.ts';
import { median, type Figure } from './measurement.ts';
import type { BenchTarget } from './target.ts';

const starts = 400;
/** fork and exec, over and over: with the same arguments a decision is used again, with others it is asked about each time */
const loop = (words: string): string => `i=0; while [ $i -lt ${starts} ]; do /usr/bin/true ${words}; i=$((i+1)); done`;
const kinds = { cached: loop(''), asked: loop('$i') } as const;
type Kind = keyof typeof kinds;

/** aims of "The exec gate", in microseconds on top of a start that is not judged */
const added = { cached: 150, asked: 325, recorded: 338 } as const;

/** The guest and the link alone: a gate in this process that answers at once and writes nothing down. */
export async function measureLinkGate(runs: number): Promise<readonly Figure[]> {
  const plain: number[] = [];
  const gated: Record<Kind, number[]> = { cached: [], asked: [] };
  for (let round = 0; round < runs; round += 1) {
    plain.push(await perStartUs(undefined, 'cached'));
    for (const kind of ['cached', 'asked'] as const) gated[kind].push(await perStartUs(immediate(kind === 'cached'), kind));
  }
  return [
    figure('a program start, decided before', median(gated.cached), median(plain), added.cached, 'guest alone'),
    figure('a program start, asked about', median(gated.asked), median(plain), added.asked, 'guest, link, an answer at once'),
  ];
}

/** Through a whole helper with records; needs a target whose sandboxes hold `sh`; a build whose tools they do not hold is left out. */
export async function measureGate(target: BenchTarget, runs: number): Promise<readonly Figure[]> {
  const { backend, lasso, workspace } = target;
  const ids: Record<'required' | 'off', string> = { required: '', off: '' };
  for (const gate of ['required', 'off'] as const) {
    const profile = join(lasso.root, `gate-${gate}.toml`);
    writeFileSync(profile, `name = "gate-${gate}"\nextends = "standard"\nexec_gate = "${gate}"\n`);
    ids[gate] = (await lasso.create({ backend, dir: workspace, profile, name: `gate-${gate}` })).id;
  }
  const time = async (gate: keyof typeof ids, script: string): Promise<number> => {
    const startedMs = performance.now();
    const { exit, stderr } = await lasso.exec(ids[gate], ['sh', '-c', script]);
    assert.equal(exit.code, 0, stderr);
    return performance.now() - startedMs;
  };
  const compare = async (script: string): Promise<{ readonly gated: number; readonly plain: number }> => {
    const times: Record<keyof typeof ids, number[]> = { required: [], off: [] };
    await time('required', script);
    for (let round = 0; round < runs; round += 1)
      for (const gate of ['off', 'required'] as const) times[gate].push(await time(gate, script));
    return { gated: median(times.required), plain: median(times.off) };
  };
  const figures: Figure[] = [];
  for (const kind of ['cached', 'asked'] as const) {
    const { gated, plain } = await compare(kinds[kind]);
    const what = `${backend}: a program start, ${kind === 'cached' ? 'decided before' : 'asked about'}`;
    const aim = kind === 'cached' ? added.cached : added.recorded;
    figures.push(figure(what, (gated * 1000) / starts, (plain * 1000) / starts, aim, 'a whole helper, on record'));
  }
  for (const { what, needs, write, prepare, script, atMostRatio } of builds) {
    const held = await lasso.exec(ids.off, ['sh', '-c', needs.map((name) => `command -v ${name}`).join(' && ')]);
    if (held.exit.code !== 0) continue;
    await write(workspace);
    if (prepare !== undefined) await time('off', prepare);
    const { gated, plain } = await compare(script);
    const target = atMostRatio === undefined ? { text: '–' } : { text: `≤ ${atMostRatio.toFixed(2)} ×`, ratio: atMostRatio };
    figures.push({ what: `${backend}: ${what}`, unit: 'ms', ours: gated, floor: { name: 'without a gate', value: plain }, target });
  }
  const connection = await lasso.connect();
  for (const id of Object.values(ids)) await connection.call('remove', { sandbox: id });
  return figures;
}

function figure(what: string, ours: number, plain: number, atMostOver: number, note: string): Figure {
  const floor = { name: 'without a gate', value: plain };
  return { what, unit: 'µs', ours, floor, target: { text: `≤ ${atMostOver} µs over it`, atMost: plain + atMostOver }, note };
}

const immediate = (keep: boolean): ExecGate => ({
  judge: () => Promise.resolve({ allow: true, keep }),
  again: () => undefined,
  changed: () => Promise.resolve(false),
  other: () => undefined,
});

async function perStartUs(gate: ExecGate | undefined, kind: Kind): Promise<number> {
  await using world = await startGuest({ kind: 'socket', ...(gate ? { gate } : {}) });
  await run(world.link, shell('/usr/bin/true'));
  const startedMs = performance.now();
  const { exit } = await run(world.link, shell(kinds[kind]));
  assert.equal(exit.status, 0);
  return ((performance.now() - startedMs) * 1000) / starts;
}
