/**
 * Follows which modes a program inside has switched on in the terminal outside, so that leaving it in the middle of an
 * editor gives back a terminal a person can use. Reads hostile bytes; keeps a bounded tail and never changes them.
 */

/** private modes that outlive the program that set them, and how each is when nobody asked for it */
const usual: ReadonlyMap<number, boolean> = new Map([
  [1, false],
  [7, true],
  [9, false],
  [25, true],
  [47, false],
  [1000, false],
  [1002, false],
  [1003, false],
  [1004, false],
  [1005, false],
  [1006, false],
  [1015, false],
  [1047, false],
  [1049, false],
  [2004, false],
]);

const escape = 0x1b;
const tailLimitBytes = 64;
const sequence = /\u001b(?:\[([?>=<!]?)([\d;]*)([ $]?)([@-~])|([=>c]))/g;
const unfinished = /\u001b(?:\[[?>=<!]?[\d;]*[ $]?)?$/;

export class TerminalModes {
  #tail = '';
  readonly #changed = new Set<number>();
  #keyboardDepth = 0;
  #touched = false;

  take(bytes: Uint8Array): void {
    if (this.#tail === '' && bytes.indexOf(escape) < 0) return;
    const text = this.#tail + Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    for (const [, kind, numbers, , final, plain] of text.matchAll(sequence)) this.#apply(kind ?? '', numbers ?? '', final ?? '', plain);
    this.#tail = unfinished.exec(text.slice(-tailLimitBytes))?.[0] ?? '';
  }

  /** What makes the terminal usual again; empty when it is. */
  reset(): string {
    if (!this.#touched) return '';
    const modes = [...this.#changed].map((mode) => `\u001b[?${mode}${usual.get(mode) === true ? 'h' : 'l'}`);
    const keyboard = this.#keyboardDepth > 0 ? `\u001b[<${this.#keyboardDepth}u` : '';
    return `${keyboard}${modes.join('')}\u001b[0 q\u001b[!p\u001b>\u001b[0m`;
  }

  #apply(kind: string, numbers: string, final: string, plain: string | undefined): void {
    if (plain === 'c') this.#forget();
    if (plain === '=') this.#touched = true;
    if (kind === '?' && (final === 'h' || final === 'l')) for (const text of numbers.split(';')) this.#set(Number(text), final === 'h');
    if (final === 'u' && kind === '>') this.#push(1);
    if (final === 'u' && kind === '<') this.#push(-(numbers === '' ? 1 : Number(numbers)));
    if (kind === '' && (final === 'm' || final === 'r')) this.#touched = true;
  }

  #set(mode: number, on: boolean): void {
    const normally = usual.get(mode);
    if (normally === undefined) return;
    this.#touched = true;
    if (on === normally) this.#changed.delete(mode);
    else this.#changed.add(mode);
  }

  #push(steps: number): void {
    this.#touched = true;
    this.#keyboardDepth = Math.min(99, Math.max(0, this.#keyboardDepth + steps));
  }

  #forget(): void {
    this.#changed.clear();
    this.#keyboardDepth = 0;
  }
}
