/** Things that end. Registration returns its undo; an owner that is already over ends what it is given at once. */

export interface Disposable {
  dispose(): void | Promise<void>;
}

/** Ends everything registered with it, last first, once; errors are collected, not lost. */
export class Lifetime implements Disposable {
  #owned: Disposable[] = [];
  #ended: Promise<void> | undefined;

  get over(): boolean {
    return this.#ended !== undefined;
  }

  /** Takes ownership; returns the same value for use in an expression. */
  own<T extends Disposable>(value: T): T {
    if (this.#ended) void value.dispose();
    else this.#owned.push(value);
    return value;
  }

  /** Registers an undo. */
  defer(undo: () => void | Promise<void>): Disposable {
    return this.own({ dispose: undo });
  }

  /** Ends all that is owned. Safe to call again: the same promise is returned. */
  dispose(): Promise<void> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  async #end(): Promise<void> {
    const errors: unknown[] = [];
    for (let value = this.#owned.pop(); value; value = this.#owned.pop()) {
      try {
        await value.dispose();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, 'ending failed in part');
  }
}
