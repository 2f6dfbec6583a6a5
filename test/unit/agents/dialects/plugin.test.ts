/** The plugin OpenCode is given: only a clear yes lets a tool run, and the reason for a no is told. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { briefFor, dialectTexts } from '../../../kit/agents/dialects.ts';

const folder = mkdtempSync(join(tmpdir(), 'lasso-plugin-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const plugin = (
  dialectTexts('opencode', await briefFor('standard')).find(({ path }) => path === '.opencode/plugin/lasso.js')?.text ?? ''
).replace('[ -x /.lasso/guest ] && exit 0; ', '');
writeFileSync(join(folder, 'plugin.mjs'), plugin);
writeFileSync(
  join(folder, 'use.mjs'),
  "import { Lasso } from './plugin.mjs';\nconst hooks = await Lasso({ directory: process.cwd() });\n" +
    "await hooks['tool.execute.before']({ tool: 'bash' }, { args: { command: 'x' } }).then(() => console.log('RUNS'), (error) => console.log(error.message));\n",
);

/** what an agent sees when `lasso` is this script, or is not there */
function used(script?: string): string {
  const file = join(folder, 'lasso');
  rmSync(file, { force: true });
  if (script !== undefined) {
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
  }
  const env = { PATH: `${folder}:/usr/bin:/bin` };
  return spawnSync(process.execPath, [join(folder, 'use.mjs')], { cwd: folder, env, encoding: 'utf8' }).stdout.trim();
}

const rows: readonly (readonly [what: string, script: string | undefined, seen: RegExp])[] = [
  ['a yes', 'cat > /dev/null; exit 0', /^RUNS$/],
  ['a no with a reason', 'echo "LASSO: not this" >&2; exit 2', /^LASSO: not this$/],
  ['a no without one', 'exit 2', /^LASSO: nobody could say/],
  ['another status', 'echo broken >&2; exit 1', /^broken$/],
  ['a death', 'kill -9 $$', /Killed|nobody could say/],
  ['no lasso at all', undefined, /lasso: .*not found/],
  ['what is asked', 'cat >&2; exit 2', /^\{"tool":"bash","args":\{"command":"x"\},"cwd":"[^"]+"\}$/],
];

for (const [what, script, seen] of rows) test(`the tool runs after a clear yes only: ${what}`, () => assert.match(used(script), seen));
