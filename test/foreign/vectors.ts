/**
 * Chains that any verifier can be tried on: whole ones and tampered ones, each with what is to be found, with the first key and
 * without it. Made anew by `make-vectors.ts`; a test sees that the files are what is made here.
 */
import { createHash } from 'node:crypto';
import { ledgerLine } from '../../helper/audit/keys/chain-ledger.ts';
import { firstKeyText, seedAfter } from '../../helper/audit/form/key-schedule.ts';
import type { VerifyProblem, VerifyStatus } from '../../helper/protocol/record.ts';
import { ChainMaker, countingBytes, firstKey, publicKey, signerOf } from './chain-maker.ts';

/** what a verifier says of a chain */
export interface Verdict {
  readonly status: VerifyStatus;
  /** lines that stand before the first problem */
  readonly records: number;
  /** lines up to the newest checkpoint that agrees */
  readonly anchored: number;
  /** the first problem; `codes` are what it may be called */
  readonly first: { readonly file: string; readonly line: number; readonly codes: readonly VerifyProblem['code'][] } | null;
}

interface Vector {
  readonly what: string;
  readonly files: readonly { readonly name: string; readonly text: string }[];
  readonly notes: readonly string[];
  /** with first key and public key */
  readonly keys: Verdict;
  /** with the public key alone */
  readonly open: Verdict;
}

export const sandbox = '0123456789ab';
const name = `${sandbox}.jsonl`;
const other = 'ba9876543210';

/** Every file of the vectors, by its path below their folder. */
export function vectorFiles(): ReadonlyMap<string, string> {
  const files = new Map<string, string>([
    ['first-key', firstKeyText(firstKey)],
    ['public-key', `${publicKey}\n`],
  ]);
  const expected: Record<string, unknown> = {};
  for (const [vector, { what, keys, open, files: lines, notes }] of Object.entries(vectors())) {
    for (const file of lines) files.set(`${vector}/${file.name}`, file.text);
    if (notes.length > 0) files.set(`${vector}/${sandbox}.checkpoints`, notes.join(''));
    expected[vector] = { what, keys, open };
  }
  const [intact] = Object.values(vectors());
  for (const [list, { text }] of Object.entries(lists())) {
    files.set(`${list}/chains`, text);
    for (const file of intact?.files ?? []) files.set(`${list}/${file.name}`, file.text);
  }
  files.set('expected.json', `${JSON.stringify(expected, null, 2)}\n`);
  return files;
}

/** Lists of three chains, the second of which never began; beside each lies the third chain alone. */
export function lists(): Readonly<Record<string, { readonly text: string; readonly keys: ListVerdict; readonly open: ListVerdict }>> {
  const at = '2026-01-01T00:00:00.000Z';
  const steps = [
    { kind: 'given', index: 0, sandbox: other, at, seed: 0 },
    { kind: 'begun', index: 0, sandbox: other, at, seed: 1 },
    { kind: 'given', index: 1, sandbox: 'cccccccccccc', at, seed: 1 },
    { kind: 'given', index: 2, sandbox, at, seed: 2 },
    { kind: 'begun', index: 2, sandbox, at, seed: 3 },
  ] as const;
  const lines: string[] = [];
  for (const step of steps) lines.push(ledgerLine(seedAfter(firstKey, step.seed), step, lines.at(-1)?.trimEnd() ?? ''));
  const missing = { broken: null, missing: [other] };
  const hidden = lines.map((line) => line.replaceAll(other, sandbox));
  return {
    'missing-chain': { text: lines.join(''), keys: missing, open: missing },
    'edited-list': { text: hidden.join(''), keys: { broken: 1, missing: [] }, open: { broken: null, missing: [] } },
  };
}

/** what a verifier says of a list of chains: its first wrong line, and sandboxes whose chains have begun and are not there */
export interface ListVerdict {
  readonly broken: number | null;
  readonly missing: readonly string[];
}

/** Two epochs: lines 1 to 5 and 6 to 9. */
function twoEpochs(facts = { sandbox, index: 2 }): ChainMaker {
  return new ChainMaker(facts)
    .ran('/usr/bin/git')
    .ran('/usr/bin/caf\u00e9 \u202e')
    .ran('/usr/bin/make')
    .epoch()
    .ran('/usr/bin/ls')
    .ran('/usr/bin/cat')
    .ran('/usr/bin/true')
    .chain('closed', {})
    .note();
}

/** Every chain, by the name of its folder. */
export function vectors(): Readonly<Record<string, Vector>> {
  const chain = twoEpochs();
  const notes = chain.notes;
  const lines = (chain.files[0]?.text ?? '').trimEnd().split('\n');
  const text = (changed: readonly string[]): Vector['files'] => [{ name, text: `${changed.join('\n')}\n` }];
  const found = (status: VerifyStatus, line: number, codes: readonly VerifyProblem['code'][], anchored = 0, file = name): Verdict => ({
    status,
    records: line - 1,
    anchored,
    first: { file, line, codes },
  });
  const fine: Verdict = { status: 'intact', records: 9, anchored: 9, first: null };
  const both = (verdict: Verdict): Pick<Vector, 'keys' | 'open'> => ({ keys: verdict, open: verdict });
  return {
    intact: { what: 'two epochs, closed in order', files: chain.files, notes, ...both(fine) },
    ...rotated(both),
    unanchored: {
      what: 'the same without its checkpoints',
      files: chain.files,
      notes: [],
      keys: { status: 'unanchored', records: 9, anchored: 0, first: null },
      open: { status: 'no-key', records: 9, anchored: 0, first: null },
    },
    edited: {
      what: 'one letter of line 3 is another',
      files: text(lines.with(2, (lines[2] ?? '').replace('/usr/bin/caf', '/usr/bin/cap'))),
      notes,
      keys: found('tampered', 3, ['edited'], 1),
      open: found('tampered', 3, ['edited'], 1),
    },
    deleted: { what: 'line 3 is gone', files: text(lines.toSpliced(2, 1)), notes, ...both(found('tampered', 3, ['sequence', 'order'], 1)) },
    inserted: {
      what: 'a line that somebody without keys made follows line 3',
      files: text(lines.toSpliced(3, 0, insertedLine(lines))),
      notes,
      keys: found('tampered', 4, ['edited'], 1),
      open: found('tampered', 5, ['sequence', 'order'], 1),
    },
    reordered: {
      what: 'lines 3 and 4 have changed places',
      files: text(lines.with(2, lines[3] ?? '').with(3, lines[2] ?? '')),
      notes,
      ...both(found('tampered', 3, ['sequence', 'order'], 1)),
    },
    duplicated: {
      what: 'line 3 is there twice',
      files: text(lines.toSpliced(3, 0, lines[2] ?? '')),
      notes,
      ...both(found('tampered', 4, ['sequence', 'order'], 1)),
    },
    truncated: {
      what: 'the last two lines are gone',
      files: text(lines.slice(0, -2)),
      notes,
      ...both({ status: 'truncated', records: 7, anchored: 5, first: { file: name, line: 7, codes: ['truncated'] } }),
    },
    ...forked(notes),
    resealed: {
      what: 'who stole the second key wrote everything from line 3 on anew with it, and signed it',
      ...stolen(false),
      ...both(found('tampered', 3, ['epoch'], 1)),
    },
    'resealed-with-end': {
      what: 'the same, and forged the last line of the first epoch',
      ...stolen(true),
      keys: found('tampered', 3, ['edited'], 1),
      // Without the first key this cannot be seen: the thief has the key of checkpoints too.
      open: { status: 'intact', records: 5, anchored: 5, first: null },
    },
    foreign: {
      what: 'the record of another sandbox under this one’s name',
      files: [{ name, text: twoEpochs({ sandbox: other, index: 3 }).files[0]?.text ?? '' }],
      notes,
      ...both(found('tampered', 1, ['foreign'])),
    },
    'forged-checkpoint': {
      what: 'the last checkpoint is signed with another key',
      files: chain.files,
      notes: [...notes.slice(0, -1), lastNote(chain)],
      ...both({ status: 'tampered', records: 9, anchored: 5, first: { file: `${sandbox}.checkpoints`, line: 0, codes: ['checkpoint'] } }),
    },
    torn: {
      what: 'bytes of a tenth line without its end',
      files: [{ name, text: `${lines.join('\n')}\n${(lines[8] ?? '').slice(0, 100)}` }],
      notes,
      ...both({ status: 'torn', records: 9, anchored: 9, first: { file: name, line: 10, codes: ['torn-tail'] } }),
    },
    downgraded: {
      what: 'a line of version 2 follows line 9',
      files: text([...lines, (lines[8] ?? '').replace('{"v":3,"seq":8,', '{"v":2,"seq":9,')]),
      notes,
      ...both(found('tampered', 10, ['version'], 9)),
    },
  };
}

/** Three files, the first of which was removed on record; and the same with one that was removed in secret. */
function rotated(both: (verdict: Verdict) => Pick<Vector, 'keys' | 'open'>): Readonly<Record<string, Vector>> {
  const chain = new ChainMaker({ sandbox, index: 0 }).ran('/usr/bin/one').rotate().ran('/usr/bin/two').rotate().ran('/usr/bin/three');
  const [first] = chain.files;
  const removed = { file: first?.name ?? '', bytes: first?.text.length ?? 0, first: 0, last: 2, digest: digestOfLast(first?.text ?? '') };
  chain.chain('removed', removed).chain('closed', {}).note();
  const { files, notes } = chain;
  const third = files[2]?.name ?? '';
  return {
    rotated: {
      what: 'three files, the first of which was removed on record',
      files: files.slice(1),
      notes,
      ...both({ status: 'intact', records: 7, anchored: 7, first: null }),
    },
    'missing-file': {
      what: 'the same, the second file removed in secret',
      files: files.slice(2),
      notes,
      ...both({ status: 'truncated', records: 4, anchored: 4, first: { file: third, line: 1, codes: ['missing', 'rotation'] } }),
    },
  };
}

/** A copy from before the second epoch was put back, and the writer went on with it. */
function forked(notes: readonly string[]): Readonly<Record<string, Vector>> {
  const copy = new ChainMaker({ sandbox, index: 2 }).ran('/usr/bin/git').ran('/usr/bin/caf\u00e9 \u202e').ran('/usr/bin/make').epoch();
  const { files } = copy.ran('/usr/bin/rm').ran('/usr/bin/rm').ran('/usr/bin/rm').chain('closed', {});
  return {
    replaced: {
      what: 'an older copy was put back and went another way',
      files,
      notes,
      keys: { status: 'truncated', records: 9, anchored: 5, first: { file: name, line: 9, codes: ['replaced'] } },
      // Without the first key nothing tells an edited last line from another copy's.
      open: { status: 'tampered', records: 9, anchored: 5, first: { file: name, line: 9, codes: ['edited'] } },
    },
  };
}

/** The seeds of the second epoch and the key of checkpoints, in other hands. */
function stolen(forged: boolean): Pick<Vector, 'files' | 'notes'> {
  const chain = new ChainMaker({ sandbox, index: 2 }).ran('/usr/bin/git').steal(forged);
  const { files, notes } = chain.ran('/usr/bin/innocent').chain('closed', {}).note();
  return { files, notes };
}

function insertedLine(lines: readonly string[]): string {
  const made = (lines[3] ?? '').replace('/usr/bin/make', '/usr/bin/fake');
  return made.replace(/"mac":"[0-9a-f]{64}"/, `"mac":"${'ab'.repeat(32)}"`);
}

/** The last checkpoint once more, by a key that is not this user's. */
function lastNote(chain: ChainMaker): string {
  return (
    chain
      .fork()
      .note(signerOf(countingBytes(64)))
      .notes.at(-1) ?? ''
  );
}

function digestOfLast(text: string): string {
  return createHash('sha256')
    .update(text.trimEnd().split('\n').at(-1) ?? '')
    .digest('hex');
}
