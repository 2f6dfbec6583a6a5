import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fileAttempts } from '../../../../helper/core/files/attempts.ts';
import type { FileGate, FileRefusal } from '../../../../helper/guest/files.ts';
import { preparedRules } from '../../../../helper/policy/files/rules.ts';
import type { RecordEntry } from '../../../../helper/protocol/record.ts';

const rules = { hidden: ['.env'], readonly: ['infra/'], guarded: ['.git/hooks/', '.vscode/'] };

const refusal = (given: Partial<FileRefusal>): FileRefusal => ({
  ...{ pid: 7, act: 'WRITE', index: 0, path: '/workspace/infra/a', other: '', executable: '/usr/bin/tee', argv: ['tee', 'infra/a'] },
  ...given,
});

/** a gate whose pauses end when the test says so */
function gateUnderTest(): { readonly gate: FileGate; readonly noted: RecordEntry[]; readonly pass: () => Promise<void> } {
  const noted: RecordEntry[] = [];
  const sleeping: (() => void)[] = [];
  const closing = preparedRules(rules).filter(({ kind }) => kind !== 'hidden');
  const gate = fileAttempts({
    note: (entry) => Promise.resolve(noted.push(entry)),
    clock: { sleep: () => new Promise<void>((resolve) => sleeping.push(resolve)) },
    files: () => ({ workspace: '/workspace', closed: ['infra/', '**/.git/hooks/', '.vscode/'], hidden: ['/workspace/.env'] }),
    closing: () => closing,
    hiding: ['workspace.hidden[0]'],
    originOf: (rule) => (rule === 'workspace.guarded[0]' ? 'mine.toml:4' : undefined),
  });
  const pass = async (): Promise<void> => {
    for (const wake of sleeping.splice(0)) wake();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { gate, noted, pass };
}

describe('attempts on closed and hidden files', () => {
  test('are written down as blocked, with the rule of the path and who tried', () => {
    const { gate, noted } = gateUnderTest();
    gate.refused(refusal({ act: 'CREATE', path: '/workspace/sub/.GIT/hooks/pre-commit', index: 99 }));
    assert.deepEqual(noted, [
      {
        type: 'file',
        action: 'refused',
        outcome: 'blocked',
        actor: { kind: 'agent', face: 'guest' },
        target: '/workspace/sub/.GIT/hooks/pre-commit',
        detail: {
          ...{ act: 'create', rule: 'workspace.guarded[0]', origin: 'mine.toml:4' },
          reason: 'The host may run or obey it, so it can neither be changed nor made.',
          ...{ pid: 7, executable: '/usr/bin/tee', argv: ['tee', 'infra/a'] },
        },
      },
    ]);
  });

  for (const [what, given, rule] of [
    ['a path that is read-only', {}, 'workspace.readonly[0]'],
    ['the other path of a rename', { act: 'RENAME', path: '/workspace/x', other: '/workspace/.vscode' }, 'workspace.guarded[1]'],
    [
      'a folder above what is closed, by the number the guest gave',
      { act: 'RENAME', path: '/workspace/.git', index: 1 },
      'workspace.guarded[0]',
    ],
    ['a path outside, by the number', { path: '/elsewhere', index: 2 }, 'workspace.guarded[1]'],
    ['a number there is no rule for', { path: '/elsewhere', index: 3 }, undefined],
  ] as const)
    test(`are told with the rule for ${what}`, () => {
      const { gate, noted } = gateUnderTest();
      gate.refused(refusal(given));
      assert.equal(noted[0]?.detail?.['rule'], rule);
      assert.notEqual(noted[0]?.detail?.['reason'], '');
    });

  test('on hidden files are told by their path, and numbers nobody gave are not told', () => {
    const { gate, noted } = gateUnderTest();
    gate.seen(0);
    gate.seen(1);
    gate.seen(65_535);
    assert.deepEqual(
      noted.map(({ action, outcome, target, detail }) => [action, outcome, target, detail?.['rule']]),
      [['hidden-opened', 'blocked', '/workspace/.env', 'workspace.hidden[0]']],
    );
  });

  test('that are repeated are counted, and written down once more when it has been quiet a while', async () => {
    const { gate, noted, pass } = gateUnderTest();
    for (let n = 0; n < 1000; n += 1) gate.refused(refusal({ pid: n }));
    assert.equal(noted.length, 1);
    await pass();
    assert.deepEqual(
      noted.map(({ detail }) => detail?.['again']),
      [undefined, 999],
    );
    gate.refused(refusal({}));
    assert.equal(noted.length, 3);
  });

  test('of a guest that floods cost a bounded number of records, and their number is told', async () => {
    const { gate, noted, pass } = gateUnderTest();
    for (let n = 0; n < 10_000; n += 1) gate.refused(refusal({ path: `/workspace/infra/${n}` }));
    assert.equal(noted.length, 200);
    await pass();
    assert.deepEqual([noted.length, noted.at(-1)?.detail?.['again']], [201, 9800]);
  });
});
