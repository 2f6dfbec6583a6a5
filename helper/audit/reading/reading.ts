/**
 * A chain read on from a place, a piece at a time: what view, follow and export do. A place outlives the helper, since all it says
 * is a file's number, an offset and how many lines came before it there. What is read is hostile text.
 */
import { stat } from 'node:fs/promises';
import { LassoError } from '../../protocol/errors.ts';
import type { RecordView } from '../../protocol/record-operations.ts';
import { readInto, wholeLines } from './blocks.ts';
import type { ChainFile } from '../form/chain-files.ts';
import type { CompiledFilter } from './filter.ts';
import { openForReading } from '../form/lines.ts';
import { wantedIn } from './matches.ts';
import { lineText } from './placed-lines.ts';

export interface ReadPlace {
  /** of the file in its chain */
  readonly number: number;
  readonly offset: number;
  /** lines before it in that file */
  readonly line: number;
}

export interface Piece {
  readonly records: readonly RecordView[];
  readonly end: ReadPlace;
  /** whether there is more to read at once */
  readonly more: boolean;
}

/** text of one piece, in characters, and how far it looks for it, in bytes */
const usualLimit = 1_048_576;
const lookLimitBytes = 67_108_864;

export const beginning: ReadPlace = { number: 0, offset: 0, line: 0 };

export const placeText = ({ number, offset, line }: ReadPlace): string => `${number}.${offset}.${line}`;

/** Hostile input. @throws LassoError BAD_REQUEST */
export function parsePlace(text: string): ReadPlace {
  const [, number, offset, line] = /^(\d{1,9})\.(\d{1,15})\.(\d{1,15})$/.exec(text) ?? [];
  if (number === undefined)
    throw new LassoError('BAD_REQUEST', `This is no place in a record: ${text}`, 'Give what an earlier answer named.');
  return { number: Number(number), offset: Number(offset), line: Number(line) };
}

/**
 * The wanted lines after a place. @throws LassoError BAD_REQUEST where the place is no longer in the record; rejects with the
 * system's error
 */
export async function readOn(
  files: readonly ChainFile[],
  from: ReadPlace,
  filter: CompiledFilter,
  pieceLimit = usualLimit,
): Promise<Piece> {
  const first = files[0];
  if (first === undefined) return { records: [], end: from, more: false };
  let place = from.number === 0 ? { number: first.number, offset: 0, line: 0 } : from;
  const records: RecordView[] = [];
  let [length, looked] = [0, 0];
  for (const [index, file] of files.entries()) {
    if (file.number < place.number) continue;
    if (file.number > place.number) {
      if (index === 0) throw gone();
      place = { number: file.number, offset: 0, line: 0 };
    }
    const status = await stat(file.path);
    if (!status.isFile()) continue;
    const { size } = status;
    const handle = await openForReading(file.path);
    try {
      await checkPlace(handle, place, size);
      for await (const { at, bytes, text } of wholeLines(handle, place.offset, size)) {
        let { line } = place;
        let counted = 0;
        for (const start of text === undefined ? [] : wantedIn(text, filter)) {
          const end = text?.indexOf('\n', start) ?? start;
          line += newlines(text ?? '', counted, start) + 1;
          counted = end + 1;
          records.push({ file: file.path, line, text: lineText(text?.slice(start, end) ?? '') });
          length += end - start;
          if (length >= pieceLimit) return { records, end: { ...place, offset: at + counted, line }, more: true };
        }
        place = { ...place, offset: at + bytes, line: line + (text === undefined ? 1 : newlines(text, counted, text.length)) };
        looked += bytes;
        if (looked >= lookLimitBytes) return { records, end: place, more: true };
      }
    } finally {
      await handle.close();
    }
  }
  return { records, end: place, more: false };
}

function newlines(text: string, from: number, to: number): number {
  let count = 0;
  for (let end = text.indexOf('\n', from); end >= 0 && end < to; end = text.indexOf('\n', end + 1)) count += 1;
  return count;
}

/** A place stands for the end of a line: elsewhere the file is not the one it was taken from. */
async function checkPlace(handle: Awaited<ReturnType<typeof openForReading>>, { offset }: ReadPlace, size: number): Promise<void> {
  if (offset === 0) return;
  const before = Buffer.alloc(1);
  if (offset > size || (await readInto(handle, before, offset - 1, size)) !== 1 || before[0] !== 10) throw gone();
}

function gone(): LassoError {
  return new LassoError(
    'RECORD_INVALID',
    'The record is not the one that was read until now: it was cut, replaced or its first files removed.',
    'Run `lasso audit verify`, then read it from its beginning.',
  );
}
