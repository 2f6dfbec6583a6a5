/** How files of a chain name each other: what the file before ended with, and what the next one says about it. */
import { detailOf, type RecordForm } from '../form/line.ts';

/** a file that was walked through */
export interface WalkedFile {
  /** its name in its folder */
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
  readonly lines: number;
  /** digest of its last line */
  readonly digest: string;
  /** name of the next file, as its last line says it */
  readonly next: string | undefined;
  /** nothing is wrong in it */
  readonly sound: boolean;
}

/** What is wrong with the first line of the file `name` after `previous`; undefined for nothing. */
export function linkFault(previous: WalkedFile, name: string, { type, action }: RecordForm, line: string): string | undefined {
  if (type !== 'chain' || action !== 'continued') return 'The file does not begin by naming the file before it.';
  if (previous.sound && previous.next !== name) return `The file before, ${previous.name}, does not end by naming this one.`;
  const said = detailOf(line);
  if (said['previous'] !== previous.name) return `The file says that it follows another one than ${previous.name}.`;
  if (!previous.sound) return undefined;
  const same = said['digest'] === previous.digest && said['bytes'] === previous.bytes && said['lines'] === previous.lines;
  return same ? undefined : `The file before, ${previous.name}, is not as long as this one says, or ends otherwise.`;
}

/** a file that was removed on record */
export interface RemovedFile {
  readonly file: string;
  /** numbers of its first and its last record */
  readonly first: number;
  readonly last: number;
  /** of its last line */
  readonly digest: string;
}

/** What a record of type `chain`, action `removed`, says; undefined for anything else. */
export function removedFile(line: string): RemovedFile | undefined {
  const { file, first, last, digest } = detailOf(line);
  if (typeof file !== 'string' || typeof first !== 'number' || typeof last !== 'number' || typeof digest !== 'string') return undefined;
  return { file: file.slice(0, 100), first, last, digest };
}
