/** Records cut off, rewritten with keys, replaced, files and checkpoints taken away: each is found, and found where it was done. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { signCheckpoint } from '../../../../helper/audit/form/checkpoint.ts';
import {
  entry,
  recordFolder,
  testKeys,
  testOptions,
  testSandbox,
  testStore,
  writeChain,
  writtenChain,
  type WrittenChain,
} from '../../../kit/records.ts';
import {
  chainKey,
  changed,
  copyOf,
  epochKey,
  epochOf,
  findTamperings,
  linesOf,
  resealFrom,
  sealed,
  spliced,
  swap,
  verifyCopy,
  type RecordCopy,
} from '../../../kit/tampered.ts';

const { folder, remove } = recordFolder();
after(remove);

const other = 'ba9876543210';
/** two processes, 17 lines, epochs 0 to 3 */
let whole: WrittenChain;
/** 39 lines in four files of one epoch each, the last of two */
let rotated: WrittenChain;
/** the same up to line 9, and then something else */
let forked: WrittenChain;
/** of the same sandbox and user, begun later */
let anew: WrittenChain;
let foreign: WrittenChain;

before(async () => {
  const keys = testKeys();
  const home = join(folder, 'whole');
  await writeChain(home, 6, { keys });
  cpSync(home, join(folder, 'forked'), { recursive: true });
  whole = await writeChain(home, 4, { keys });
  forked = await writeChain(
    join(folder, 'forked'),
    [1, 2, 3, 4, 5].map((n) => ({ ...entry, target: `/usr/bin/other${n}` })),
    { keys },
  );
  foreign = await writeChain(home, 12, { keys, sandbox: other });
  anew = await writeChain(join(folder, 'anew'), 20, { keys: testKeys(5) });
  const record = await testStore(join(folder, 'rotated')).open(testSandbox, { ...testOptions, maxFileBytes: 8192 });
  for (let n = 0; n < 30; n += 1) await record.append({ ...entry, target: `/usr/bin/${'x'.repeat(600)}${n}` });
  await record.close();
  rotated = await writtenChain(join(folder, 'rotated'));
});

const name = (number: number): string => (number === 1 ? `${testSandbox}.jsonl` : `${testSandbox}.0000${number}.jsonl`);
const inAll =
  (map: (file: string) => string) =>
  (copy: RecordCopy): void => {
    copy.files = new Map([...copy.files].map(([file, lines]) => [map(file), lines]));
  };
const without =
  (number: number) =>
  (copy: RecordCopy): void =>
    void copy.files.delete(name(number));

/** A note that says what ours say, signed by somebody else. */
function stranger(): string {
  const checkpoint = { sandbox: testSandbox, size: 17, digest: '0'.repeat(64), index: 0, epoch: 3, at: '2026-01-01T00:00:00.000Z' };
  return signCheckpoint(checkpoint, generateKeyPairSync('ed25519').privateKey);
}

findTamperings(folder, () => whole, [
  // The end cut off (AU04, AU07).
  { name: 'the last line cut off', make: spliced(17, 1), found: ['truncated:'], status: 'truncated' },
  { name: 'ten lines cut off', make: spliced(8, 10), found: ['truncated:'], status: 'truncated' },
  { name: 'all lines cut off', make: spliced(1, 17), found: ['truncated:'], status: 'truncated' },
  { name: 'an older copy', make: spliced(10, 8), found: ['truncated:'], status: 'truncated' },
  {
    name: 'the end cut off and torn',
    make: (copy) => (spliced(9, 9)(copy), (copy.tail = '{"v":3')),
    found: ['torn-tail:9', 'truncated:'],
    status: 'truncated',
  },
  {
    name: 'an older copy of record and checkpoints, against a checkpoint kept elsewhere (AU32)',
    make: (copy) => {
      copy.kept = copy.notes;
      copy.notes = copy.notes
        .split(/(?=lasso\/record)/)
        .slice(0, 2)
        .join('');
      spliced(10, 8)(copy);
    },
    found: ['truncated:'],
    status: 'truncated',
  },

  // Rewritten by somebody who has keys (AU05, AU09, AU10, AU11).
  {
    name: 'the end cut off and gone on with, with the key of that time',
    make: (copy) => {
      resealFrom(linesOf(copy), 14, swap('bin/git', 'bin/gut'), chainKey);
    },
    found: ['replaced:15'],
    status: 'truncated',
  },
  {
    name: 'an epoch cut short with the key of the next',
    make: (copy) => {
      const lines = linesOf(copy);
      lines.splice(12, 4);
      resealFrom(lines, 13, swap('"seq":16', '"seq":12'), chainKey);
    },
    found: ['epoch:13', 'truncated:'],
  },
  {
    name: 'an epoch left out with the key of the next',
    make: (copy) => {
      const lines = linesOf(copy);
      lines.splice(8, 3);
      resealFrom(lines, 9, (bare) => bare, chainKey);
    },
    found: ['sequence:9', 'replaced:12'],
  },
  {
    name: 'everything rewritten with the first key',
    make: (copy) => resealFrom(linesOf(copy), 4, swap('bin/git', 'bin/gut'), chainKey),
    found: ['replaced:9'],
    status: 'truncated',
  },
  {
    name: 'the past rewritten with a later key',
    make: (copy) => resealFrom(linesOf(copy), 4, swap('bin/git', 'bin/gut'), (line) => epochKey(Math.max(2, epochOf(line)))),
    found: ['edited:4', 'replaced:15'],
  },
  {
    name: 'the past rewritten as if in a later epoch',
    make: (copy) =>
      resealFrom(
        linesOf(copy),
        4,
        (bare) => swap('bin/git', 'bin/gut')(bare).replace('"epoch":0', '"epoch":2'),
        () => epochKey(2),
      ),
    found: ['epoch:4', 'edited:5', 'replaced:15', 'edited:17'],
  },

  // Another record in its place (AU06, AU08, AU13).
  {
    name: 'a record of another sandbox',
    make: (copy) => void copy.files.set(name(1), linesOf(copyOf(foreign))),
    found: ['foreign:1'],
  },
  { name: 'a line of another sandbox', make: (copy) => changed(4, () => linesOf(copyOf(foreign))[3] ?? '')(copy), found: ['foreign:4'] },
  { name: 'a record begun anew', make: (copy) => (copy.files = copyOf(anew).files), found: ['replaced:1'], status: 'truncated' },
  { name: 'a fork', make: (copy) => (copy.files = copyOf(forked).files), found: ['replaced:15'], status: 'truncated' },
  {
    name: 'a fork, against a checkpoint kept elsewhere',
    of: () => forked,
    make: (copy) => (copy.kept = whole.checkpoints),
    found: ['replaced:15'],
    status: 'truncated',
  },
  {
    name: 'lines of a fork',
    make: (copy) => spliced(13, 5, ...linesOf(copyOf(forked)).slice(12))(copy),
    found: ['order:13', 'replaced:15'],
  },
  { name: 'a record that is gone', make: (copy) => copy.files.clear(), found: ['missing:'], status: 'truncated' },

  // Files of a chain (AU18, AU25).
  { name: 'a missing middle file', of: () => rotated, make: without(2), found: [`missing ${name(2)}:`], status: 'truncated' },
  { name: 'a missing first file', of: () => rotated, make: without(1), found: [`missing ${name(1)}:`], status: 'truncated' },
  {
    name: 'a missing newest file',
    of: () => rotated,
    make: without(4),
    found: [`missing ${name(4)}:`, `truncated ${name(3)}:`],
    status: 'truncated',
  },
  {
    name: 'a file in the place of a missing one',
    of: () => rotated,
    make: (copy) => (without(2)(copy), inAll((file) => (file === name(3) ? name(2) : file === name(4) ? name(3) : file))(copy)),
    found: [`order ${name(2)}:1`, `rotation ${name(3)}:1`],
  },
  {
    name: 'two files swapped',
    of: () => rotated,
    make: inAll((file) => (file === name(2) ? name(3) : file === name(3) ? name(2) : file)),
    found: [`order ${name(2)}:1`, `order ${name(3)}:1`],
  },
  { name: 'a file without its last line', of: () => rotated, make: (copy) => void linesOf(copy, 2).pop(), found: [`order ${name(3)}:1`] },
  {
    name: 'a file without its first line',
    of: () => rotated,
    make: (copy) => void linesOf(copy, 2).shift(),
    found: [`order ${name(2)}:1`],
  },
  { name: 'an emptied middle file', of: () => rotated, make: (copy) => void linesOf(copy, 2).splice(0), found: [`order ${name(3)}:1`] },
  {
    name: 'a file that names another next one, by who has the key',
    of: () => rotated,
    make: (copy) => {
      const [third, fourth] = [linesOf(copy, 3), linesOf(copy, 4)];
      third[9] = sealed(third[9] ?? '', swap(name(4), name(5)), epochKey(2));
      const both = [...third, ...fourth];
      resealFrom(both, 11, (bare) => bare, chainKey);
      fourth.splice(0, fourth.length, ...both.slice(10));
      copy.notes = '';
    },
    found: [`rotation ${name(4)}:1`],
  },
  {
    name: 'bytes after the last line of an older file',
    of: () => rotated,
    make: (copy) => void linesOf(copy, 2).push('x'),
    found: [`malformed ${name(2)}:11`],
  },

  // Checkpoints.
  { name: 'a checkpoint somebody else signed', make: (copy) => (copy.notes += stranger()), found: ['checkpoint:'] },
  { name: 'a changed checkpoint', make: (copy) => (copy.notes = swap('index 0', 'index 1')(copy.notes)), found: ['checkpoint:'] },
  {
    name: 'checkpoints of another chain',
    make: (copy) => (copy.notes = foreign.checkpoints),
    found: ['checkpoint:'],
  },
]);

test('an older copy of everything is seen only by a checkpoint kept elsewhere, which is why there are some', async () => {
  const copy = copyOf(whole);
  copy.notes = copy.notes
    .split(/(?=lasso\/record)/)
    .slice(0, 2)
    .join('');
  spliced(10, 8)(copy);
  assert.equal((await verifyCopy(folder, copy)).status, 'intact');
  copy.kept = whole.checkpoints;
  assert.equal((await verifyCopy(folder, copy)).status, 'truncated');
});
