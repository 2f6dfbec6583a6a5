/**
 * What stands on a terminal, for whoever comes back to it. Output is only kept while it streams, which costs next to nothing;
 * a terminal emulator reads it when somebody asks, and gives the bytes that draw the same screen, scrollback and modes.
 */
import { TerminalModes } from './terminal-modes.ts';

export interface Screen {
  write(bytes: Buffer): void;
  resize(rows: number, columns: number): void;
  /** Escape sequences that draw screen, scrollback, cursor and modes on a fresh terminal. */
  snapshot(): Promise<string>;
}

interface ScreenOptions {
  readonly rows: number;
  readonly columns: number;
  /** output kept; older output is forgotten but for its modes (default 2 MiB) */
  readonly limitBytes?: number;
}

const defaultLimitBytes = 2 * 1024 * 1024;
const scrollbackLines = 5_000;
/** how far into the kept output a line may begin */
const cutLimitBytes = 64 * 1024;
/** small writes are joined, so that a program that writes byte by byte does not keep an object for each */
const joinBytes = 4_096;
const newline = 0x0a;

export function createScreen({ rows, columns, limitBytes = defaultLimitBytes }: ScreenOptions): Screen {
  const size = { rows, columns };
  const modes = new TerminalModes();
  let chunks: Buffer[] = [];
  let keptBytes = 0;
  let first = 0;
  let forgotten = false;
  return {
    write: (bytes) => {
      const last = chunks.at(-1);
      if (last && last.length + bytes.length <= joinBytes && chunks.length - first > 1)
        chunks[chunks.length - 1] = Buffer.concat([last, bytes]);
      else chunks.push(bytes);
      keptBytes += bytes.length;
      for (let oldest = chunks[first]; oldest && keptBytes - oldest.length >= limitBytes; oldest = chunks[first]) {
        modes.scan(oldest);
        forgotten = true;
        keptBytes -= oldest.length;
        first += 1;
      }
      if (first > 1_000) {
        chunks = chunks.slice(first);
        first = 0;
      }
    },
    resize: (newRows, newColumns) => {
      size.rows = newRows;
      size.columns = newColumns;
    },
    snapshot: async () => {
      const kept = Buffer.concat(chunks.slice(first));
      return draw(size, forgotten ? modes.prefix : '', forgotten ? fromLineStart(kept) : kept);
    },
  };
}

async function draw(size: { readonly rows: number; readonly columns: number }, prefix: string, kept: Buffer): Promise<string> {
  // Loaded only here: most terminals are never looked at a second time.
  const [{ default: headless }, { default: serialize }] = await Promise.all([import('@xterm/headless'), import('@xterm/addon-serialize')]);
  const terminal = new headless.Terminal({ rows: size.rows, cols: size.columns, scrollback: scrollbackLines, allowProposedApi: true });
  try {
    const addon = new serialize.SerializeAddon();
    terminal.loadAddon(addon);
    terminal.write(prefix);
    await new Promise<void>((resolve) => terminal.write(kept, resolve));
    return addon.serialize({ scrollback: scrollbackLines });
  } finally {
    terminal.dispose();
  }
}

/** Output from its first whole line on: never from inside an escape sequence or a character. */
function fromLineStart(kept: Buffer): Buffer {
  const cut = kept.indexOf(newline);
  return cut >= 0 && cut < cutLimitBytes ? kept.subarray(cut + 1) : kept;
}
