/**
 * Frames about names and connections, both ways. What the guest tells is hostile: what is not exactly such a frame is none, and
 * text in it stays a claim until policy has judged it.
 */
import { askerLimitBytes, connectionIds, connectionKind, frameType, namePortLimit, networkFlag } from '../protocol/guest.ts';
import { encodeFrame } from './encode.ts';
import type { ConnectionQuestion, GuardQuestion, GuestListens, NameAnswer, NameQuestion, NetworkAsker } from './network.ts';
import { stringsOf } from './strings.ts';

export type NetworkFrame =
  | { readonly type: 'name-ask'; readonly id: number; readonly question: NameQuestion }
  | { readonly type: 'connect-ask'; readonly id: number; readonly question: ConnectionQuestion | GuardQuestion }
  | { readonly type: 'forwarded'; readonly id: number; readonly errno: number }
  | { readonly type: 'reset'; readonly id: number }
  | { readonly type: 'network'; readonly listens: GuestListens };

const nameLimitBytes = 253;
const isHost = (text: string): boolean => text !== '' && Buffer.byteLength(text) <= nameLimitBytes;

/** Executable and arguments as far as they fit; null where the guest found nobody. */
function askerOf(pid: number, words: readonly string[]): NetworkAsker | null {
  const [executable = '', ...argv] = words;
  // A program that renames itself, as npm does, leaves NULs where its arguments were.
  const last = argv.findLastIndex((word) => word !== '');
  return pid === 0 ? null : { pid, executable, argv: argv.slice(0, last + 1) };
}

export function decodeNameAsk(id: number, payload: Buffer): NetworkFrame | null {
  if (id === 0 || payload.length < 4 || payload.length > askerLimitBytes) return null;
  const [name, ...words] = stringsOf(payload.subarray(4)) ?? [];
  if (name === undefined || !isHost(name)) return null;
  return { type: 'name-ask', id, question: { name, asker: askerOf(payload.readUInt32BE(0), words) } };
}

export function decodeConnectAsk(id: number, payload: Buffer): NetworkFrame | null {
  if (id < connectionIds.guest || id >= connectionIds.helper || payload.length < 7 || payload.length > askerLimitBytes) return null;
  const kind = payload.readUInt8(0);
  const port = payload.readUInt16BE(1);
  const [host, ...words] = stringsOf(payload.subarray(7)) ?? [];
  if (host === undefined || (port === 0) !== (kind === connectionKind.GUARD)) return null;
  const asker = askerOf(payload.readUInt32BE(3), words);
  if (kind === connectionKind.GUARD && host === '') return { type: 'connect-ask', id, question: { kind: 'guard', asker } };
  if (kind === connectionKind.NAME && isHost(host)) return { type: 'connect-ask', id, question: { kind: 'name', host, port, asker } };
  if (kind === connectionKind.PROXY && host === '') return { type: 'connect-ask', id, question: { kind: 'proxy', host, port, asker } };
  return null;
}

export const decodeForwarded = (id: number, payload: Buffer): NetworkFrame | null =>
  id < connectionIds.helper || payload.length !== 4 ? null : { type: 'forwarded', id, errno: payload.readUInt32BE(0) };

/** Of a connection only: a process's streams are reset by the helper alone. */
export const decodeReset = (id: number, payload: Buffer): NetworkFrame | null =>
  id < connectionIds.guest || payload.length !== 0 ? null : { type: 'reset', id };

export function decodeNetwork(id: number, payload: Buffer): NetworkFrame | null {
  if (id !== 0 || payload.length !== 1) return null;
  const flags = payload.readUInt8(0);
  if ((flags & ~(networkFlag.NAMES | networkFlag.PROXY)) !== 0) return null;
  return { type: 'network', listens: { names: (flags & networkFlag.NAMES) !== 0, proxy: (flags & networkFlag.PROXY) !== 0 } };
}

/** Ports that are none, or too many, are left out. */
export function encodeNameAnswer(question: number, answer: NameAnswer): Buffer {
  const valid = answer.ports.filter((port) => Number.isInteger(port) && port > 0 && port <= 0xffff);
  const ports = [...new Set(valid)].slice(0, namePortLimit);
  const head = Buffer.alloc(2 + 2 * ports.length);
  [ports.length, ...ports].forEach((value, index) => head.writeUInt16BE(value, 2 * index));
  return encodeFrame(frameType.NAME_ANSWER, question, Buffer.concat([head, lineOf(ports.length > 0 ? '' : answer.message)]));
}

export const encodeConnectOpen = (connection: number, token: Buffer): Buffer => encodeFrame(frameType.CONNECT_OPEN, connection, token);

export const encodeConnectRefuse = (connection: number, message: string | undefined): Buffer =>
  encodeFrame(frameType.CONNECT_REFUSE, connection, lineOf(message));

export const encodeNamesForget = (): Buffer => encodeFrame(frameType.NAMES_FORGET, 0);

export function encodeForward(connection: number, port: number, token: Buffer): Buffer {
  const head = Buffer.alloc(2);
  head.writeUInt16BE(port, 0);
  return encodeFrame(frameType.FORWARD, connection, Buffer.concat([head, token]));
}

/** longest line anybody inside is told */
const lineLimitBytes = 1024;

/** One line for whoever asked: nothing in it can move a cursor, and no character is cut in two. */
export function lineOf(text = ''): Buffer {
  if (text === '') return Buffer.alloc(0);
  const plain = Buffer.from(text.replace(/[\0-\x1f\x7f-\x9f]/g, ' '));
  let end = Math.min(plain.length, lineLimitBytes - 2);
  while (end < plain.length && end > 0 && ((plain[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return Buffer.concat([plain.subarray(0, end), Buffer.from('\r\n')]);
}
