/** The macs of a chain's lines and nothing else, so that another thread can check them while digests are followed. Hostile input. */
import { digestOf } from '../form/chain.ts';
import { EpochKeys } from './epoch-keys.ts';
import { eachLine, openForReading } from '../form/lines.ts';

export interface MacTask {
  /** oldest first; of each so many bytes are read */
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
  /** of the chain's epoch 0 */
  readonly seed: Uint8Array;
}

export interface MacsChecked {
  /** whether every line has the mac of the epoch it claims */
  readonly fit: boolean;
  /** of the last line: the digest that all lines before it lead to */
  readonly head: string;
}

/** who checks macs */
export type MacCheck = (task: MacTask) => Promise<MacsChecked>;

const epochOf = /^\{"v":3,"seq":\d{1,15},"epoch":(\d{1,15}),/;
const beginningBytes = 64;

/** Rejects with the system's error. */
export async function checkMacs({ files, seed }: MacTask): Promise<MacsChecked> {
  const keys = new EpochKeys(seed);
  let fit = true;
  let head = '';
  for (const [at, { path, bytes }] of files.entries()) {
    const handle = await openForReading(path);
    try {
      let read = 0;
      await eachLine(handle, bytes, (line) => {
        if (!line.ended || !fit) return;
        const epoch = line.bytes && epochOf.exec(line.bytes.toString('latin1', 0, beginningBytes))?.[1];
        fit = line.bytes !== undefined && epoch !== undefined && keys.at(Number(epoch))?.fits(line.bytes) === true;
        read += (line.bytes?.length ?? 0) + 1;
        if (line.bytes !== undefined && at === files.length - 1 && read === bytes) head = digestOf(line.bytes);
      });
    } finally {
      await handle.close();
    }
  }
  return { fit, head };
}
