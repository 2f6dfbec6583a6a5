/**
 * Program starts, as the guest tells them. What the guest read is hostile text: bytes that are not UTF-8
 * are kept visible as U+FFFD, and nothing in it is taken for more than a claim until policy has judged it.
 */
import { execFlag, execHeadBytes, execLimitBytes } from '../protocol/guest.ts';
import { bytesOf, stringsOf } from './strings.ts';

/** who asks, as seen inside the sandbox */
export interface ExecActor {
  readonly pid: number;
  readonly parent: number;
  /** the helper's own spawn it descends from */
  readonly process: number;
}

/** one execve that waits for its answer */
export interface ExecQuestion extends ExecActor {
  readonly question: number;
  /** the helper's own spawn: `argv` is empty, the helper knows it */
  readonly entry: boolean;
  /** a person's own shell */
  readonly ownShell: boolean;
  /** LASSO's own reading or writing of one file */
  readonly ownAct?: boolean;
  readonly script: boolean;
  /** the file has no name any more, or never had one (memfd) */
  readonly deleted: boolean;
  /** not all arguments were read */
  readonly truncated: boolean;
  /** something inside traces it, so what it really runs cannot be checked */
  readonly traced: boolean;
  /** its environment puts other code into it, or could not be read */
  readonly loaded: boolean;
  /** path as asked */
  readonly asked: string;
  /** path as found, links resolved */
  readonly file: string;
  /** first line of a script without "#!" */
  readonly shebang: string;
  /** its interpreter as found; the program that will be in memory */
  readonly interpreter: string;
  readonly cwd: string;
  readonly argv: readonly string[];
  /** the bytes of what is not UTF-8, by field (`argv/1`), with `\xHH` for each that is not ASCII */
  readonly bytes?: Readonly<Record<string, string>>;
}

export interface ExecAnswer {
  readonly allow: boolean;
  /** whether the same question need not be asked again */
  readonly keep?: boolean;
  /** one line the asking program sees on its stderr when it is refused */
  readonly message?: string;
}

/** what becomes of program starts; whatever throws or rejects is a refusal */
export interface ExecGate {
  /** @param gone fires when whoever asked is gone, so that nobody needs an answer */
  judge(question: ExecQuestion, gone?: AbortSignal): Promise<ExecAnswer>;
  /** a lasting yes was used again */
  again(question: number, actor: ExecActor): void;
  /** Other arguments run than were asked about; false has the process killed. */
  changed(question: number, pid: number, argv: readonly string[]): Promise<boolean>;
  /** another program ran than was allowed; it has been killed */
  other(question: number, pid: number): void;
}

export type ExecFrame =
  | { readonly type: 'exec-ask'; readonly question: ExecQuestion }
  | { readonly type: 'exec-again'; readonly question: number; readonly actor: ExecActor }
  | {
      readonly type: 'exec-changed';
      readonly id: number;
      readonly question: number;
      readonly pid: number;
      readonly argv: readonly string[];
    }
  | { readonly type: 'exec-other'; readonly question: number; readonly pid: number }
  | { readonly type: 'exec-gone'; readonly question: number };

const actorAt = (payload: Buffer): ExecActor => ({
  pid: payload.readUInt32BE(0),
  parent: payload.readUInt32BE(4),
  process: payload.readUInt32BE(8),
});

/** Hostile: null for anything that is not exactly a question. */
export function decodeAsk(id: number, payload: Buffer): ExecFrame | null {
  if (id === 0 || payload.length < execHeadBytes || payload.length > execLimitBytes) return null;
  const flags = payload.readUInt8(12);
  const argc = payload.readUInt16BE(13);
  const text = payload.subarray(execHeadBytes);
  const words = stringsOf(text);
  const bytes = words === null ? undefined : bytesOf(text, words, ['asked', 'file', 'shebang', 'interpreter', 'cwd']);
  const [asked, file, shebang, interpreter, cwd, ...rest] = words ?? [];
  if (asked === undefined || file === undefined || shebang === undefined || interpreter === undefined || cwd === undefined) return null;
  if (rest.length < argc && (flags & execFlag.TRUNCATED) === 0) return null;
  const is = (flag: number): boolean => (flags & flag) !== 0;
  return {
    type: 'exec-ask',
    question: {
      ...actorAt(payload),
      question: id,
      entry: is(execFlag.ENTRY),
      ownShell: false,
      script: is(execFlag.SCRIPT),
      deleted: is(execFlag.DELETED),
      truncated: is(execFlag.TRUNCATED),
      traced: is(execFlag.TRACED),
      loaded: is(execFlag.LOADED),
      ...{ asked, file, shebang, interpreter, cwd },
      argv: rest.slice(0, argc),
      ...(bytes === undefined ? {} : { bytes }),
    },
  };
}

export const decodeAgain = (id: number, payload: Buffer): ExecFrame | null =>
  id === 0 || payload.length !== 12 ? null : { type: 'exec-again', question: id, actor: actorAt(payload) };

export function decodeChanged(id: number, payload: Buffer): ExecFrame | null {
  const argv = payload.length < 9 || payload.length > execLimitBytes + 16 ? null : stringsOf(withEnd(payload.subarray(8)));
  if (id === 0 || argv === null) return null;
  return { type: 'exec-changed', id, pid: payload.readUInt32BE(0), question: payload.readUInt32BE(4), argv };
}

export const decodeOther = (id: number, payload: Buffer): ExecFrame | null =>
  id === 0 || payload.length !== 4 ? null : { type: 'exec-other', question: id, pid: payload.readUInt32BE(0) };

export const decodeGone = (id: number, payload: Buffer): ExecFrame | null =>
  id === 0 || payload.length !== 0 ? null : { type: 'exec-gone', question: id };

/** A process may have written over its arguments, so that the last one has no end. */
const withEnd = (bytes: Buffer): Buffer => (bytes.at(-1) === 0 ? bytes : Buffer.concat([bytes, Buffer.of(0)]));
