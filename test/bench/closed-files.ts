/** What closed files cost all others: a file opened for writing, or made, beside the same where nothing is closed. */
import assert from 'node:assert/strict';
import type { FileGate } from '../../helper/guest/files.ts';
import { run, shell, startGuest } from '../kit/guest.ts';
import { median, type Figure } from './measurement.ts';

const times = 4000;
const loop = (step: string): string => `i=0; while [ $i -lt ${times} ]; do ${step}; i=$((i+1)); done`;
/** the shell does these itself, so nothing is started */
const kinds = { read: loop(': </tmp/f'), write: loop(': >/tmp/f'), made: loop(': >/tmp/f$i') } as const;
type Kind = keyof typeof kinds;

/** aims, in microseconds on top */
const added: Readonly<Record<Kind, number>> = { read: 2, write: 80, made: 120 };
const what: Readonly<Record<Kind, string>> = { read: 'a file opened for reading', write: 'a file opened for writing', made: 'a file made' };

/** as many patterns as a usual profile has */
const closing: FileGate = {
  files: () => ({ workspace: '/workspace', closed: Array.from({ length: 60 }, (_, index) => `**/.closed-${index}/*.x`), hidden: [] }),
  refused: () => undefined,
  seen: () => undefined,
};

/** The guest alone, in a folder kept in memory. */
export async function measureClosedFiles(runs: number): Promise<readonly Figure[]> {
  const found: Record<'plain' | 'closed', Record<Kind, number[]>> = {
    plain: { read: [], write: [], made: [] },
    closed: { read: [], write: [], made: [] },
  };
  for (let round = 0; round < runs; round += 1)
    for (const kind of ['read', 'write', 'made'] as const) {
      found.plain[kind].push(await eachUs(undefined, kind));
      found.closed[kind].push(await eachUs(closing, kind));
    }
  return (['read', 'write', 'made'] as const).map((kind) => {
    const [ours, plain] = [median(found.closed[kind]), median(found.plain[kind])];
    const target = { text: `≤ ${added[kind]} µs over it`, atMost: plain + added[kind] };
    return { what: `${what[kind]}, where others are closed`, unit: 'µs', ours, floor: { name: 'nothing closed', value: plain }, target };
  });
}

async function eachUs(files: FileGate | undefined, kind: Kind): Promise<number> {
  await using world = await startGuest({ kind: 'socket', ...(files ? { files } : {}) });
  const startedMs = performance.now();
  const { exit, errors } = await run(world.link, shell(`: >/tmp/f; ${kinds[kind]}`));
  assert.equal(exit.status, 0, errors);
  return ((performance.now() - startedMs) * 1000) / times;
}
