/** Results that a suite inside VS Code's extension host left as files in mocha's JSON form, so that they are counted too. */
import { readFileSync, rmSync } from 'node:fs';
import { entriesOf } from '../../test/kit/process-tree.mjs';

/**
 * Reads and removes every `*.json` in `folder`.
 * @param {string} folder
 * @returns {import('../../test/kit/reporter.mjs').Outcome[]}
 */
export function takeMochaResults(folder) {
  return entriesOf(folder)
    .filter((file) => file.endsWith('.json'))
    .flatMap((file) => {
      const results = JSON.parse(readFileSync(file, 'utf8'));
      rmSync(file);
      /** @type {(status: 'passed' | 'failed' | 'skipped') => (test: any) => import('../../test/kit/reporter.mjs').Outcome} */
      const as = (status) => (test) => ({
        status,
        name: `in VS Code › ${test.fullTitle}`,
        durationMs: test.duration ?? 0,
        ...(status === 'failed' ? { why: test.err?.stack ?? test.err?.message ?? 'no reason was given' } : {}),
        ...(status === 'skipped' ? { why: 'marked as pending in the suite' } : {}),
      });
      return [...results.passes.map(as('passed')), ...results.failures.map(as('failed')), ...results.pending.map(as('skipped'))];
    });
}
