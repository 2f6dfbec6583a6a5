/**
 * Finds the detach chord, Ctrl-] then d, in what a person types. Ctrl-] twice sends one Ctrl-]; a paste is never a chord.
 */

const prefix = 0x1d;
const letter = 0x64;
const pasteBegins = Buffer.from('\u001b[200~');
const pasteEnds = Buffer.from('\u001b[201~');

export interface Typed {
  /** what goes inside */
  readonly bytes: Buffer;
  readonly detach: boolean;
}

export class Chord {
  #armed = false;
  #pasting = false;
  /** bytes of the paste marker seen so far */
  #matched = 0;

  /** Judges a piece of input; after a detach the rest of the piece is dropped, so that it never reaches the shell outside. */
  take(input: Uint8Array): Typed {
    const bytes = Buffer.allocUnsafe(input.length + 1);
    let length = 0;
    for (const byte of input) {
      this.#followPaste(byte);
      if (this.#armed) {
        this.#armed = false;
        if (byte === letter) return { bytes: bytes.subarray(0, length), detach: true };
        bytes[length++] = prefix;
        if (byte === prefix) continue;
      } else if (byte === prefix && !this.#pasting) {
        this.#armed = true;
        continue;
      }
      bytes[length++] = byte;
    }
    return { bytes: bytes.subarray(0, length), detach: false };
  }

  #followPaste(byte: number): void {
    const marker = this.#pasting ? pasteEnds : pasteBegins;
    this.#matched = byte === marker[this.#matched] ? this.#matched + 1 : byte === marker[0] ? 1 : 0;
    if (this.#matched < marker.length) return;
    this.#pasting = !this.#pasting;
    this.#matched = 0;
  }
}
