/** `npm run bench`: set-up, then the measurements of test/bench under the pinned Node. */
import { join } from 'node:path';
import { root, setUp } from './setup.mjs';
import { installDebianPackages, wantedForBench } from './setup/debian.mjs';
import { runInherited } from './setup/program.mjs';
import { runToExit, say, SetupError } from './setup/talk.mjs';

await runToExit(async () => {
  const status = await setUp('terminal');
  if (status !== undefined) return status;
  await installPeers();
  return runInherited(process.execPath, [join(root, 'test', 'bench', 'bench.ts'), ...process.argv.slice(2)]);
});

/** What LASSO is only compared with: the bench goes on without it, and CI never gets it. */
async function installPeers() {
  if (process.platform !== 'linux' || process.env['CI'] === 'true') return;
  try {
    await installDebianPackages(wantedForBench());
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    // Of the hint only what can be done by hand: under CI nothing is installed here.
    say(`${error.message}\n  ${error.hint.split('\n', 1).join('')}\nThe bench goes on without it.`);
  }
}
