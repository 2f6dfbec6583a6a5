/** The helper's own diary, for finding faults. Never a secret, never a command's output; the record is elsewhere. */
import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { inspect } from 'node:util';

export interface Log {
  info(message: string): void;
  warn(message: string): void;
  error(message: string, cause?: unknown): void;
}

export const silentLog: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Appends to `file`, which is set aside as `file.1` past `limitBytes`. A failing disk never fails the caller. */
export function fileLog(file: string, now: () => Date, limitBytes = 4 * 1024 * 1024): Log {
  const write = (level: string, message: string): void => {
    try {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > limitBytes) renameSync(file, `${file}.1`);
      appendFileSync(file, `${now().toISOString()} ${level} ${JSON.stringify(message).slice(1, -1)}\n`, { mode: 0o600 });
    } catch {
      // A log that cannot be written must not stop what it describes.
    }
  };
  return {
    info: (message) => write('info', message),
    warn: (message) => write('warn', message),
    error: (message, cause) => write('error', cause === undefined ? message : `${message}: ${describe(cause)}`),
  };
}

/** One line about any thrown value. */
export function describe(cause: unknown): string {
  if (cause instanceof Error) return cause.stack ?? cause.message;
  return inspect(cause);
}
