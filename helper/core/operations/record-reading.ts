/** Verbs that read records, also of sandboxes long removed: view and follow, rows and overview for a list, list, export. They verify nothing. */
import { stat } from 'node:fs/promises';
import type { OperationContext, OperationHandlers } from './contract.ts';
import { chainFiles, type ChainFile } from '../../audit/form/chain-files.ts';
import { exportForm } from '../../audit/exporting/export-forms.ts';
import { exportLine } from '../../audit/exporting/export-line.ts';
import { compileFilter } from '../../audit/reading/filter.ts';
import { Overview } from '../../audit/reading/overview.ts';
import { ChainReaders } from '../../audit/reading/readers.ts';
import { beginning, parsePlace, placeText, readOn, type Piece } from '../../audit/reading/reading.ts';
import { errnoOf } from '../../base/atomic-file.ts';
import type { OperationParams, OperationResult } from '../../protocol/operations.ts';
import { recordPlace, recordPlaces } from '../records/places.ts';
import { watchRecord } from '../records/watch.ts';
import type { Registry } from '../registry.ts';
import type { World } from '../world.ts';

type Reading = Pick<World, 'folders' | 'clock' | 'version' | 'records'>;

/** between two looks at a record that nobody says has grown, in milliseconds */
const lookMs = 2000;
/** text that is made into another form at once, in characters: programs that start wait meanwhile */
const exportLimit = 262_144;

export function recordReadingOperations(
  world: Reading,
  registry: Registry,
): Pick<OperationHandlers, 'auditView' | 'auditRows' | 'auditOverview' | 'auditList' | 'auditExport'> {
  const readers = new ChainReaders(world.folders.audit);
  const idOf = async (reference: string | undefined): Promise<string> => (await recordPlace(world, registry, reference)).sandbox;
  const overviewOf = (): Overview => new Overview();
  return {
    auditView: async (params, { signal }) => {
      const sandbox = await idOf(params.sandbox);
      const { end, ...piece } = await viewed(world, readers, sandbox, params, signal);
      return { sandbox, ...piece, records: [...piece.records], end: placeText(end) };
    },
    auditRows: async ({ sandbox: reference, filter, from, limit }) => {
      const sandbox = await idOf(reference);
      return await readers.of(sandbox).rows(filter, from, limit, world.clock.now());
    },
    auditOverview: async ({ sandbox: reference, bars }) => {
      const place = await recordPlace(world, registry, reference);
      const { pass, bytes } = await readers.of(place.sandbox).whole(overviewOf);
      const { records, firstAt, lastAt, types, outcomes } = pass;
      return {
        sandbox: place.sandbox,
        ...(place.name === undefined ? {} : { name: place.name }),
        files: place.files.map(({ path }) => path),
        bytes,
        records,
        ...(firstAt === undefined ? {} : { firstAt }),
        ...(lastAt === undefined ? {} : { lastAt }),
        ...{ types, outcomes },
        bars: pass.bars(bars).map(({ fromMs, ...counts }) => ({ from: new Date(fromMs).toISOString(), ...counts })),
      };
    },
    auditList: async () => {
      const places = await recordPlaces(world, registry);
      return { records: await Promise.all(places.map(async ({ files, ...place }) => ({ ...place, ...(await sizesOf(files)) }))) };
    },
    auditExport: async (params) => await exported(world, await idOf(params.sandbox), params),
  };
}

async function viewed(
  world: Reading,
  readers: ChainReaders,
  sandbox: string,
  params: OperationParams<'auditView'>,
  signal: OperationContext['signal'],
): Promise<Piece> {
  const now = world.clock.now();
  const filter = compileFilter(params, now);
  const start = async (): Promise<Piece['end']> =>
    params.tail === undefined ? beginning : await readers.of(sandbox).tailPlace(params, params.tail, now);
  let place = params.after === undefined ? await start() : parsePlace(params.after);
  const watch = watchRecord(world, sandbox);
  try {
    for (const end = world.clock.monotonicMs() + params.waitMs; ;) {
      const piece = await readOn(await chainFiles(world.folders.audit, sandbox), place, filter);
      const left = end - world.clock.monotonicMs();
      if (piece.records.length > 0 || piece.more || left <= 0) return piece;
      place = piece.end;
      await watch.grown(Math.min(left, lookMs), signal);
    }
  } finally {
    await watch.dispose();
  }
}

async function exported(world: Reading, sandbox: string, params: OperationParams<'auditExport'>): Promise<OperationResult<'auditExport'>> {
  const form = exportForm(params.format, world.version);
  // Where the last piece ended, and whether anything was exported before: `+` or `-`.
  const { after } = params;
  const began = after?.startsWith('+') === true;
  const place = after === undefined ? beginning : parsePlace(after.slice(1));
  const files = await chainFiles(world.folders.audit, sandbox);
  const { records, end, more } = await readOn(files, place, compileFilter(params, world.clock.now()), exportLimit);
  const lines = records.map((record) => form.each(exportLine(record)));
  const any = began || lines.length > 0;
  const text = [
    after === undefined ? form.head : '',
    began && lines.length > 0 ? form.between : '',
    lines.join(form.between),
    more ? '' : form.foot,
  ];
  return { sandbox, text: text.join(''), ...(more ? { next: `${any ? '+' : '-'}${placeText(end)}` } : {}) };
}

async function sizesOf(
  files: readonly ChainFile[],
): Promise<{ readonly files: string[]; readonly bytes: number; readonly changedAt: string }> {
  const found = await Promise.all(
    files.map(async ({ path }) =>
      stat(path).catch((error: unknown) => {
        // Removed since the folder was listed.
        if (errnoOf(error) === 'ENOENT') return undefined;
        throw error;
      }),
    ),
  );
  const known = found.filter((status) => status !== undefined);
  return {
    files: files.map(({ path }) => path),
    bytes: known.reduce((sum, { size }) => sum + size, 0),
    changedAt: new Date(Math.max(0, ...known.map(({ mtimeMs }) => mtimeMs))).toISOString(),
  };
}
