/**
 * Which modes a terminal was switched into by output that is no longer kept: a full-screen program started an hour ago still
 * has the alternate screen. Only switches are looked for (DEC private modes, keypad; ECMA-48 and DEC STD 070); hostile output.
 */

const escape = 0x1b;
/** longest switch looked for, in bytes */
const switchLimitBytes = 64;
const complete = /^\x1b(?:\[\?([0-9;]{1,48})([hl])|([=>])|[^[=>])/;
const begun = /^\x1b(?:\[(?:\?[0-9;]{0,48})?)?$/;

export class TerminalModes {
  readonly #modes = new Map<number, boolean>();
  #keypad = '';
  /** start of a switch at the end of the last bytes */
  #rest = '';

  /** Takes notice of output that is about to be forgotten. */
  scan(bytes: Buffer): void {
    let start = 0;
    if (this.#rest !== '') {
      const joined = this.#rest + bytes.toString('latin1', 0, switchLimitBytes);
      this.#rest = '';
      this.#read(joined, bytes.length < switchLimitBytes);
    }
    for (start = bytes.indexOf(escape); start >= 0; start = bytes.indexOf(escape, start + 1)) {
      const end = Math.min(start + switchLimitBytes, bytes.length);
      this.#read(bytes.toString('latin1', start, end), end === bytes.length);
    }
  }

  /** What switches a fresh terminal into the same modes. */
  get prefix(): string {
    const switched = [...this.#modes].map(([mode, on]) => `\x1b[?${mode}${on ? 'h' : 'l'}`);
    return switched.join('') + this.#keypad;
  }

  #read(text: string, last: boolean): void {
    const found = complete.exec(text);
    if (!found) {
      if (last && begun.test(text)) this.#rest = text;
      return;
    }
    const [, numbers, verb, keypad] = found;
    if (keypad !== undefined) this.#keypad = `\x1b${keypad}`;
    for (const number of numbers === undefined ? [] : numbers.split(';')) if (number !== '') this.#modes.set(Number(number), verb === 'h');
  }
}
