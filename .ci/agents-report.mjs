/** `npm run agents-report`: set-up, then what real agents' own rules let through and what the sandbox stops, under the pinned Node. */
import { join } from 'node:path';
import { root, setUp } from './setup.mjs';
import { runInherited } from './setup/program.mjs';
import { runToExit } from './setup/talk.mjs';

await runToExit(
  async () =>
    (await setUp('terminal')) ??
    runInherited(process.execPath, [join(root, 'test', 'bench', 'agents-report.ts'), ...process.argv.slice(2)]),
);
