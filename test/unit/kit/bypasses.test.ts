/** The corpus of ways round a rule can be played, what came of it is seen, and the page says what was measured. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { bypassPage } from '../../kit/agents/bypass-page.ts';
import { bypassesTo, cameThrough, layOutVictims } from '../../kit/agents/bypasses.ts';

const ways = bypassesTo({ host: 'evil.example', port: 8080 }, '/opt/node/node');

test('every way has a name of its own, names what it is about, and leaves nothing to be filled in', () => {
  assert.equal(new Set(ways.map(({ label }) => label)).size, ways.length);
  for (const { label, step, object, kind } of ways) {
    assert.ok(step.do === 'shell', label);
    assert.doesNotMatch(step.line, /\{(url|host|port|path|victim|node|n|base64)\}|[⏎␉]/, label);
    const plain = step.line.includes(object) || Buffer.from(step.line.split(' ')[1] ?? '', 'base64').includes(object);
    assert.ok(plain, label);
    assert.equal(kind === 'removes', object.startsWith('victim-'), label);
  }
});

test('a page that was asked for and a folder that is gone came through, and nothing else', () => {
  const workspace = mkdtempSync(join(tmpdir(), 'lasso-ways-'));
  try {
    layOutVictims(workspace, ways);
    assert.deepEqual(cameThrough(ways, workspace, ['/favicon.ico']), []);
    const [page, victim] = [ways.find(({ kind }) => kind === 'reaches out'), ways.find(({ kind }) => kind === 'removes')];
    rmSync(join(workspace, victim?.object ?? ''), { recursive: true });
    assert.deepEqual(cameThrough(ways, workspace, [`${page?.object ?? ''}?x`]), [page, victim]);
  } finally {
    rmSync(workspace, { recursive: true });
  }
});

test('the page counts what came through and names what stopped each first', () => {
  const of = (...labels: readonly string[]): ReadonlySet<string> => new Set(labels);
  const measured = { title: 'An agent', version: '1.2.3', own: of('b', 'c', 'd', 'e'), hook: of('c', 'd', 'e') };
  const page = bypassPage(['a', 'b', 'c', 'd', 'e'], [{ ...measured, sandbox: of('d', 'e'), kept: of('e') }], new Date(0));
  assert.match(page, /^\| An agent \| 1\.2\.3 \| 4 of 5 \| 3 of 5 \| 2 of 5 \| 1 of 5 \|$/m);
  assert.match(page, /Measured on 1970-01-01/);
  const verdicts = page.matchAll(/^\| ([a-e]) \| (.*) \|$/gm);
  assert.deepEqual(
    [...verdicts].map(([, way, by]) => [way, by]),
    [
      ['a', 'rules'],
      ['b', 'hook'],
      ['c', 'sandbox'],
      ['d', 'read-only'],
      ['e', '**nothing**'],
    ],
  );
});
