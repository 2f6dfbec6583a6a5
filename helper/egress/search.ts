/**
 * Many texts looked for at once in bytes that come in pieces: the automaton of Aho and Corasick (1975), one step a byte
 * whatever the texts are. It knows how much of the end so far could still become one of them.
 */

export interface Search {
  /** Table of steps: state × class of the byte → next state; state 0 is the beginning. */
  readonly steps: Int32Array;
  readonly classOf: Uint8Array;
  readonly classes: number;
  /** state → length of the text that ends here, 0 for none */
  readonly found: Int32Array;
  /** state → which text that is */
  readonly which: Int32Array;
  /** state → how many bytes before it may belong to a text */
  readonly depth: Int32Array;
}

/** Where a text ends. */
export interface Hit {
  /** index of the text */
  readonly which: number;
  /** offset after its last byte */
  readonly end: number;
  /** bytes of it; may be more than `end` where it began in an earlier piece */
  readonly length: number;
}

/** @param texts none of them empty; at most some thousands of bytes in all */
export function searchFor(texts: readonly Uint8Array[]): Search {
  const classOf = new Uint8Array(256);
  let classes = 1;
  for (const byte of new Set(texts.flatMap((text) => [...text]))) classOf[byte] = classes++;
  const size = 1 + texts.reduce((sum, text) => sum + text.length, 0);
  const steps = new Int32Array(size * classes).fill(-1);
  const [found, which, depth] = [new Int32Array(size), new Int32Array(size), new Int32Array(size)];
  let states = 1;
  for (const [index, text] of texts.entries()) {
    let state = 0;
    for (const byte of text) {
      const at = state * classes + (classOf[byte] ?? 0);
      if (steps[at] === -1) {
        depth[states] = (depth[state] ?? 0) + 1;
        steps[at] = states++;
      }
      state = steps[at] ?? 0;
    }
    found[state] = text.length;
    which[state] = index;
  }
  connect({ steps, classOf, classes, found, which, depth });
  return { steps, classOf, classes, found, which, depth };
}

/** Gives every state its steps for bytes that do not go on with its text, in order of depth. */
function connect({ steps, classes, found, which }: Search): void {
  const falls = new Int32Array(found.length);
  const queue: number[] = [];
  for (let at = 0; at < classes; at++) {
    const next = steps[at] ?? -1;
    if (next > 0) queue.push(next);
    else steps[at] = 0;
  }
  for (let head = 0; head < queue.length; head++) {
    const state = queue[head] ?? 0;
    const fall = falls[state] ?? 0;
    if (found[state] === 0) {
      found[state] = found[fall] ?? 0;
      which[state] = which[fall] ?? 0;
    }
    for (let at = 0; at < classes; at++) {
      const next = steps[state * classes + at] ?? -1;
      const other = steps[fall * classes + at] ?? 0;
      if (next > 0) {
        falls[next] = other;
        queue.push(next);
      } else steps[state * classes + at] = other;
    }
  }
}

/** A place in a search, kept from piece to piece. */
export class Searcher {
  readonly #search: Search;
  #state = 0;

  constructor(search: Search) {
    this.#search = search;
  }

  /** bytes at the end so far that may become a text */
  get pending(): number {
    return this.#search.depth[this.#state] ?? 0;
  }

  /** The first text that ends in the piece, looked at from an offset; afterwards the search is as at the beginning. */
  next(piece: Uint8Array, from = 0): Hit | undefined {
    const { steps, classOf, classes, found, which } = this.#search;
    let state = this.#state;
    for (let at = from; at < piece.length; at++) {
      state = steps[state * classes + (classOf[piece[at] ?? 0] ?? 0)] ?? 0;
      const length = found[state] ?? 0;
      if (length > 0) {
        this.#state = 0;
        return { which: which[state] ?? 0, end: at + 1, length };
      }
    }
    this.#state = state;
    return undefined;
  }
}
