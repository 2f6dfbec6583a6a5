/** Every known way round closed files, raced and not, and everyday work beside them, in a real sandbox; the host sees nothing of it. */
import assert from 'node:assert/strict';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { assertRefused, closedIn, layOutAttacks } from '../kit/closed-files/closed.ts';
import type { Promised, Subject } from './promises.ts';

/** Runs one of the programs in the workspace, and takes away all it made there. */
async function tried({ lasso, sandbox, workspace }: Subject, words: readonly string[]): Promise<string> {
  const before = new Set(readdirSync(workspace));
  const closed = closedIn(workspace);
  layOutAttacks(workspace);
  try {
    const { exit, stdout, stderr } = await lasso.exec(sandbox, ['python3', ...words], { timeoutSeconds: 120 });
    assert.equal(exit.code, 0, `${stdout}\n${stderr}`);
    assert.deepEqual(closedIn(workspace), closed);
    return stdout;
  } finally {
    for (const name of readdirSync(workspace)) if (!before.has(name)) rmSync(join(workspace, name), { recursive: true });
  }
}

const withPython = (name: string, check: (subject: Subject) => Promise<void>): Promised => ({
  name,
  needs: 'exec-gate',
  check: async (subject, skip) => {
    if ((await subject.lasso.exec(subject.sandbox, ['sh', '-c', 'command -v python3'])).exit.code === 0) return check(subject);
    assert.ok(!subject.everyday, 'there is no Python in this sandbox');
    skip('there is no Python in this sandbox');
  },
});

export const closedFilesPromises: readonly Promised[] = [
  withPython('no known way to change or make a closed file works', async (subject) => {
    assertRefused(await tried(subject, ['attack.py']), { exact: false });
  }),
  withPython('no race of names, links and folders opens a closed file', async (subject) => {
    await tried(subject, ['attack.py', '3']);
  }),
  withPython('programs do with all other files what they always did', async (subject) => {
    assert.equal(await tried(subject, ['everyday.py']), 'all as usual\n');
  }),
];
