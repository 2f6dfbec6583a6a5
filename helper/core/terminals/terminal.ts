/**
 * One terminal of a sandbox and everybody who looks at it. The program keeps running when nobody looks; whoever comes
 * back sees its screen and scrollback first. A viewer that stops reading holds the program back, and is let go when others wait.
 */
import { posix } from 'node:path';
import type { Duplex } from 'node:stream';
import type { CommandExit } from '../../protocol/events.ts';
import type { TerminalInfo } from '../../protocol/sandbox.ts';
import type { GuestProcess } from '../../guest/contract.ts';
import { guestPaths } from '../../protocol/guest.ts';
import { createScreen, type Screen } from './terminal-screen.ts';

/** unread bytes at which a viewer counts as slow */
const slowBytes = 1024 * 1024;
/** how long one slow viewer may hold back the others, in ms */
const patienceMs = 5_000;

export interface Viewer {
  readonly stream: Duplex;
  /** name its client gave the stream */
  readonly token: string;
  /** end the program when this viewer goes without having said so, as closing a window does */
  hangup: boolean;
}

interface TerminalOptions {
  readonly id: string;
  readonly title: string;
  readonly rows: number;
  readonly columns: number;
  readonly process: GuestProcess;
  /** what LASSO makes of the way it ended */
  readonly explain: (process: GuestProcess) => Promise<CommandExit>;
  readonly onChange: () => void;
}

export class Terminal {
  readonly id: string;
  readonly title: string;
  readonly process: GuestProcess;
  /** settles when the program is gone and its last output was handed on */
  readonly ended: Promise<CommandExit>;
  readonly #screen: Screen;
  readonly #viewers = new Set<Viewer>();
  readonly #onChange: () => void;
  #rows: number;
  #columns: number;
  #slow: NodeJS.Timeout | undefined;

  constructor(options: TerminalOptions) {
    this.id = options.id;
    this.title = options.title;
    this.process = options.process;
    this.#rows = options.rows;
    this.#columns = options.columns;
    this.#onChange = options.onChange;
    this.#screen = createScreen({ rows: options.rows, columns: options.columns });
    this.process.stdio.on('data', (bytes: Buffer) => this.#output(bytes));
    this.process.stdio.on('error', () => undefined);
    this.ended = this.#end(options.explain);
  }

  get info(): TerminalInfo {
    return { id: this.id, title: this.title, rows: this.#rows, columns: this.#columns, attached: this.#viewers.size };
  }

  /** Lets `viewer` look on; with `replay`, it sees first what stands on the screen now. */
  async attach(viewer: Viewer, replay: boolean): Promise<void> {
    const { stream } = viewer;
    stream.on('error', () => undefined);
    if (replay) {
      this.process.stdio.pause();
      stream.write(await this.#screen.snapshot());
    }
    this.#viewers.add(viewer);
    this.#flow();
    stream.on('data', (bytes: Buffer) => this.#input(viewer, bytes));
    stream.on('drain', () => this.#flow());
    // A stream that was waiting to be taken may be paused.
    stream.resume();
    const leave = (): void => this.#leave(viewer);
    stream.once('end', leave);
    stream.once('close', leave);
    this.#onChange();
  }

  /** The viewer of that name says good-bye: the program goes on. */
  release(token: string): void {
    for (const viewer of this.#viewers) if (viewer.token === token) viewer.hangup = false;
  }

  resize(rows: number, columns: number): void {
    if (rows === this.#rows && columns === this.#columns) return;
    this.#rows = rows;
    this.#columns = columns;
    this.#screen.resize(rows, columns);
    this.process.resize(rows, columns);
  }

  async #end(explain: (process: GuestProcess) => Promise<CommandExit>): Promise<CommandExit> {
    await this.process.exited;
    if (!this.process.stdio.readableEnded && !this.process.stdio.destroyed) {
      await new Promise<void>((resolve) => {
        this.process.stdio.once('end', resolve).once('close', resolve);
      });
    }
    clearTimeout(this.#slow);
    const exit = await explain(this.process);
    for (const viewer of this.#viewers) viewer.stream.end();
    this.#viewers.clear();
    this.process.stdio.destroy();
    return exit;
  }

  #output(bytes: Buffer): void {
    this.#screen.write(bytes);
    let full = false;
    for (const { stream } of this.#viewers) {
      if (!stream.write(bytes) && stream.writableLength > slowBytes) full = true;
    }
    if (full) this.#flow();
  }

  #input(viewer: Viewer, bytes: Buffer): void {
    if (this.process.stdio.write(bytes)) return;
    viewer.stream.pause();
    this.process.stdio.once('drain', () => viewer.stream.resume());
  }

  #leave(viewer: Viewer): void {
    if (!this.#viewers.delete(viewer)) return;
    viewer.stream.destroy();
    if (viewer.hangup) {
      // SIGHUP, then SIGCONT so that a stopped job hears it: what a closing terminal window does.
      this.process.signal(1, 'group');
      this.process.signal(1, 'foreground');
      this.process.signal(18, 'group');
    }
    this.#flow();
    this.#onChange();
  }

  /** Reads on while every viewer keeps up. */
  #flow(): void {
    const slow = [...this.#viewers].filter(({ stream }) => stream.writableLength > slowBytes);
    if (slow.length === 0) {
      clearTimeout(this.#slow);
      this.#slow = undefined;
      this.process.stdio.resume();
      return;
    }
    this.process.stdio.pause();
    this.#slow ??= setTimeout(() => {
      this.#slow = undefined;
      if (this.#viewers.size > 1) for (const viewer of slow) if (viewer.stream.writableLength > slowBytes) this.#leave(viewer);
      this.#flow();
    }, patienceMs);
  }
}

/** An agent’s program is known by its name, any other by what it was called. */
export const titleOf = (program: string): string => (program.startsWith(`${guestPaths.agents}/`) ? posix.basename(program) : program);
