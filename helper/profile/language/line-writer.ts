/** Lines under way: code is added piece by piece, a comment ends a line. It keeps where comments stood, so that they can stay there. */
import type { Line } from './comments.ts';
import type { Span } from './outline-parts.ts';

export class LineWriter {
  readonly #text: string;
  readonly #lines: Line[] = [];
  #code = '';
  #comment: Line['comment'];

  /** @param text the source, which comments are spans of */
  constructor(text: string) {
    this.#text = text;
  }

  /** columns of the line so far */
  get width(): number {
    return this.#code.length - (this.#code.lastIndexOf('\n') + 1);
  }

  /** nothing but spaces is on the line so far */
  get blank(): boolean {
    return this.#code.trim() === '';
  }

  add(code: string): void {
    this.#code += code;
  }

  comment({ start, end }: Span): void {
    const lineStart = this.#text.lastIndexOf('\n', start - 1) + 1;
    const before = this.#text.slice(lineStart, start);
    const gap = Math.max(1, before.length - before.trimEnd().length);
    this.#comment = { text: this.#text.slice(start, end).trimEnd(), column: before.length, gap };
  }

  /** @param indent what the new line begins with */
  newLine(indent: string): void {
    const code = this.#code.trimEnd();
    this.#lines.push(this.#comment ? { code, comment: this.#comment } : { code });
    this.#comment = undefined;
    this.#code = indent;
  }

  end(): readonly Line[] {
    this.newLine('');
    return this.#lines;
  }
}
