/**
 * The way out, measured from inside a sandbox, beside the direct path and beside squid as a plain forward proxy on the host. Everything
 * is on this machine’s loopback, and every way is loaded by the same program.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSandboxes, type IdleMemory } from './egress-sandbox.ts';
import { startSquid } from './egress-squid.ts';
import { doorWay, hostWay, interceptedHost, startServer, tunnelledHost, type Way, type Work } from './egress-ways.ts';
import { type Figure, median } from './measurement.ts';

/** from where, and by which way */
type Place = 'directly' | 'squid' | 'tunnelled' | 'intercepted' | 'stdio' | 'door';
type Ways = Readonly<Record<Place, Way | undefined>>;

const ours: Readonly<Partial<Record<Place, string>>> = {
  tunnelled: 'tunnelled from a sandbox',
  intercepted: 'intercepted from a sandbox',
  stdio: 'tunnelled from a sandbox, link over stdio',
  door: 'tunnelled on the host, without guest and link',
};

interface Kind {
  readonly what: Work['what'];
  readonly name: string;
  readonly unit: Figure['unit'];
  /** what the load program tells, in `unit` */
  readonly divisor: number;
  readonly amount: number;
  readonly places: readonly Place[];
}

/** A sandbox may open 2,000 connections at once and 200 a second in the long run; what it opens here stays below. */
function kindsOf(quick: boolean): readonly Kind[] {
  const everywhere = ['directly', 'squid', 'tunnelled', 'intercepted', 'stdio', 'door'] as const;
  const either = (quickly: number, usually: number): number => (quick ? quickly : usually);
  return [
    {
      what: 'requests',
      name: 'requests on kept connections, 16 clients',
      unit: '/s',
      divisor: 1,
      amount: either(1000, 2000),
      places: everywhere,
    },
    {
      ...{ what: 'tunnels', name: 'new connections with TLS and one request each, 16 at once', unit: '/s', divisor: 1 },
      ...{ amount: either(150, 300), places: ['directly', 'squid', 'tunnelled', 'intercepted', 'door'] },
    },
    { what: 'download', name: 'one download', unit: 'MB/s', divisor: 1e6, amount: either(100e6, 200e6), places: everywhere },
    {
      ...{ what: 'latency', name: 'one request at a time, p50', unit: 'µs', divisor: 1, amount: either(300, 1000) },
      places: ['directly', 'squid', 'tunnelled', 'intercepted', 'stdio'],
    },
    {
      ...{ what: 'first-byte', name: 'first event of a stream, after the server wrote it', unit: 'ms', divisor: 1 },
      ...{ amount: either(15, 40), places: ['directly', 'intercepted'] },
    },
  ];
}

const idleConnections = 1000;

export async function measureEgress(quick: boolean): Promise<readonly Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'lasso-bench-egress-'));
  const server = await startServer();
  const authority = join(folder, 'authority.pem');
  writeFileSync(authority, server.certificatePem);
  const squid = await startSquid([tunnelledHost, interceptedHost], server.port);
  const sandboxes = openSandboxes(server, folder, authority);
  try {
    const memory = await sandboxes.idle(idleConnections);
    const socket = await sandboxes.way('socket');
    const ways: Ways = {
      directly: hostWay(server, authority),
      squid: typeof squid === 'string' ? undefined : hostWay(server, authority, squid.port),
      tunnelled: socket,
      intercepted: socket,
      stdio: await sandboxes.way('stdio'),
      door: doorWay(server, authority),
    };
    const figures: Figure[] = [];
    for (const kind of kindsOf(quick)) {
      const measured = await measure(kind, ways, quick ? 1 : 3);
      const missing = typeof squid === 'string' && kind.places.includes('squid') ? squid : undefined;
      for (const place of kind.places) figures.push(...figureOf(kind, place, measured, missing));
    }
    return [...figures, ...figuresOf(memory)];
  } finally {
    await sandboxes.end();
    await Promise.all([server.end(), typeof squid === 'string' ? undefined : squid.end()]);
    rmSync(folder, { recursive: true });
  }
}

type Measured = Readonly<Partial<Record<Place, number>>>;

/** Medians; the ways take turns, so that whatever else this machine does meets them all. */
async function measure({ what, divisor, amount, places }: Kind, ways: Ways, runs: number): Promise<Measured> {
  const all = new Map<Place, number[]>();
  for (let run = 0; run < runs; run += 1)
    for (const place of places) {
      const value = await ways[place]?.({ what, amount, host: place === 'intercepted' ? interceptedHost : tunnelledHost });
      if (value !== undefined) all.set(place, [...(all.get(place) ?? []), value / divisor]);
    }
  return Object.fromEntries([...all].map(([place, values]) => [place, median(values)]));
}

/** @param missing why there is no squid; undefined where it is not wanted */
function figureOf({ what, name, unit }: Kind, place: Place, measured: Measured, missing: string | undefined): readonly Figure[] {
  const [where, value, { squid, directly = Number.NaN }] = [ours[place], measured[place], measured];
  if (where === undefined || value === undefined) return [];
  const speed = unit === '/s' || unit === 'MB/s';
  const besideSquid = place === 'tunnelled' && speed && squid !== undefined;
  const told = [
    ...(speed ? [] : [`${(value - directly).toFixed(unit === 'ms' ? 2 : 0)} ${unit} added`]),
    ...(besideSquid
      ? [`directly ${directly.toFixed(0)} ${unit}`]
      : squid === undefined
        ? []
        : [`squid’s tunnel ${squid.toFixed(0)} ${unit}`]),
    ...(missing === undefined || place !== 'tunnelled' ? [] : [missing]),
  ];
  const floor = besideSquid ? { name: 'squid’s tunnel on the host', value: squid } : { name: 'directly', value: directly };
  return [{ what: `${name}: ${where}`, unit, ours: value, floor, target: targetOf(what, place, besideSquid), note: told.join('; ') }];
}

function targetOf(what: Work['what'], place: Place, besideSquid: boolean): Figure['target'] {
  if (what === 'first-byte') return { text: '≤ 5 ms', atMost: 5 };
  if (what === 'latency') return { text: '–' };
  if (place === 'tunnelled') return { text: '≥ 0.5 × squid', ...(besideSquid ? { ratio: 0.5 } : {}) };
  return place === 'door' ? { text: '≥ 0.45 ×', ratio: 0.45 } : { text: '–' };
}

const figuresOf = (memory: IdleMemory): readonly Figure[] =>
  (['helper', 'guest'] as const).map((program) => {
    const { before, open } = memory[program];
    const what = `memory of the ${program} for ${idleConnections} idle connections`;
    return {
      what,
      unit: 'MB',
      ours: open - before,
      target: { text: '–' },
      note: `${before.toFixed(1)} MB before, ${open.toFixed(1)} MB with them`,
    };
  });
