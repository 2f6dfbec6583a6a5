/**
 * The main job without a terminal: makes a sandbox, runs one command in it, shows the record and verifies it, and removes
 * the sandbox, also when a step before failed.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { say, SetupError } from '../setup/talk.mjs';

/**
 * @param {string} root
 * @param {string} workspace
 */
export async function demonstrate(root, workspace) {
  /** @type {(argv: readonly string[], kept?: boolean) => string} */
  const lasso = (argv, kept = false) => {
    if (!kept) say(`\n$ lasso ${argv.join(' ')}`);
    const run = spawnSync(process.execPath, [join(root, 'dist', 'lasso.js'), ...argv], {
      encoding: 'utf8',
      stdio: ['ignore', kept ? 'pipe' : 'inherit', 'inherit'],
    });
    if (run.status !== 0)
      throw new SetupError(
        `“lasso ${argv.join(' ')}” ended with status ${run.status}.`,
        'See above; “node dist/lasso.js doctor” checks this machine.',
      );
    return run.stdout ?? '';
  };
  say(`\n$ lasso create --dir ${workspace}`);
  const sandbox = JSON.parse(lasso(['create', '--dir', workspace, '--json'], true));
  try {
    say(`Sandbox ${sandbox.name} (${sandbox.id}) runs on ${sandbox.backend}.`);
    lasso(['exec', sandbox.id, '--', 'sh', '-c', 'id; uname -sr; pwd; ls']);
  } finally {
    lasso(['rm', sandbox.id]);
  }
  lasso(['audit', 'view', sandbox.id]);
  lasso(['audit', 'verify', sandbox.id]);
  return 0;
}
