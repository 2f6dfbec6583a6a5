/** What is in a compressed archive, by name. */
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import assert from 'node:assert/strict';

/** Members of a .tar.gz all of which lie in `folder`, in their order. */
export async function unpacked(file: string, folder: string): Promise<ReadonlyMap<string, Buffer>> {
  const members = new Map<string, Buffer>();
  const archive = createReadStream(file).pipe(createGunzip()).pipe(extract());
  for await (const entry of archive) {
    const { name, type } = entry.header;
    assert.equal(type, 'file');
    assert.ok(name.startsWith(`${folder}/`), name);
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    members.set(name.slice(folder.length + 1), Buffer.concat(chunks));
  }
  return members;
}
