/** `npm run bench`: set-up, then the measurements of test/bench under the pinned Node. */
import { join } from 'node:path';
import { root, setUp } from './setup.mjs';
import { runInherited } from './setup/program.mjs';
import { runToExit } from './setup/talk.mjs';

await runToExit(
  async () =>
    (await setUp('terminal')) ?? runInherited(process.execPath, [join(root, 'test', 'bench', 'bench.ts'), ...process.argv.slice(2)]),
);
