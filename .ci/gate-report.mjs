/** `npm run gate-report`: set-up, then what the built-in profiles do with the corpus of commands, under the pinned Node. */
import { join } from 'node:path';
import { root, setUp } from './setup.mjs';
import { runInherited } from './setup/program.mjs';
import { runToExit } from './setup/talk.mjs';

await runToExit(async () => (await setUp('check')) ?? runInherited(process.execPath, [join(root, 'test', 'bench', 'gate-report.ts')]));
