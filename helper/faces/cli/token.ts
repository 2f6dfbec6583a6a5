/**
 * Names for streams that nobody can guess. The kernel's generator is read directly where it is a file: loading node:crypto
 * takes longer than all else a short command does here.
 */
import { closeSync, openSync, readSync } from 'node:fs';

const tokenBytes = 32;
const generator = '/dev/urandom';

/** 64 hex digits. */
export function streamToken(platform: NodeJS.Platform): string {
  if (platform === 'win32') return process.getBuiltinModule('node:crypto').randomBytes(tokenBytes).toString('hex');
  const bytes = Buffer.alloc(tokenBytes);
  const file = openSync(generator, 'r');
  try {
    const read = readSync(file, bytes, 0, tokenBytes, null);
    if (read !== tokenBytes) throw new Error(`${generator} gave only ${read} bytes`);
  } finally {
    closeSync(file);
  }
  return bytes.toString('hex');
}
