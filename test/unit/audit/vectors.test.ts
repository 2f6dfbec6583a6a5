/** The vectors are what is made today, and a verifier that knows nothing of this code finds in them what is to be found. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runChild } from '../../../helper/base/child.ts';
import { findProgram } from '../../../helper/base/program.ts';
import { parseFirstKey } from '../../../helper/audit/key-schedule.ts';
import { verifyChain } from '../../../helper/audit/verify.ts';
import { formatVector } from '../../foreign/format-vector.ts';
import { sandbox, vectorFiles, vectors, type Verdict } from '../../foreign/vectors.ts';

const folder = fileURLToPath(new URL('../../foreign/vectors/', import.meta.url));
const verifier = fileURLToPath(new URL('../../foreign/verify.py', import.meta.url));
const python = findProgram('python3', process.env['PATH'], process.platform);

test('the vectors are made from fixed keys and a fixed clock, and are the same each time', () => {
  const made = vectorFiles();
  const there = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length).replaceAll('\\', '/'));
  assert.deepEqual([...there].sort(), [...made.keys()].sort());
  for (const [path, text] of made) assert.equal(readFileSync(join(folder, path), 'utf8'), text, path);
});

test('the vector at the end of the description of the format is right', () => {
  const text = readFileSync(fileURLToPath(new URL('../../../helper/audit/FORMAT.md', import.meta.url)), 'utf8');
  const vector = text.slice(text.indexOf('## A vector'));
  for (const paragraph of formatVector()) assert.ok(vector.includes(paragraph), paragraph);
});

type Found = Omit<Verdict, 'first'> & { readonly first: { readonly file: string; readonly line: number; readonly code: string } | null };

/** What the foreign verifier says of every vector. */
async function verdicts(...keys: readonly string[]): Promise<Readonly<Record<string, Found>>> {
  assert.ok(python);
  const names = Object.keys(vectors());
  const { stdout, stderr } = await runChild(python, [verifier, ...keys, ...names.map((name) => join(folder, name))], {
    timeoutMs: 60_000,
    limitBytes: 1_000_000,
  });
  assert.equal(stderr, '');
  const all = JSON.parse(stdout) as Readonly<Record<string, Readonly<Record<string, Found>>>>;
  return Object.fromEntries(
    names.map((name) => {
      const found = all[join(folder, name)]?.[sandbox];
      assert.ok(found, name);
      return [name, found];
    }),
  );
}

const skip = python === undefined ? 'needs python3' : false;
const publicKey = ['--public-key', join(folder, 'public-key')];
const views = { keys: ['--first-key', join(folder, 'first-key'), ...publicKey], open: publicKey } as const;
for (const view of ['keys', 'open'] as const)
  test(
    `a verifier in another language judges every vector ${view === 'keys' ? 'with the first key' : 'with the public key alone'}`,
    { skip },
    async () => {
      const found = await verdicts(...views[view]);
      for (const [name, vector] of Object.entries(vectors())) {
        const { status, records, anchored, first } = vector[view];
        const got = found[name];
        assert.deepEqual({ status: got?.status, records: got?.records, anchored: got?.anchored }, { status, records, anchored }, name);
        assert.deepEqual([got?.first?.file, got?.first?.line], [first?.file, first?.line], name);
        if (first)
          assert.ok(
            first.codes.some((code) => code === got?.first?.code),
            `${name}: ${got?.first?.code ?? 'nothing'}`,
          );
      }
    },
  );

for (const view of ['keys', 'open'] as const)
  test(`LASSO’s own verifier agrees with it about every vector, ${view === 'keys' ? 'with the first key' : 'with the public key alone'}`, async () => {
    const firstKey = parseFirstKey(readFileSync(join(folder, 'first-key'), 'latin1'));
    assert.ok(firstKey);
    for (const [name, vector] of Object.entries(vectors())) {
      const { status, first } = vector[view];
      const report = await verifyChain({
        files: vector.files.map((file) => join(folder, name, file.name)),
        sandbox,
        verifierKey: readFileSync(join(folder, 'public-key'), 'latin1').trim(),
        checkpoints: [{ file: `${sandbox}.checkpoints`, text: vector.notes.join(''), mixed: false }],
        ...(view === 'keys' ? { firstKey } : {}),
      });
      assert.equal(report.status, status, name);
      const found = report.problems.find(({ level, code }) => level === 'error' && code !== 'no-key');
      assert.equal(found === undefined, first === null, name);
      if (!found || !first) continue;
      assert.ok(first.codes.includes(found.code), `${name}: ${found.code}`);
      if (found.line !== undefined) assert.deepEqual([basename(found.file), found.line], [first.file, first.line], name);
    }
  });
