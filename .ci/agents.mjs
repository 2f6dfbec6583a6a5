/** Puts the coding agents that tests run where LASSO keeps them, as LASSO itself fetches them. Running it again changes nothing. */
import { join, resolve } from 'node:path';
import { runInherited } from './setup/program.mjs';

const root = resolve(import.meta.dirname, '..');
process.exitCode =
  process.platform === 'linux' ? await runInherited(process.execPath, [join(root, 'test', 'kit', 'agents', 'fetch.ts')]) : 0;
