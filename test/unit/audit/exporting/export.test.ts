/** Exports say what is on record, in forms other programs read; no field becomes a formula, no event lacks what its class asks for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exportForm, type ExportFormat } from '../../../../helper/audit/exporting/export-forms.ts';
import { exportLine, isObject } from '../../../../helper/audit/exporting/export-line.ts';
import { TestLines, type TestLine } from '../../../kit/record-lines.ts';

const hostile = 'a "b",\r\nc \u202e \u001b[2J';

function exported(format: ExportFormat, texts: readonly string[]): string {
  const form = exportForm(format, '9.9.9');
  return (
    form.head +
    texts.map((text, index) => form.each(exportLine({ file: '/r/x.jsonl', line: index + 1, text }))).join(form.between) +
    form.foot
  );
}

const lineOf = (line: TestLine): string => new TestLines('/nowhere').line(line);

/** RFC 4180, as a spreadsheet reads it. */
function readCsv(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
    if (end === '\r\n') rows.push([]);
  }
  assert.deepEqual(rows.pop(), []);
  return rows;
}

test('CSV has a head, one row a record, and fields with quotes, commas and newlines whole', () => {
  const actor = { kind: 'user', face: 'cli', user: 'ann' } as const;
  const rows = readCsv(
    exported('csv', [lineOf({ target: hostile, actor, detail: { reason: 'because, "so"', rule: 'r1', n: 3 } }), 'no record']),
  );
  const [head = [], first = [], second = []] = rows;
  assert.equal(rows.length, 3);
  assert.ok(rows.every(({ length }) => length === head.length));
  assert.deepEqual(Object.fromEntries(head.map((name, at) => [name, first[at]])), {
    ...{ seq: '0', time: '2026-01-01T00:00:00.000Z', sandbox: '0123456789ab', type: 'command', action: 'start', outcome: 'success' },
    ...{ actor: 'user', face: 'cli', user: 'ann', target: hostile, reason: 'because, "so"', rule: 'r1' },
    ...{ detail: '{"reason":"because, \\"so\\"","rule":"r1","n":3}', file: '/r/x.jsonl', line: '1' },
  });
  assert.deepEqual(
    [second[head.indexOf('type')], second[head.indexOf('target')], second[head.indexOf('line')]],
    ['unreadable', 'no record', '2'],
  );
});

for (const text of ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', ' =1', '＝1', '＋1', '－1', '＠x', '=cmd|" /C calc"!A0'])
  test(`a spreadsheet takes ${JSON.stringify(text)} for text`, () => {
    const [head = [], row = []] = readCsv(exported('csv', [lineOf({ target: text })]));
    assert.equal(row[head.indexOf('target')], `'${text}`);
  });

test('text that is no formula stays as it is in CSV', () => {
  for (const text of ['a=b', 'git -m x', '1-1', "'quoted'", '/bin/sh']) {
    const [head = [], row = []] = readCsv(exported('csv', [lineOf({ target: text })]));
    assert.equal(row[head.indexOf('target')], text);
  }
});

test('JSON is one array of the records as written; what is none is named so', () => {
  const line = lineOf({ target: hostile, detail: { big: 1e21, zero: 0 } });
  const text = exported('json', [line, 'no record', '[1]']);
  assert.ok(text.includes(line));
  assert.deepEqual(JSON.parse(text), [
    JSON.parse(line),
    { unreadable: { file: '/r/x.jsonl', line: 2, text: 'no record' } },
    { unreadable: { file: '/r/x.jsonl', line: 3, text: '[1]' } },
  ]);
  assert.deepEqual(JSON.parse(exported('json', [])), []);
});

test('JSON lines are the lines', () => {
  const texts = [lineOf({ target: hostile }), 'no record', ''];
  assert.equal(exported('jsonl', texts), texts.map((text) => `${text}\n`).join(''));
});

/** required attributes of OCSF 1.3.0: of every class (base_event in its repository), and of single ones */
const everywhere = ['activity_id', 'category_uid', 'class_uid', 'metadata', 'severity_id', 'time', 'type_uid'];
const required: Readonly<
  Record<number, { readonly category: number; readonly activities: readonly number[]; readonly attributes: readonly string[] }>
> = {
  0: { category: 0, activities: [0, 99], attributes: [] },
  1001: { category: 1, activities: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 99], attributes: ['actor', 'device', 'file'] },
  1007: { category: 1, activities: [0, 1, 2, 3, 4, 5, 99], attributes: ['actor', 'device', 'process'] },
  2004: { category: 2, activities: [0, 1, 2, 3, 99], attributes: ['finding_info'] },
  3004: { category: 3, activities: [0, 1, 2, 3, 4, 99], attributes: ['entity'] },
  4001: { category: 4, activities: [0, 1, 2, 3, 4, 5, 6, 7, 99], attributes: ['dst_endpoint'] },
  4002: { category: 4, activities: [0, 1, 2, 3, 4, 5, 6, 7, 8, 99], attributes: ['dst_endpoint', 'http_request'] },
  4003: { category: 4, activities: [0, 1, 2, 6, 99], attributes: ['dst_endpoint', 'query'] },
  6002: { category: 6, activities: [0, 1, 2, 3, 4, 5, 6, 7, 8, 99], attributes: ['app'] },
};
/** required attributes of objects */
const objects: Readonly<Record<string, readonly string[]>> = {
  metadata: ['product', 'version'],
  'metadata.product': ['vendor_name'],
  device: ['type_id'],
  finding_info: ['title', 'uid'],
  file: ['name', 'type_id'],
  entity: ['name'],
  app: ['vendor_name'],
  'http_request.url': ['hostname'],
};

const events: readonly (readonly [line: TestLine, type: number])[] = [
  [{ type: 'command', action: 'start', detail: { argv: ['ls', '-l'], pid: 4, file: '/bin/ls' } }, 100701],
  [{ type: 'command', action: 'exec', outcome: 'intent', target: 'ls' }, 100701],
  [{ type: 'command', action: 'exec', outcome: 'error', detail: { intent: 3, code: 1 } }, 100702],
  [{ type: 'command', action: 'exec', outcome: 'blocked', detail: { reason: 'no' } }, 100701],
  [{ type: 'terminal', action: 'attach' }, 100799],
  [{ type: 'network', action: 'connect', detail: { host: 'h.example', port: 443 } }, 400101],
  [{ type: 'network', action: 'connect', outcome: 'blocked', detail: { host: 'h.example', port: 443 } }, 400105],
  [{ type: 'network', action: 'name', detail: { host: 'h.example' } }, 400301],
  [{ type: 'network', action: 'request', detail: { host: 'h.example', port: 443, method: 'POST', path: '/x' } }, 400206],
  [{ type: 'network', action: 'request', detail: { host: 'h.example', port: 443, method: 'BREW', path: '/x' } }, 400299],
  [{ type: 'network', action: 'forward' }, 400107],
  [{ type: 'lifecycle', action: 'create' }, 600201],
  [{ type: 'lifecycle', action: 'stop' }, 600204],
  [{ type: 'lifecycle', action: 'adopted' }, 600299],
  [{ type: 'file', action: 'changed', target: '/w/a.txt' }, 100103],
  [{ type: 'policy', action: 'mode', target: 'strict' }, 300403],
  [{ type: 'violation', action: 'program-changed', outcome: 'blocked', detail: { reason: 'Another program' } }, 200401],
  [{ type: 'gap', action: 'torn-line', outcome: 'unknown' }, 200401],
  [{ type: 'secret', action: 'put' }, 99],
  [{ type: 'approval', action: 'ask' }, 99],
  [{ type: 'chain', action: 'begun' }, 99],
];

for (const [line, type] of events)
  test(`${String(line.type)} ${String(line.action)} (${line.outcome ?? 'success'}) is an OCSF event ${type} with all it requires`, () => {
    const text = lineOf({ actor: { kind: 'user', face: 'cli', user: 'ann' }, ...line });
    const event: unknown = JSON.parse(exported('ocsf', [text]));
    assert.ok(isObject(event));
    const shape = required[Number(event['class_uid'])];
    assert.ok(shape !== undefined);
    assert.equal(event['type_uid'], type);
    assert.equal(event['type_uid'], Number(event['class_uid']) * 100 + Number(event['activity_id']));
    assert.equal(event['category_uid'], shape.category);
    assert.ok(shape.activities.includes(Number(event['activity_id'])));
    assert.equal(event['activity_id'] === 99, typeof event['activity_name'] === 'string');
    for (const name of [...everywhere, ...shape.attributes]) assert.ok(event[name] !== undefined, name);
    for (const [path, names] of Object.entries(objects)) {
      const found = path.split('.').reduce<unknown>((value, name) => (isObject(value) ? value[name] : undefined), event);
      if (isObject(found)) for (const name of names) assert.ok(found[name] !== undefined, `${path}.${name}`);
    }
    assert.ok([0, 1, 2, 3, 4, 5, 6, 99].includes(Number(event['severity_id'])));
    assert.ok([0, 1, 2, 99].includes(Number(event['status_id'])));
    assert.equal(event['time'], Date.parse('2026-01-01T00:00:00.000Z'));
    assert.deepEqual(event['unmapped'], { lasso: JSON.parse(text) as unknown });
  });

test('an outcome names the intent it belongs to, and a line that is no record is still an event', () => {
  const [begun, ended, unreadable] = exported('ocsf', [
    lineOf({ outcome: 'intent' }),
    lineOf({ outcome: 'success', detail: { intent: 0 } }),
    'no record',
  ])
    .trimEnd()
    .split('\n')
    .map((text): unknown => JSON.parse(text));
  const uid = (event: unknown): unknown =>
    isObject(event) && isObject(event['metadata']) ? event['metadata']['correlation_uid'] : undefined;
  assert.deepEqual([uid(begun), uid(ended)], ['0123456789ab:0', '0123456789ab:0']);
  assert.ok(isObject(unreadable));
  assert.deepEqual([unreadable['type_uid'], unreadable['unmapped']], [99, { file: '/r/x.jsonl', line: 3, text: 'no record' }]);
});

for (const text of [
  'null',
  '7',
  '{}',
  '{"type":7,"detail":[],"actor":"x"}',
  '{"type":"command","detail":{"argv":{"0":"x"},"pid":"y"}}',
  '{"__proto__":{"type":"file"}}',
])
  test(`${text} is exported in every form without harm`, () => {
    for (const format of ['csv', 'json', 'jsonl', 'ocsf'] as const) assert.notEqual(exported(format, [text]), '');
  });
