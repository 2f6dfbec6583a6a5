/**
 * The secrets that VS Code keeps for LASSO, in its own encrypted store, and their names, which that store cannot list. A value is
 * handed to whoever asks for it here and is never shown, logged or remembered.
 */
import type * as vscode from 'vscode';

const prefix = 'lasso.secret.';
const namesKey = 'lasso.secretNames';

export class KeptSecrets {
  readonly #storage: Pick<vscode.SecretStorage, 'get' | 'store' | 'delete'>;
  readonly #memory: Pick<vscode.Memento, 'get' | 'update'>;

  constructor(storage: Pick<vscode.SecretStorage, 'get' | 'store' | 'delete'>, memory: Pick<vscode.Memento, 'get' | 'update'>) {
    this.#storage = storage;
    this.#memory = memory;
  }

  /** sorted */
  get names(): readonly string[] {
    const names = this.#memory.get<unknown>(namesKey);
    return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [];
  }

  /** undefined where there is none */
  async value(name: string): Promise<string | undefined> {
    return await this.#storage.get(prefix + name);
  }

  async store(name: string, value: string): Promise<void> {
    await this.#storage.store(prefix + name, value);
    await this.#memory.update(namesKey, [...new Set([...this.names, name])].sort());
  }

  async remove(name: string): Promise<void> {
    await this.#storage.delete(prefix + name);
    await this.#memory.update(
      namesKey,
      this.names.filter((each) => each !== name),
    );
  }
}

/** What is wrong with a name, as the profile `vscode:NAME` and the input box have it; undefined when nothing is. */
export function nameFault(name: string): string | undefined {
  if (name === '') return 'Give it a name.';
  return /^[\x21-\x7e]{1,100}$/.test(name) ? undefined : 'Use letters, digits and signs, without spaces.';
}
