/** The build context as a tar stream: exactly the recipe's files, owned by root, with no date, so that builders' caches hold. */
import { Readable } from 'node:stream';
import { pack } from 'tar-stream';
import type { RecipeFile } from './recipe.ts';

/** A tar archive of these files. */
export function contextOf(files: readonly RecipeFile[]): Readable {
  const archive = pack();
  for (const { name, mode, content } of files) {
    const body = Buffer.from(content);
    archive.entry({ name, mode, mtime: new Date(0), uid: 0, gid: 0, size: body.length }, body);
  }
  archive.finalize();
  return Readable.from(archive);
}
