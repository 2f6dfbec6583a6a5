/** The vectors are what is made today, and a verifier that knows nothing of this code finds in them what is to be found. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runChild } from '../../../../helper/base/child.ts';
import { findProgram } from '../../../../helper/base/program.ts';
import { chainsOf, readLedger } from '../../../../helper/audit/keys/chain-ledger.ts';
import { parseFirstKey } from '../../../../helper/audit/form/key-schedule.ts';
import { verifyChain } from '../../../../helper/audit/verifying/verify.ts';
import { formatVector } from '../../../foreign/format-vector.ts';
import { lists, sandbox, vectorFiles, vectors, type ListVerdict, type Verdict } from '../../../foreign/vectors.ts';

const folder = fileURLToPath(new URL('../../../foreign/vectors/', import.meta.url));
const verifier = fileURLToPath(new URL('../../../foreign/verify.py', import.meta.url));
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
  const text = readFileSync(fileURLToPath(new URL('../../../../helper/audit/FORMAT.md', import.meta.url)), 'utf8');
  const vector = text.slice(text.indexOf('## A vector'));
  for (const paragraph of formatVector()) assert.ok(vector.includes(paragraph), paragraph);
});

type Found = Omit<Verdict, 'first'> & { readonly first: { readonly file: string; readonly line: number; readonly code: string } | null };

interface Said {
  readonly chains: Readonly<Record<string, Readonly<Record<string, Found>>>>;
  readonly lists: Readonly<Record<string, ListVerdict>>;
}

/** What the foreign verifier says of every vector. */
async function said(...keys: readonly string[]): Promise<Said> {
  assert.ok(python);
  const names = [...Object.keys(vectors()), ...Object.keys(lists())];
  const argv = [verifier, ...keys, ...names.map((name) => join(folder, name))];
  const { stdout, stderr } = await runChild(python, argv, { timeoutMs: 60_000, limitBytes: 1_000_000 });
  assert.equal(stderr, '');
  return JSON.parse(stdout) as Said;
}

const skip = python === undefined ? 'needs python3' : false;
const publicKey = ['--public-key', join(folder, 'public-key')];
const views = { keys: ['--first-key', join(folder, 'first-key'), ...publicKey], open: publicKey } as const;
for (const view of ['keys', 'open'] as const)
  test(
    `a verifier in another language judges every vector ${view === 'keys' ? 'with the first key' : 'with the public key alone'}`,
    { skip },
    async () => {
      const { chains, lists: listed } = await said(...views[view]);
      for (const [name, vector] of Object.entries(vectors())) {
        const { status, records, anchored, first } = vector[view];
        const got = chains[join(folder, name)]?.[sandbox];
        assert.deepEqual({ status: got?.status, records: got?.records, anchored: got?.anchored }, { status, records, anchored }, name);
        assert.deepEqual([got?.first?.file, got?.first?.line], [first?.file, first?.line], name);
        if (first)
          assert.ok(
            first.codes.some((code) => code === got?.first?.code),
            `${name}: ${got?.first?.code ?? 'nothing'}`,
          );
      }
      for (const [name, list] of Object.entries(lists())) assert.deepEqual(listed[join(folder, name)], list[view], name);
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

test('LASSO agrees with it about the lists of chains', () => {
  const firstKey = parseFirstKey(readFileSync(join(folder, 'first-key'), 'latin1'));
  for (const { text, keys, open } of Object.values(lists()))
    for (const [verdict, ledger] of [
      [keys, readLedger(text, firstKey)],
      [open, readLedger(text)],
    ] as const) {
      assert.equal(ledger.brokenAt ?? null, verdict.broken);
      const gone = [...chainsOf(ledger).values()].filter((chain) => chain.begun && chain.sandbox !== sandbox);
      if (verdict.broken === null)
        assert.deepEqual(
          gone.map((chain) => chain.sandbox),
          verdict.missing,
        );
    }
});
