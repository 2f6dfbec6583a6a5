/** How tests start `helper-process.ts`. */
import { fileURLToPath } from 'node:url';
import type { StartOptions } from '../../helper/faces/client/start.ts';

const program = fileURLToPath(new URL('./helper-process.ts', import.meta.url));

export function helperStart(root: string, build: string, ...more: readonly string[]): StartOptions {
  return { file: process.execPath, argv: [program, root, build, ...more], environment: process.env };
}
