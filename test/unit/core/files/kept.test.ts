import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { emptyFolderOf, keepCover, keptCover } from '../../../../helper/core/files/kept.ts';

test('what is shown instead is empty, read-only and one for each; a later helper finds what was covered', async () => {
  const runtime = mkdtempSync(join(tmpdir(), 'lasso-kept-'));
  const empty = emptyFolderOf(runtime);
  const overlays = [
    { path: '.env', kind: 'file', instead: join(empty, '0'), rule: 'workspace.hidden[0]' },
    { path: '.ssh', kind: 'folder', instead: join(empty, '1'), rule: 'workspace.hidden[1]' },
    { path: '.vscode', kind: 'folder', instead: null, rule: 'workspace.guarded[0]' },
  ] as const;
  const also = [{ pattern: '/x', rule: 'a rule' }];
  try {
    assert.deepEqual(await keptCover(runtime), { overlays: [], also: [] });
    // Again at the next start, whatever is there.
    for (let n = 0; n < 2; n += 1) await keepCover(runtime, { overlays, also, notices: [] });
    const [file, folder] = ['0', '1'].map((name) => statSync(join(empty, name)));
    assert.deepEqual([file?.isFile(), file?.size, (file?.mode ?? 0) & 0o777], [true, 0, 0o444]);
    assert.deepEqual([folder?.isDirectory(), (folder?.mode ?? 0) & 0o777, readdirSync(join(empty, '1'))], [true, 0o555, []]);
    assert.deepEqual(readdirSync(empty), ['0', '1']);
    assert.deepEqual(await keptCover(runtime), { overlays, also });
    writeFileSync(join(runtime, 'files.json'), '{"overlays": 1}');
    await assert.rejects(keptCover(runtime));
  } finally {
    rmSync(runtime, { recursive: true });
  }
});
