/**
 * What stands on a terminal, for whoever comes back to it. Output is only kept while it streams, which costs next to nothing;
 * a terminal emulator reads it when somebody asks, and gives the bytes that draw the same screen, scrollback and modes.
 */
import { TerminalModes } from './terminal-modes.ts';

export interface Screen {
  /** The bytes are kept, not copied. */
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

interface Size {
  readonly rows: number;
  readonly columns: number;
}

/** output, and the sizes the terminal had in between */
type Piece = Buffer | Size;

const defaultLimitBytes = 2 * 1024 * 1024;
const scrollbackLines = 5_000;
/** how far into the kept output a line may begin */
const cutLimitBytes = 64 * 1024;
/** small writes are joined, so that a program that writes byte by byte does not keep an object for each */
const joinBytes = 4_096;
/** forgotten pieces are let go of in lots of so many */
const lot = 1_000;

export function createScreen({ rows, columns, limitBytes = defaultLimitBytes }: ScreenOptions): Screen {
  const modes = new TerminalModes();
  let size: Size = { rows, columns };
  let pieces: Piece[] = [];
  let keptBytes = 0;
  let first = 0;
  let forgotten = false;
  const forget = (): void => {
    for (let oldest = pieces[first]; oldest && keptBytes > limitBytes; oldest = pieces[first]) {
      if (isOutput(oldest)) {
        if (keptBytes - oldest.length < limitBytes) break;
        modes.scan(oldest);
        forgotten = true;
        keptBytes -= oldest.length;
      } else {
        modes.resized();
        size = oldest;
      }
      first += 1;
    }
    if (first < lot) return;
    pieces = pieces.slice(first);
    first = 0;
  };
  return {
    write: (bytes) => {
      const last = pieces.at(-1);
      if (last && isOutput(last) && last.length + bytes.length <= joinBytes && pieces.length - first > 1)
        pieces[pieces.length - 1] = Buffer.concat([last, bytes]);
      else pieces.push(bytes);
      keptBytes += bytes.length;
      forget();
    },
    resize: (newRows, newColumns) => {
      const next = { rows: newRows, columns: newColumns };
      // Dragging a window makes hundreds of sizes that nothing was written at.
      const last = pieces.at(-1);
      if (last && !isOutput(last) && pieces.length > first) pieces[pieces.length - 1] = next;
      else pieces.push(next);
    },
    snapshot: () => draw(size, modes.copy(), pieces.slice(first), forgotten),
  };
}

async function draw(size: Size, modes: TerminalModes, pieces: readonly Piece[], forgotten: boolean): Promise<string> {
  // Loaded only here: most terminals are never looked at a second time.
  const [{ default: headless }, { default: serialize }] = await Promise.all([import('@xterm/headless'), import('@xterm/addon-serialize')]);
  const terminal = new headless.Terminal({
    rows: size.rows,
    cols: size.columns,
    scrollback: scrollbackLines,
    allowProposedApi: true,
    logLevel: 'off',
  });
  try {
    const addon = new serialize.SerializeAddon();
    terminal.loadAddon(addon);
    terminal.write(modes.prefix);
    let cut = forgotten;
    for (const piece of pieces) {
      if (isOutput(piece)) {
        modes.scan(piece);
        terminal.write(cut ? fromWhole(piece) : piece);
        cut = false;
      } else {
        // Written bytes are read later; a size must not overtake them.
        await flushed(terminal);
        terminal.resize(piece.columns, piece.rows);
        modes.resized();
      }
    }
    await flushed(terminal);
    const { cursorX, cursorY } = terminal.buffer.active;
    return addon.serialize({ scrollback: scrollbackLines }) + modes.completion(`\x1b[${cursorY + 1};${cursorX + 1}H`);
  } finally {
    terminal.dispose();
  }
}

const isOutput = (piece: Piece): piece is Buffer => !('rows' in piece);

const flushed = (terminal: { write(text: string, done: () => void): void }): Promise<void> =>
  new Promise((resolve) => terminal.write('', resolve));

/** Output from its first whole line, or at least its first whole sequence or character, on. */
function fromWhole(kept: Buffer): Buffer {
  const line = kept.subarray(0, cutLimitBytes).indexOf(0x0a);
  if (line >= 0) return kept.subarray(line + 1);
  const sequence = kept.subarray(0, cutLimitBytes).indexOf(0x1b);
  if (sequence >= 0) return kept.subarray(sequence);
  const character = kept.findIndex((byte) => (byte & 0xc0) !== 0x80);
  return kept.subarray(Math.max(character, 0));
}
