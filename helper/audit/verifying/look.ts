/**
 * A first look at a record, before it is walked: what its files are, what its first lines claim, and which key is theirs. What is
 * looked at is hostile: nothing that is not a regular file is read, and nothing waits for somebody at the other end.
 */
import { setTimeout } from 'node:timers/promises';
import type { FileHandle } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { errnoOf } from '../../base/atomic-file.ts';
import { chainFileOf } from '../form/chain-files.ts';
import type { Sample } from './epoch-keys.ts';
import type { Findings } from './findings.ts';
import { isLegacy } from '../form/legacy.ts';
import { detailOf, readLine } from '../form/line.ts';
import { eachLine, openForReading } from '../form/lines.ts';

/** a regular file that can be read */
export interface SeenFile {
  readonly path: string;
  readonly name: string;
  /** 1 for the first of its chain */
  readonly number: number;
  /** bytes to read; what a writer adds later is left for the next time */
  readonly bytes: number;
}

/** What `begun`, the first record of a chain, says of itself. */
export interface Beginning {
  readonly index?: number;
  readonly fingerprint?: string;
  readonly publicKey?: string;
}

export interface Look {
  readonly files: readonly SeenFile[];
  /** of the first lines that have the form of a record */
  readonly samples: readonly Sample[];
  /** whether the first of them is a chain's first line */
  readonly beginning?: Beginning;
  /** the sandbox most of them are about */
  readonly sandbox?: string;
  /** the form of LASSO 1.x */
  readonly legacy: boolean;
}

const newline = 10;
/** between two looks at a file whose last line has no end, in milliseconds */
const settleMs = 5;
const settleTries = 5;
const sampleLimit = 64;
const sampleBytes = 1_048_576;

/** Looks at the files of one chain, oldest first. What cannot be read is told to `findings`. Never rejects. */
export async function lookAt(paths: readonly string[], findings: Findings): Promise<Look> {
  const files: SeenFile[] = [];
  const samples: Sample[] = [];
  let legacy: boolean | undefined;
  for (const path of paths) {
    const seen = await withFile(path, findings, async (handle) => {
      const bytes = await settledBytes(handle);
      if (bytes > 0 && legacy === undefined) {
        await eachLine(handle, Math.min(bytes, sampleBytes), ({ bytes: line, ended }) => {
          if (line === undefined || !ended) return;
          legacy ??= isLegacy(line);
          if (samples.length >= sampleLimit) return;
          const form = readLine(line);
          if (form.kind === 'record') samples.push({ bytes: Buffer.from(line), form });
        });
      }
      return bytes;
    });
    if (seen === undefined) continue;
    const name = basename(path);
    files.push({ path, name, number: chainFileOf(dirname(path), name)?.number ?? 1, bytes: seen });
  }
  const beginning = beginningOf(samples[0]);
  const sandbox = commonest(samples.map(({ form }) => form.sandbox));
  return {
    ...{ files, samples, legacy: legacy === true },
    ...(beginning === undefined ? {} : { beginning }),
    ...(sandbox === undefined ? {} : { sandbox }),
  };
}

/** Opens a regular file; anything else is told to `findings`. Resolves with undefined when it could not be read. */
export async function withFile<T>(path: string, findings: Findings, act: (handle: FileHandle) => Promise<T>): Promise<T | undefined> {
  const file = path;
  try {
    const handle = await openForReading(path);
    try {
      if ((await handle.stat()).isFile()) return await act(handle);
      findings.error('malformed', { file }, 'This is not a regular file.');
    } finally {
      await handle.close();
    }
  } catch (error) {
    const code = errnoOf(error);
    const why = code === 'ENOENT' ? 'There is no such file.' : `The file cannot be read: ${code ?? String(error)}.`;
    findings.error('missing', { file }, why);
  }
  return undefined;
}

/** A writer may be in the middle of a line: as long as the file grows that is waited for, and what is torn stays torn. */
async function settledBytes(handle: FileHandle): Promise<number> {
  const end = Buffer.alloc(1);
  let before = -1;
  for (let tries = 0; ; tries += 1) {
    const { size } = await handle.stat();
    if (size === 0 || size === before || tries === settleTries) return size;
    await handle.read(end, 0, 1, size - 1);
    if (end[0] === newline) return size;
    before = size;
    await setTimeout(settleMs);
  }
}

function beginningOf(sample: Sample | undefined): Beginning | undefined {
  if (sample === undefined || sample.form.seq !== 0 || sample.form.type !== 'chain' || sample.form.action !== 'begun') return undefined;
  const { index, fingerprint, publicKey } = detailOf(sample.bytes.toString('latin1'));
  return {
    ...(typeof index === 'number' && Number.isSafeInteger(index) && index >= 0 ? { index } : {}),
    ...(typeof fingerprint === 'string' ? { fingerprint: fingerprint.slice(0, 16) } : {}),
    ...(typeof publicKey === 'string' ? { publicKey: publicKey.slice(0, 200) } : {}),
  };
}

function commonest(values: readonly string[]): string | undefined {
  const counts = [...Map.groupBy(values, (value) => value)].map(([value, all]) => ({ value, count: all.length }));
  return counts.sort((a, b) => b.count - a.count)[0]?.value;
}
