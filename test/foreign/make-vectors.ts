/** Writes the vectors anew: `node test/foreign/make-vectors.ts`. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { vectorFiles } from './vectors.ts';

const folder = fileURLToPath(new URL('vectors/', import.meta.url));
rmSync(folder, { recursive: true, force: true });
for (const [path, text] of vectorFiles()) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}
