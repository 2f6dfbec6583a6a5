/**
 * Finds out where a chain's writer left it, from its last file, the state of its keys and its newest checkpoint, and refuses to
 * go on when these do not agree: what was cut off or put back must not be covered up by what comes after.
 */
import { rm, type FileHandle } from 'node:fs/promises';
import type { Anchor } from './anchors.ts';
import { linesBackwards } from './backwards.ts';
import { chainFileName, chainFiles } from '../form/chain-files.ts';
import type { ChainState } from './chain-state.ts';
import { digestOf, genesis, macOf, macSuffixBytes } from '../form/chain.ts';
import { lineKey, seedAfter } from '../form/key-schedule.ts';
import { readLine, type RecordForm } from '../form/line.ts';
import { endInEpoch, endsEpoch, type ChainEnd } from './sealing.ts';
import { invalid, openFile, opening, prepareFolder, setAside, type ChainPlace, type OpenFile, type Torn } from './tail.ts';

/** a file that is full, as the next one names it */
export interface FullFile {
  readonly previous: string;
  readonly bytes: number;
  readonly digest: string;
  readonly lines: number;
}

/** a chain, ready to go on */
export interface Resumed {
  readonly file: OpenFile;
  /** 1 for the chain's first file */
  readonly number: number;
  /** number of the first line in the file, which need not be there yet */
  readonly firstSeq: number;
  readonly end: ChainEnd;
  /** what the last process did; undefined where the chain has no line yet */
  readonly after?: 'close' | 'kill';
  /** set while the file's first line has to name the file before */
  readonly full?: FullFile;
  readonly torn?: Torn;
}

interface Known {
  /** undefined where the chain never had keys */
  readonly state: ChainState | undefined;
  readonly anchor: Anchor | undefined;
}

/** a place in the chain that is known to have been reached, and its line */
interface Required {
  readonly seq: number;
  readonly digest: string;
}

/** epochs a killed writer may have gone on without keeping the newer seed */
const epochsAhead = 10_000;

/** Opens the chain's newest file at its end. @throws LassoError RECORD_FAILED, RECORD_INVALID */
export async function resume(place: ChainPlace, known: Known): Promise<Resumed> {
  const opened: FileHandle[] = [];
  try {
    await prepareFolder(place);
    const number = (await chainFiles(place.folder, place.sandbox)).at(-1)?.number ?? 1;
    const resumed = await resumeAt(place, known, number, opened);
    await Promise.all(opened.filter((handle) => handle !== resumed.file.handle).map((handle) => handle.close()));
    return resumed;
  } catch (error) {
    await Promise.all(opened.map((handle) => handle.close()));
    throw opening(place.folder, error);
  }
}

async function resumeAt(place: ChainPlace, { state, anchor }: Known, number: number, opened: FileHandle[]): Promise<Resumed> {
  const openOne = async (which: number): Promise<OpenFile> => {
    const file = await openFile(place, chainFileName(place.sandbox, which));
    opened.push(file.handle);
    return file;
  };
  const file = await openOne(number);
  const before = file.bytes === 0 && number > 1 ? await openOne(number - 1) : undefined;
  const ended = before ?? file;
  const lines = ended.bytes === 0 ? undefined : await checkedEnd(place, ended, { state, anchor });
  if (lines === undefined) {
    requireNothing(file, { state, anchor });
    const { epoch = 0, seed = Buffer.alloc(0) } = state ?? {};
    const end = endInEpoch({ seq: -1, digest: genesis, lineEpoch: epoch, epoch, seed });
    return { file, number, firstSeq: 0, end, ...(await tornOf(place, file)) };
  }
  const { end, last, firstSeq } = lines;
  const after = last.type === 'chain' && last.action === 'closed' ? 'close' : 'kill';
  const rotated = last.type === 'chain' && last.action === 'rotated';
  if (!before && !rotated) return { file, number, firstSeq, end, after, ...(await tornOf(place, file)) };
  if (!before) throw invalid(file.path, `the file it ends by naming, ${chainFileName(place.sandbox, number + 1)}, is missing`, wayOut);
  if (rotated) {
    const full: FullFile = { previous: ended.name, bytes: ended.bytes, digest: end.digest, lines: end.seq - firstSeq + 1 };
    return { file, number, firstSeq: end.seq + 1, end, after, full, ...(await tornOf(place, file)) };
  }
  // The next file is made before it is named; a writer that was killed in between never left this one.
  if (file.unfinished.length > 0) throw invalid(before.path, `it does not end by naming ${file.name}`);
  const torn = await tornOf(place, before);
  await rm(file.path);
  return { file: before, number: number - 1, firstSeq, end, after, ...torn };
}

async function tornOf(place: ChainPlace, file: OpenFile): Promise<Pick<Resumed, 'torn'>> {
  return file.unfinished.length === 0 ? {} : { torn: await setAside(place, file) };
}

interface CheckedEnd {
  readonly end: ChainEnd;
  readonly last: { readonly type: string; readonly action: string };
  readonly firstSeq: number;
}

async function checkedEnd(place: ChainPlace, file: OpenFile, { state, anchor }: Known): Promise<CheckedEnd> {
  if (!state) throw invalid(file.path, 'the key of its chain is not there');
  let wanted = requiredOf({ state, anchor });
  let seq = -1;
  let prev: string | undefined;
  let last: { readonly line: Buffer; readonly shape: RecordForm } | undefined;
  for await (const { bytes } of linesBackwards(file.handle, file.bytes)) {
    const shape = readLine(bytes);
    if (shape.kind !== 'record') throw invalid(file.path, 'its end is no record of this version');
    if (last === undefined) {
      last = { line: Buffer.from(bytes), shape };
      const most = wanted[0];
      if (most && most.seq > shape.seq) throw truncated(file.path, shape.seq + 1, most.seq + 1);
    } else if (shape.seq !== seq - 1 || digestOf(bytes) !== prev) throw invalid(file.path, 'its last lines do not follow each other');
    ({ seq, prev } = shape);
    if (wanted[0]?.seq === seq) {
      const digest = digestOf(bytes);
      if (wanted.some((one) => one.seq === seq && one.digest !== digest)) throw replaced(file.path, seq + 1);
      wanted = wanted.filter((one) => one.seq !== seq);
    }
    // The line before the last is looked at in any case: a last line that stands there twice is no end.
    if (wanted.length === 0 && seq !== last.shape.seq) break;
  }
  if (!last) throw invalid(file.path, 'its end cannot be found');
  // A file is left only after a checkpoint of its last line, so none is sought further back.
  if (wanted.some((one) => one.seq === seq - 1 && one.digest !== prev)) throw replaced(file.path, seq);
  const firstSeq = await firstNumber(file);
  const end = endOf(place, file, state, last.line, last.shape, anchor);
  return { ...end, firstSeq };
}

function endOf(
  place: ChainPlace,
  file: OpenFile,
  state: ChainState,
  line: Buffer,
  found: RecordForm,
  anchor: Anchor | undefined,
): Pick<CheckedEnd, 'end' | 'last'> {
  const { seq, epoch } = found;
  const digest = digestOf(line);
  const ahead = epoch - state.epoch;
  if (ahead > epochsAhead || ahead < -1) throw invalid(file.path, 'its last line is of another time than the key');
  // The key of the epoch before is gone; then the checkpoint speaks for the line.
  const spoken = anchor?.checkpoint.size === seq + 1 && anchor.checkpoint.digest === digest;
  const seed = ahead < 0 ? state.seed : seedAfter(state.seed, ahead);
  if (ahead < 0 ? !spoken : !fits(line, seed))
    throw invalid(file.path, 'its last line does not verify: it was edited, or the key is another');
  if (found.sandbox !== place.sandbox) throw invalid(file.path, 'its last line is about another sandbox');
  if (!endsEpoch(found)) {
    if (ahead < 0) throw invalid(file.path, 'its last epoch has no last line');
    return { end: endInEpoch({ seq, digest, lineEpoch: epoch, epoch, seed }), last: found };
  }
  const next = ahead < 0 ? seed : seedAfter(seed, 1);
  return { end: endInEpoch({ seq, digest, lineEpoch: epoch, epoch: epoch + 1, seed: next }), last: found };
}

function fits(line: Buffer, seed: Buffer): boolean {
  const bare = Buffer.concat([line.subarray(0, -macSuffixBytes), Buffer.from('}')]);
  return macOf(lineKey(seed), bare) === line.toString('latin1', line.length - 66, line.length - 2);
}

/** Without a line, nothing may say that there was one. */
function requireNothing(file: OpenFile, known: Known): void {
  const most = requiredOf(known)[0];
  if (most) throw truncated(file.path, 0, most.seq + 1);
  if (known.state?.begun === true) throw truncated(file.path, 0, 1);
}

/** What the log must hold, newest first. */
function requiredOf({ state, anchor }: Known): readonly Required[] {
  const signed = anchor && { seq: anchor.checkpoint.size - 1, digest: anchor.checkpoint.digest };
  return [signed, state?.closed].filter((one) => one !== undefined).sort((a, b) => b.seq - a.seq);
}

async function firstNumber({ path, handle }: OpenFile): Promise<number> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(64), 0, 64, 0);
  const found = /^\{"v":3,"seq":(0|[1-9]\d{0,14}),/.exec(buffer.toString('latin1', 0, bytesRead))?.[1];
  if (found === undefined) throw invalid(path, 'its first line is no record of this version');
  return Number(found);
}

const wayOut =
  'Put the file back as it was. Or look at what is left with `lasso audit verify`, then make a new sandbox, which begins a new record.';

function truncated(path: string, have: number, anchored: number): Error {
  return invalid(path, `truncated: have ${have}, anchored ${anchored}`, wayOut);
}

function replaced(path: string, anchored: number): Error {
  return invalid(path, `replaced: line ${anchored} is not the one that was anchored`, wayOut);
}
