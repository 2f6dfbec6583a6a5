/**
 * Verbs that read and write one file in a sandbox for somebody outside: in the sandbox, as the agent's own user, so that whatever is
 * hidden from the agent or closed to it is so here. Nothing of the host's is opened.
 */
import { posix } from 'node:path';
import type { OperationHandlers } from './contract.ts';
import type { Registry } from '../registry.ts';
import type { World } from '../world.ts';
import { carryOut } from '../file-act.ts';
import { LassoError } from '../../protocol/errors.ts';
import { guestPaths } from '../../protocol/guest.ts';

type Verbs = 'fileRead' | 'fileWrite';

const readLimitBytes = 256 * 1024;
const writeLimitBytes = 4 * 1024 * 1024;
/** longest path, as the kernel takes it */
const pathLimitBytes = 4095;

export function fileOperations(world: World, registry: Registry): Pick<OperationHandlers, Verbs> {
  return {
    fileRead: async ({ sandbox: reference, path: given, offset }, context) => {
      const sandbox = registry.resolve(reference);
      const path = requirePath(given);
      const words = ['read', path, String(offset), String(readLimitBytes)];
      const told = await carryOut(sandbox, { action: 'read', path, words, outputLimitBytes: readLimitBytes + 32 }, context, world.clock);
      const headEnd = told.indexOf(10);
      const sizeBytes = Number(told.toString('latin1', 0, headEnd));
      const bytes = told.subarray(headEnd + 1);
      const { text, usedBytes } = requireText(bytes, offset + bytes.length < sizeBytes, path);
      return { path, text, sizeBytes, next: offset + usedBytes < sizeBytes && usedBytes > 0 ? offset + usedBytes : null };
    },
    fileWrite: async ({ sandbox: reference, path: given, text }, context) => {
      const sandbox = registry.resolve(reference);
      const path = requirePath(given);
      const input = Buffer.from(text);
      if (input.length > writeLimitBytes) {
        const message = `The text has ${input.length} bytes; ${writeLimitBytes} are taken at most`;
        throw new LassoError('BAD_REQUEST', message, 'Write it with a command in the sandbox.');
      }
      const words = ['write', path, String(input.length)];
      await carryOut(sandbox, { action: 'write', path, words, input, outputLimitBytes: 0 }, context, world.clock);
      return { path, sizeBytes: input.length };
    },
  };
}

/** Hostile text as an absolute path of the sandbox, without `.`, `..` and doubled slashes. @throws LassoError BAD_REQUEST */
function requirePath(text: string): string {
  const problem = (message: string): LassoError =>
    new LassoError('BAD_REQUEST', message, 'Give the path of a file, absolute or below /workspace.');
  if (text.includes('\0')) throw problem('A path cannot hold a NUL character');
  // Half of a character pair would become another name on its way to the kernel.
  if (!text.isWellFormed()) throw problem('This is no path: it holds half of a character');
  if (text.endsWith('/')) throw problem(`${text.slice(0, 200)} is a folder`);
  const path = posix.resolve(guestPaths.workspace, text);
  if (Buffer.byteLength(path) > pathLimitBytes)
    throw problem(`The path has ${Buffer.byteLength(path)} bytes; ${pathLimitBytes} are taken at most`);
  return path;
}

/** The bytes as text, up to the last whole character where more follows. @throws LassoError FILE_UNAVAILABLE for what is no text */
function requireText(bytes: Buffer, more: boolean, path: string): { readonly text: string; readonly usedBytes: number } {
  const used = more ? bytes.subarray(0, wholeCharacters(bytes)) : bytes;
  try {
    if (used.includes(0)) throw new TypeError('a NUL byte');
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(used);
    return { text, usedBytes: used.length };
  } catch {
    const message = `${path} is not text in UTF-8`;
    throw new LassoError('FILE_UNAVAILABLE', message, 'Look at it with a program in the sandbox; an offset must be one that `next` said.');
  }
}

/** Length without a character at the end that is not all there. */
function wholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(4, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte >= 0xc0) return (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) > back ? bytes.length - back : bytes.length;
    if (byte < 0x80) return bytes.length;
  }
  return bytes.length;
}
