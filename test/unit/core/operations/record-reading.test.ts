/** The verbs that read records: exports are whole over their pieces, whoever waits is woken, lists name what there is. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { systemClock } from '../../../../helper/base/clock.ts';
import type { OperationContext } from '../../../../helper/core/operations/contract.ts';
import { recordReadingOperations } from '../../../../helper/core/operations/record-reading.ts';
import type { Registry } from '../../../../helper/core/registry.ts';
import type { World } from '../../../../helper/core/world.ts';
import { operations, type OperationInput, type OperationParams } from '../../../../helper/protocol/operations.ts';
import { isObject } from '../../../../helper/audit/exporting/export-line.ts';
import { TestLines } from '../../../kit/record-lines.ts';

type Handlers = ReturnType<typeof recordReadingOperations>;

interface Scene extends Handlers {
  readonly lines: TestLines;
  readonly grow: () => void;
  readonly context: OperationContext;
  readonly cancel: () => void;
}

function scene(t: TestContext): Scene {
  const audit = mkdtempSync(join(tmpdir(), 'lasso-reading-verbs-'));
  t.after(() => rmSync(audit, { recursive: true }));
  const listeners = new Set<(sandbox: string) => void>();
  const records = {
    onGrown: (listener: (sandbox: string) => void) => {
      listeners.add(listener);
      return { dispose: () => void listeners.delete(listener) };
    },
  };
  t.after(() => assert.equal(listeners.size, 0, 'somebody still listens'));
  const world = { folders: { audit }, clock: systemClock, version: '9.9.9', records } as unknown as World;
  const registry = { all: [{ id: '0123456789ab', saved: { name: 'app' } }] } as unknown as Registry;
  const abort = new AbortController();
  const lines = new TestLines(audit);
  return {
    ...recordReadingOperations(world, registry),
    lines,
    grow: () => listeners.forEach((listener) => listener(lines.sandbox)),
    context: { signal: abort.signal } as OperationContext,
    cancel: () => abort.abort(new Error('cancelled')),
  };
}

const view = (given: OperationInput<'auditView'>): OperationParams<'auditView'> => operations.auditView.params.parse(given);

async function exported(
  { auditExport, context }: Scene,
  given: OperationInput<'auditExport'>,
): Promise<{ readonly text: string; readonly pieces: number }> {
  let [text, after, pieces]: [string, string | undefined, number] = ['', undefined, 0];
  do {
    const piece = await auditExport(operations.auditExport.params.parse({ ...given, ...(after === undefined ? {} : { after }) }), context);
    text += piece.text;
    after = piece.next;
    pieces += 1;
  } while (after !== undefined);
  return { text, pieces };
}

test('an export in pieces is one document', async (t) => {
  const s = scene(t);
  s.lines.many(9000, (index) => ({ detail: { n: index }, outcome: index > 8990 || index < 2 ? 'blocked' : 'success' }));
  const log = readFileSync(s.lines.path, 'utf8');
  const jsonl = await exported(s, { sandbox: 'app', format: 'jsonl' });
  assert.ok(jsonl.pieces > 2);
  assert.equal(jsonl.text, log);
  const all: unknown = JSON.parse((await exported(s, { sandbox: 'app', format: 'json' })).text);
  assert.deepEqual(
    Array.isArray(all) && all.map((record: unknown) => (isObject(record) ? record['seq'] : undefined)),
    Array.from({ length: 9000 }, (_, seq) => seq),
  );
  const blocked: unknown = JSON.parse((await exported(s, { sandbox: 'app', format: 'json', outcome: ['blocked'] })).text);
  assert.equal(Array.isArray(blocked) && blocked.length, 11);
  assert.equal((await exported(s, { sandbox: 'app', format: 'csv' })).text.split('\r\n').length, 9002);
  assert.deepEqual(JSON.parse((await exported(s, { sandbox: 'app', format: 'json', text: 'nowhere' })).text), []);
});

test('a view begins with the last records and goes on after them', async (t) => {
  const s = scene(t);
  s.lines.many(5);
  const first = await s.auditView(view({ sandbox: 'app', tail: 2 }), s.context);
  assert.deepEqual([first.sandbox, first.records.map(({ line }) => line), first.more], ['0123456789ab', [4, 5], false]);
  s.lines.many(1);
  const next = await s.auditView(view({ sandbox: 'app', after: first.end }), s.context);
  assert.deepEqual(
    next.records.map(({ line }) => line),
    [6],
  );
});

test('whoever waits for records is woken as they are written, and only by those that are wanted', async (t) => {
  const s = scene(t);
  s.lines.many(5);
  const { end } = await s.auditView(view({ sandbox: 'app' }), s.context);
  const waiting = s.auditView(view({ sandbox: 'app', after: end, outcome: ['blocked'], waitMs: 30_000 }), s.context);
  s.lines.many(1);
  s.grow();
  await new Promise((resolve) => setTimeout(resolve, 20));
  s.lines.many(1, () => ({ outcome: 'blocked' }));
  s.grow();
  assert.deepEqual(
    (await waiting).records.map(({ line }) => line),
    [7],
  );
});

test('a wait ends empty when its time is over, and at once when it is cancelled', async (t) => {
  const s = scene(t);
  s.lines.many(1);
  const { end } = await s.auditView(view({ sandbox: 'app' }), s.context);
  const late = await s.auditView(view({ sandbox: 'app', after: end, waitMs: 20 }), s.context);
  assert.deepEqual(late, { sandbox: '0123456789ab', records: [], end, more: false });
  const waiting = s.auditView(view({ sandbox: 'app', after: end, waitMs: 30_000 }), s.context);
  s.cancel();
  await assert.rejects(waiting);
});

test('rows, overview and list are about the record that was named', async (t) => {
  const s = scene(t);
  s.lines.many(10);
  s.lines.rotate();
  s.lines.many(10);
  const files = [1, 2].map((number) => join(s.lines.folder, number === 1 ? '0123456789ab.jsonl' : '0123456789ab.00002.jsonl'));
  new TestLines(s.lines.folder, 'fedcba987654').many(3);
  const rows = await s.auditRows(operations.auditRows.params.parse({ sandbox: 'app', filter: {}, from: -1, limit: 5 }), s.context);
  assert.deepEqual([rows.total, rows.rows[0]?.row, rows.rows[0]?.file], [20, 19, files[1]]);
  const overview = await s.auditOverview(operations.auditOverview.params.parse({ sandbox: 'app', bars: 4 }), s.context);
  assert.deepEqual([overview.name, overview.files, overview.records], ['app', files, 20]);
  assert.deepEqual(await s.auditOverview(operations.auditOverview.params.parse({ sandbox: '0123456789ab', bars: 4 }), s.context), overview);
  const { records } = await s.auditList({}, s.context);
  assert.deepEqual(
    records.map(({ sandbox, name, files: { length }, bytes }) => [sandbox, name, length, bytes > 1000]),
    [
      ['0123456789ab', 'app', 2, true],
      ['fedcba987654', undefined, 1, true],
    ],
  );
});
