/**
 * Files that are closed or hidden, on the link: the guest is told which, and tells what was tried. What it tells is hostile: what is not
 * exactly such a frame is none, and the text in it stays a claim.
 */
import { fileAct, frameType } from '../protocol/guest.ts';
import { encodeFrame } from './encode.ts';
import { stringsOf } from './strings.ts';

/** what the guest is told */
export interface GuestFiles {
  /** absolute, as seen inside */
  readonly workspace: string;
  /** `.gitignore` patterns of what may be neither changed nor made, present or not */
  readonly closed: readonly string[];
  /** absolute paths behind which nothing is to be seen */
  readonly hidden: readonly string[];
}

export type FileAct = keyof typeof fileAct;

/** something that was tried on a closed path, and refused */
export interface FileRefusal {
  readonly pid: number;
  readonly act: FileAct;
  /** number of the closed pattern, of those the guest was told last or before */
  readonly index: number;
  readonly path: string;
  /** of a rename or link, the other path; else '' */
  readonly other: string;
  readonly executable: string;
  readonly argv: readonly string[];
}

/** told what the guest refused; never throws */
export interface FileGate {
  /** what the guest keeps closed from its first program on */
  readonly files: () => GuestFiles;
  readonly refused: (refusal: FileRefusal) => void;
  /** somebody opened hidden path `index` and found it empty */
  readonly seen: (index: number) => void;
}

export type FileFrame =
  { readonly type: 'file-refused'; readonly refusal: FileRefusal } | { readonly type: 'file-seen'; readonly index: number };

/** bytes before the strings of FILE_REFUSED, and of all of it at most */
const headBytes = 7;
const limitBytes = 65_536;

const acts = new Map(Object.entries(fileAct).map(([name, value]) => [value, name]) as readonly [number, FileAct][]);

export function decodeFileRefused(id: number, payload: Buffer): FileFrame | null {
  if (id !== 0 || payload.length < headBytes || payload.length > limitBytes) return null;
  const act = acts.get(payload.readUInt8(4));
  const [path, other, executable = '', ...argv] = stringsOf(payload.subarray(headBytes)) ?? [];
  if (act === undefined || path === undefined || other === undefined) return null;
  const last = argv.findLastIndex((word) => word !== '');
  return {
    type: 'file-refused',
    refusal: { pid: payload.readUInt32BE(0), act, index: payload.readUInt16BE(5), path, other, executable, argv: argv.slice(0, last + 1) },
  };
}

export const decodeFileSeen = (id: number, payload: Buffer): FileFrame | null =>
  id !== 0 || payload.length !== 2 ? null : { type: 'file-seen', index: payload.readUInt16BE(0) };

/** Both lists are bounded where they are made. */
export function encodeFiles({ workspace, closed, hidden }: GuestFiles): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt16BE(closed.length, 1);
  head.writeUInt16BE(hidden.length, 3);
  const text = [workspace, ...closed, ...hidden].map((path) => `${path}\0`).join('');
  return encodeFrame(frameType.FILES, 0, Buffer.concat([head, Buffer.from(text)]));
}
