import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { htmlOf } from '../../../../helper/audit/report/report-html.ts';
import { markdownOf } from '../../../../helper/audit/report/report-markdown.ts';
import { reportOf } from '../../../../helper/audit/report/report.ts';
import { summarise } from '../../../../helper/audit/summary/summary.ts';
import { verifyStatuses, type VerifyReport, type VerifyStatus } from '../../../../helper/protocol/record.ts';
import { busySession } from '../../../kit/busy-session.ts';
import { testPlace } from '../../../kit/folders.ts';
import { sealedLines, type TimedEntry } from '../../../kit/sealed-lines.ts';

const { root: folder, remove } = testPlace();
after(remove);

const verification = (status: VerifyStatus = 'intact', more: Partial<VerifyReport> = {}): VerifyReport => ({
  ...{ status, valid: status === 'intact', files: ['0123456789ab.jsonl'], records: 39, verified: 39, anchored: 39, problems: [] },
  ...more,
});

async function told(
  entries: readonly TimedEntry[],
  report = verification(),
): Promise<{ readonly markdown: string; readonly html: string }> {
  const path = join(folder, `${randomUUID()}.jsonl`);
  writeFileSync(path, sealedLines(entries));
  const summary = await summarise('0123456789ab', [{ path, name: '0123456789ab.jsonl', bytes: statSync(path).size }]);
  const made = reportOf(summary, report, { version: '2.0.0', at: new Date('2026-03-05T00:00:00Z') });
  return { markdown: markdownOf(made), html: htmlOf(made) };
}

const busy = await told(busySession);

describe('a report tells', () => {
  const lines: readonly string[] = [
    '# What happened in shop',
    'Verified: this record stands',
    'covers the first 39 of 39',
    '2 commands and 1 terminal were asked for, and 4 program starts inside were let through.',
    '40 more refusals have no line of the record alone: repeated, or too fast.',
    '| Command | `rm -rf /` | It removes what is outside the workspace. | `commands.blacklist[0] (/home/alice/work/.lasso/profile.toml:12)` | 2 |',
    '| Name | `tracker.example` |',
    '| `registry.example` | 443 | 2 | 0 | 0 | GET 2 | 1.2 kB | 5.4 MB | `curl` |',
    '| github | `api.example` | 1 | 0 | 0 |',
    '| `src/new.ts` | created |',
    '| `make` | killed by the memory limit',
    '| `command: npm publish` | It publishes a package. | deny | user alice',
    'Mode changed from assist to observe',
    'LASSO was lost for a while; under way: 1',
  ];
  for (const line of lines) test(line, () => assert.ok(busy.markdown.includes(line), busy.markdown));

  test('the same sections in HTML, with charts that have a title and a text', () => {
    for (const [, title = ''] of busy.markdown.matchAll(/^## (.+)$/gm)) assert.ok(busy.html.includes(`>${title}</h2>`), title);
    assert.equal(busy.html.match(/<svg role="img" aria-labelledby="\w+-chart-title \w+-chart-text"/g)?.length, 3);
    assert.match(busy.html, /<desc id="programs-chart-text">git: 2 started, 0 blocked; rm: 0 started, 2 blocked/);
  });

  test('an empty record is told as such', async () => {
    const { markdown, html } = await told([], verification('no-key', { records: 0, verified: 0, anchored: 0 }));
    assert.match(markdown, /There are no records in it\./);
    assert.match(html, /Not verified: no key fits/);
  });
});

describe('the verdict is that of the verification', () => {
  for (const status of Object.keys(verifyStatuses) as readonly VerifyStatus[])
    test(status, async () => {
      const problem = { code: 'edited', level: 'error', file: 'x.jsonl', line: 4, seq: 3, message: 'mac does not fit' } as const;
      const { html, markdown } = await told(busySession, verification(status, { problems: status === 'intact' ? [] : [problem] }));
      const good = status === 'intact';
      assert.equal(html.includes('class="verdict good"'), good);
      assert.equal(markdown.includes('Verified: this record stands'), good);
      if (!good) assert.match(markdown, /\| edited \| `x.jsonl` \| 4 \| #?(&#35;)?3 \| mac does not fit \|/);
    });
  test('without the first key it says that no seal was checked', async () =>
    assert.match((await told(busySession, verification('intact', { verified: 0 }))).markdown, /no seal was checked/));
});

const hostile: readonly string[] = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '</style></svg></title></textarea><script>',
  '<!-- --><svg onload=alert(1)>',
  '&lt;b&gt; &#60;b',
  '[click](https://evil.example) ![x](https://evil.example/p.png)',
  '<https://evil.example> https://evil.example www.evil.example a@evil.example',
  'a | b | c',
  '`code` ``` ~~~ $x$ **b** __i__ ~~s~~',
  '\\| \\` \\',
  '\n\n# heading\n\n- item\r\n> quote',
  '\u202egnp.exe \u200b\u2066\u0000\u001b[31m \ud800',
  '1. one\n2) two',
  '{{x}} {% y %} :smile: [^1] [[wiki]] @someone #1',
];

const carriers: readonly ((text: string) => TimedEntry)[] = [
  (text) => ({
    type: 'command',
    action: 'start',
    outcome: 'blocked',
    actor: { kind: 'agent', face: 'guest' },
    target: text,
    detail: { file: `/${text}`, argv: [text], reason: text, rule: text, origin: text },
  }),
  (text) => ({
    type: 'command',
    action: 'exec',
    outcome: 'success',
    actor: { kind: 'user', face: 'cli', user: text },
    target: text,
    detail: { code: 0 },
  }),
  (text) => ({
    type: 'network',
    action: 'request',
    outcome: 'success',
    actor: { kind: 'agent', face: 'guest' },
    target: text,
    detail: { host: text, port: 1, method: text, executable: text },
  }),
  (text) => ({
    type: 'network',
    action: 'name',
    outcome: 'blocked',
    actor: { kind: 'agent', face: 'guest' },
    target: text,
    detail: { host: text, reason: text },
  }),
  (text) => ({
    type: 'secret',
    action: 'substituted',
    outcome: 'success',
    actor: { kind: 'agent', face: 'guest' },
    target: text,
    detail: { secret: text },
  }),
  (text) => ({
    type: 'file',
    action: 'changed',
    outcome: 'success',
    actor: { kind: 'agent', face: 'guest' },
    target: text,
    detail: { [text]: [text] },
  }),
  (text) => ({
    type: 'violation',
    action: text,
    outcome: 'blocked',
    actor: { kind: 'agent', face: 'guest' },
    target: text,
    detail: { reason: text },
  }),
  (text) => ({
    type: 'approval',
    action: 'ask',
    outcome: 'blocked',
    actor: { kind: 'agent', face: 'guest' },
    target: text,
    detail: { kind: text, why: text, answer: text },
  }),
  (text) => ({
    type: 'policy',
    action: 'mode',
    outcome: 'success',
    actor: { kind: 'agent', face: 'guest' },
    target: text,
    detail: { before: text },
  }),
  (text) => ({
    type: 'lifecycle',
    action: 'start',
    outcome: 'intent',
    actor: { kind: 'agent', face: 'guest' },
    target: text,
    detail: { name: text, lasso: text, profile: text, mounts: [text], secrets: [text], limits: { [text]: text } },
  }),
];

describe('nothing in a record becomes markup', () => {
  const plain = told(carriers.map((carry) => carry('plain')));
  for (const text of hostile)
    test(JSON.stringify(text), async () => {
      const { markdown, html } = await told(carriers.map((carry) => carry(text)));
      const tags = (page: string): readonly string[] => [...page.matchAll(/<\/?[a-zA-Z!][^\s>]*/g)].map(([tag]) => tag);
      assert.deepEqual(tags(html), tags((await plain).html), 'the tags are those of harmless text');
      assert.doesNotMatch(html, /\son\w+=|href="[^#]|src=|url\(|@import|javascript:/i, html);
      assert.doesNotMatch(`${html}${markdown}`.replaceAll('\n', ''), /[\p{Cc}\u202a-\u202e\u2066-\u2069\u200b\ud800-\udfff]/v);
      const shape = (page: string): readonly string[] =>
        page.split('\n').map((line) => `${/^[#>|-]*/.exec(line)?.[0] ?? ''}${cells(line)}`);
      assert.deepEqual(shape(markdown), shape((await plain).markdown), 'the lines and cells are those of harmless text');
      const outside = markdown.replace(/`[^`\n]*`/g, '');
      assert.doesNotMatch(outside, /<|\]\(|:\/\/|@|!\[|evil\.example/, outside);
      assert.equal((markdown.match(/`/g) ?? []).length % 2, 0);
    });
});

/** Cells of a row of a table; a code span cannot hold a bar. */
const cells = (line: string): number => (line.startsWith('|') ? line.split('|').length : 0);

test('an HTML report runs nothing and loads nothing, and says so to the browser', () => {
  const [, style = ''] = /<style>([^]*?)<\/style>/.exec(busy.html) ?? [];
  const hash = createHash('sha256').update(style).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  assert.ok(busy.html.includes(`<meta http-equiv="Content-Security-Policy" content="${policy}">`));
  assert.doesNotMatch(busy.html, /<script|<link|<img|<iframe|style=|https?:/);
  assert.match(style, /prefers-color-scheme: dark/);
  assert.match(style, /@media print/);
});
