/** One process inside, as the helper sees it. It ends exactly once, whatever the guest says after. */
import type { Duplex, Readable } from 'node:stream';
import { finished } from 'node:stream';
import { frameType, signalTarget } from '../protocol/guest.ts';
import type { Carrier, GuestStream } from './carrier.ts';
import type { GuestExit, GuestProcess, SignalTarget } from './contract.ts';
import { deferred } from './deferred.ts';
import { encodeFrame } from './encode.ts';
import { encodeResize } from './requests.ts';

export class LinkedProcess implements GuestProcess {
  readonly id: number;
  readonly pid: number;
  readonly exited: Promise<GuestExit>;
  readonly #carrier: Carrier;
  readonly #main: GuestStream;
  readonly #errors: GuestStream | null;
  readonly #exit = deferred<GuestExit>();
  #over = false;

  constructor(carrier: Carrier, id: number, pid: number, streams: { readonly main: GuestStream; readonly errors: GuestStream | null }) {
    this.id = id;
    this.pid = pid;
    this.#carrier = carrier;
    this.#main = streams.main;
    this.#errors = streams.errors;
    this.exited = this.#settle();
  }

  get stdio(): Duplex {
    return this.#main;
  }

  get stderr(): Readable | null {
    return this.#errors;
  }

  signal(signal: number, target: SignalTarget): void {
    if (!this.#over) this.#send(encodeFrame(frameType.SIGNAL, this.id, Uint8Array.of(signal, targets[target])));
  }

  resize(rows: number, columns: number): void {
    if (!this.#over) this.#send(encodeResize(this.id, rows, columns));
  }

  /** The guest reported its end; lets the guest forget it as soon as nothing more is on its way there. */
  ended(exit: GuestExit): void {
    if (this.#over) return;
    this.#over = true;
    void Promise.all([this.#main.retire(), this.#errors?.retire()]).then(() => this.#send(encodeFrame(frameType.RELEASE, this.id)));
    this.#exit.resolve(exit);
  }

  /** The link is over. A reported end stays what it was, and output that arrived can still be read. */
  lost(): void {
    this.#over = true;
    this.#exit.resolve({ kind: 'lost', status: 0 });
    this.#main.abandon();
    this.#errors?.abandon();
  }

  async #settle(): Promise<GuestExit> {
    // A terminal's or a command's stream never brings the helper down: its end is told by `exited`.
    const outputs = [this.#main, ...(this.#errors ? [this.#errors] : [])].map(outputOver);
    const exit = await this.#exit.promise;
    if (exit.kind === 'lost') return exit;
    await Promise.all(outputs);
    this.#main.destroy();
    this.#errors?.destroy();
    return exit;
  }

  #send(frame: Buffer): void {
    if (this.#carrier.control.writable) this.#carrier.control.write(frame);
  }
}

const targets = { group: signalTarget.GROUP, foreground: signalTarget.FOREGROUND, tree: signalTarget.TREE } as const;

/** Settles when all output was read, or can no longer be. */
function outputOver(stream: GuestStream): Promise<void> {
  stream.on('error', () => undefined);
  return new Promise((resolve) => {
    finished(stream, { writable: false }, () => resolve());
  });
}
