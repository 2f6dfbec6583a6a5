/** Which announced acts of a chain have no outcome: what a killed helper left, for the next one to finish. Nothing is verified here. */
import type { ChainFile } from './chain-files.ts';
import { readLine } from './line.ts';
import { eachLine, openForReading } from './lines.ts';

/** Numbers of the intents without an outcome, oldest first. Rejects with the system's error. */
export async function unfinishedIntents(files: readonly Pick<ChainFile, 'path'>[]): Promise<readonly number[]> {
  const open = new Set<number>();
  for (const { path } of files) {
    const handle = await openForReading(path);
    try {
      await eachLine(handle, (await handle.stat()).size, ({ bytes, ended }) => {
        // Most lines neither open nor finish one; they are not read further.
        if (!ended || !bytes?.includes('intent"')) return;
        const line = readLine(bytes);
        if (line.kind !== 'record' || line.intent === null) return;
        if (line.intent === 'opens') open.add(line.seq);
        else open.delete(line.intent);
      });
    } finally {
      await handle.close();
    }
  }
  return [...open];
}
