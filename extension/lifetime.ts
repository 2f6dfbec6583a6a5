/** Things that end. Registration returns its undo; whoever registered something late finds it undone at once. */
export interface Disposable {
  dispose(): void;
}

/** Ends everything registered with it, last first, once. */
export class Lifetime implements Disposable {
  #owned: Disposable[] = [];
  #over = false;

  get over(): boolean {
    return this.#over;
  }

  /** Takes ownership; returns the same value for use in an expression. */
  own<T extends Disposable>(value: T): T {
    if (this.#over) value.dispose();
    else this.#owned.push(value);
    return value;
  }

  defer(undo: () => void): Disposable {
    return this.own({ dispose: undo });
  }

  dispose(): void {
    this.#over = true;
    for (let value = this.#owned.pop(); value; value = this.#owned.pop()) value.dispose();
  }
}
