import assert from 'node:assert/strict';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { RecordSummary } from '../../../../helper/audit/summary/summary-shape.ts';
import { summarise } from '../../../../helper/audit/summary/summary.ts';
import { busySession } from '../../../kit/busy-session.ts';
import { testPlace } from '../../../kit/folders.ts';
import { sealedLines, type TimedEntry } from '../../../kit/sealed-lines.ts';

const { root: folder, remove } = testPlace();
after(remove);

async function summaryOf(...texts: readonly string[]): Promise<RecordSummary> {
  const files = texts.map((text, index) => {
    const name = `file-${index}.jsonl`;
    const path = join(folder, name);
    writeFileSync(path, text);
    return { path, name, bytes: statSync(path).size };
  });
  return summarise('0123456789ab', files);
}

const busy = await summaryOf(sealedLines(busySession));

describe('a summary says', () => {
  const said: readonly (readonly [what: string, told: unknown, expected: unknown])[] = [
    ['how many records there are', [busy.records, busy.skipped, busy.firstSeq, busy.lastSeq], [39, 0, 0, 38]],
    ['whose sandbox it was, by name', busy.name, 'shop'],
    ['which LASSO wrote it', busy.versions.rows.map(({ key }) => key), ['2.0.0']],
    ['who acted', busy.actors.rows.map(({ key }) => key), ['agent (guest)', 'user alice (cli)', 'system (helper)', 'user alice (editor)']],
    ['how many commands were asked for', [busy.commands.asked, busy.commands.terminals], [2, 1]],
    [
      'which programs started, and which were kept from it',
      busy.commands.programs.rows.find(({ key }) => key === 'rm')?.about,
      { started: 0, blocked: 2 },
    ],
    ['with which codes commands ended', busy.commands.exits.rows.map(({ key }) => key), ['1', '137']],
    ['how long they ran', busy.commands.durationMs, 5100],
    ['how much was blocked, and what was not written one by one', [busy.blocked.count, busy.blocked.flooded], [6, 40]],
    [
      'which secrets were used where',
      busy.secrets.uses.rows.map(({ about }) => [about.secret, about.host, about.used, about.refused]),
      [
        ['github', 'api.example', 1, 0],
        ['npm', 'paste.example', 0, 1],
      ],
    ],
    [
      'which secrets there were, and how often values were taken out of answers',
      [busy.secrets.given, busy.secrets.redacted],
      [['npm', 'github'], 2],
    ],
    ['which names were refused', busy.network.names.rows.map(({ about }) => about.what), ['tracker.example']],
    [
      'which files changed, and how',
      busy.filesChanged.rows.rows.map(({ about }) => [about.what, about.why]),
      [
        ['src/new.ts', 'created'],
        ['src/app.ts', 'modified'],
        ['package.json', 'modified'],
        ['old.ts', 'removed'],
      ],
    ],
    ['which limits were hit', busy.limits.rows.map(({ about }) => about.what), ['make', 'Requests and connections that are refused']],
    [
      'who answered what',
      busy.approvals.rows.items.map(({ answer, by, waitedMs }) => [answer, by, waitedMs]),
      [
        ['once', 'user alice (editor)', 8000],
        ['deny', 'user alice (cli)', 3000],
      ],
    ],
    [
      'how mode and policy changed',
      busy.policies.items.map(({ seq, what }) => [seq, what]),
      [
        [28, 'Mode changed from assist to observe'],
        [29, 'Profile standard read again: abababababab became efefefefefef'],
      ],
    ],
    ['what was caught by the guards', busy.guard.rows.length, 3],
    ['where it has gaps', busy.chain.gaps.items.map(({ seq }) => seq), [33, 34]],
    ['what began and has no end', busy.chain.unfinished, 2],
    [
      'which records speak for what',
      [busy.evidence.blockedCommands, busy.evidence.epochs],
      [
        { count: 2, first: 8, last: 9, sample: [8, 9] },
        { count: 0, sample: [] },
      ],
    ],
  ];
  for (const [what, told, expected] of said) test(what, () => assert.deepEqual(told, expected));

  test('what became of each host', () => {
    const registry = busy.network.hosts.rows.find(({ key }) => key === 'registry.example')?.about;
    assert.deepEqual([...(registry?.methods ?? [])], [['GET', 2]]);
    assert.deepEqual(
      [registry?.allowed, registry?.bytesUp, registry?.bytesDown, [...(registry?.programs ?? [])]],
      [2, 1200, 5_400_000, ['curl']],
    );
  });

  test('what was blocked, alike refusals together, with rule, origin and reason', () => {
    const row = busy.blocked.rows.rows[0];
    assert.equal(row?.count, 2);
    assert.deepEqual(
      [row.about.kind, row.about.rule, row.about.origin, row.about.firstSeq],
      ['command', 'commands.blacklist[0]', '/home/alice/work/.lasso/profile.toml:12', 8],
    );
    assert.ok(row.about.firstAt < row.about.lastAt);
  });
});

test('files of a chain are one summary, and bytes that come later are left out', async () => {
  const text = sealedLines(busySession);
  const middle = text.indexOf('\n', text.length / 2) + 1;
  const halves = await summaryOf(text.slice(0, middle), text.slice(middle));
  assert.deepEqual({ ...halves, files: [] }, { ...busy, files: [] });
  const path = join(folder, 'grown.jsonl');
  writeFileSync(path, `${text}${text}`);
  assert.equal((await summarise('0123456789ab', [{ path, name: 'grown.jsonl', bytes: text.length }])).records, busy.records);
});

const hostileLines: readonly string[] = [
  'nonsense',
  '[]',
  'null',
  '{"v":2,"seq":1}',
  '{"v":3,"seq":-1,"ts":"2026-01-01T00:00:00.000Z","type":"a","action":"b","outcome":"c"}',
  '{"v":3,"seq":1,"ts":"2026-99-99T99:99:99.999Z","type":"a","action":"b","outcome":"c"}',
  '{"v":3,"seq":1e999,"ts":"2026-01-01T00:00:00.000Z","type":"a","action":"b","outcome":"c"}',
  `{"v":3,"seq":1,"ts":"2026-01-01T00:00:00.000Z","type":"\u202e","action":"b","outcome":"c"}`,
  '['.repeat(100_000),
  'x'.repeat(1_100_000),
];

test('lines that are no records are skipped and counted', async () => {
  const summary = await summaryOf(`${hostileLines.join('\n')}\n${sealedLines(busySession)}{"v":3,"torn`);
  assert.deepEqual([summary.records, summary.skipped], [busy.records, hostileLines.length]);
});

test('members of the wrong kind are left out of the summary', async () => {
  const odd =
    '{"v":3,"seq":1,"ts":"2026-01-01T00:00:00.000Z","type":"network","action":"closed","outcome":"success","actor":7,"target":[],"detail":{"bytesUp":"1e9","bytesDown":-5,"__proto__":{"x":1}}}';
  const summary = await summaryOf(`${odd}\n`);
  assert.deepEqual([summary.records, summary.network.bytesUp, summary.network.bytesDown], [1, 0, 0]);
});

test('a flood of kinds does not hide what is frequent, and is owned up to', async () => {
  const flood = (index: number): TimedEntry => ({
    ...{ type: 'command', action: 'start', outcome: 'blocked', actor: { kind: 'agent', face: 'guest' }, target: `p${index}` },
    detail: { file: `/tmp/p${index}`, argv: [`p${index}`], reason: 'no', rule: 'r' },
  });
  const often = Array.from({ length: 20 }, () => flood(1_000_000));
  const summary = await summaryOf(sealedLines([...often, ...Array.from({ length: 6000 }, (_, index) => flood(index)), flood(7)]));
  assert.equal(summary.blocked.count, 6021);
  assert.equal(summary.blocked.rows.rows[0]?.about.what, 'p1000000');
  assert.ok(summary.blocked.rows.dropped > 0 && summary.blocked.rows.more > 1000);
});

test('the timeline covers a year in few bars, and a clock that goes back does not break it', async () => {
  const entry = busySession[4];
  assert.ok(entry);
  const summary = await summaryOf(sealedLines([entry, { ...entry, afterMs: 365 * 86_400_000 }, { ...entry, afterMs: -400 * 86_400_000 }]));
  assert.ok(summary.bars.length <= 96);
  assert.equal(
    summary.bars.reduce((sum, { records }) => sum + records, 0),
    3,
  );
  assert.equal(summary.bars[0]?.records, 2);
});

test('what an agent asked first is no command that ran, no connection and no file that changed; a no to it is blocked', async () => {
  const actor = { kind: 'agent', face: 'guest' } as const;
  const asked = (type: TimedEntry['type'], target: string, outcome: TimedEntry['outcome']): TimedEntry => ({
    ...{ type, action: 'tool', outcome, actor, target },
    detail: { agent: 'claude', tool: 'Tool', reason: 'no', rule: 'r' },
  });
  const all = (['command', 'file', 'network'] as const).flatMap((type) => [
    asked(type, `${type}-yes`, 'success'),
    asked(type, `${type}-no`, 'blocked'),
  ]);
  const { commands, network, filesChanged, blocked } = await summaryOf(sealedLines(all));
  assert.deepEqual([commands.asked, commands.started, commands.blocked, commands.ran.rows.length], [0, 0, 1, 0]);
  assert.deepEqual([network.allowed, network.blocked, network.hosts.rows.length, filesChanged.count], [0, 0, 0, 0]);
  assert.deepEqual(
    blocked.rows.rows.map(({ about }) => about.what),
    ['command-no', 'file-no', 'network-no'],
  );
});
