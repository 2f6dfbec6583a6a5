/**
 * What `lasso secret set` keeps: in the keyring where there is one that works, else in a file that only this user can read,
 * which is said plainly. Names of both are in that file, because a keyring cannot be asked for names alone.
 */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../base/atomic-file.ts';
import type { Folders, Host } from '../base/platform.ts';
import { LassoError } from '../protocol/errors.ts';
import { readSecretFile } from './file.ts';
import type { Keyring } from './keyring.ts';
import { unavailable } from './unavailable.ts';

/** where a value is kept */
export type Keeper = 'keyring' | 'file';

export interface KeptSecret {
  readonly name: string;
  readonly where: Keeper;
}

const contents = z.object({
  version: z.literal(1),
  /** names of what the keyring has */
  keyring: z.array(z.string()),
  /** values that no keyring took */
  values: z.record(z.string(), z.string()),
});
type Contents = z.infer<typeof contents>;

/** what LASSO's entries in a keyring are found by */
const service = 'lasso';
/** names that LASSO uses for itself; no profile can name them */
const reserved = 'lasso.';
/** service under which keys of records are kept in a keyring; no profile can name it */
export const keysService = 'lasso-record';
/** under which the login of `lasso auth login` is kept */
export const loginName = `${reserved}github`;

export class OwnStore {
  /** the file, for people */
  readonly file: string;
  readonly #host: Pick<Host, 'home' | 'uid' | 'platform'>;
  readonly #keyring: Keyring | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(folders: Pick<Folders, 'home'>, host: Pick<Host, 'home' | 'uid' | 'platform'>, keyring: Keyring | undefined) {
    this.file = join(folders.home, 'secrets.json');
    this.#host = host;
    this.#keyring = keyring;
  }

  /** what people call the keyring; undefined where there is none */
  get keyringTitle(): string | undefined {
    return this.#keyring?.title;
  }

  /** Keeps a value. The answer says where, and why not in the keyring where one did not take it. @throws LassoError SECRET_UNAVAILABLE */
  set(name: string, value: string): Promise<{ readonly where: Keeper; readonly why?: string }> {
    return this.#inTurn(async () => {
      const before = await this.#read();
      const values = without(before.values, name);
      const others = before.keyring.filter((each) => each !== name);
      const why = await this.#offer(name, value);
      if (why === undefined) await this.#write({ ...before, keyring: [...others, name], values });
      else await this.#write({ ...before, keyring: others, values: { ...values, [name]: value } });
      return why === undefined ? { where: 'keyring' } : { where: 'file', why };
    });
  }

  /** undefined where there is none @throws LassoError SECRET_UNAVAILABLE */
  async get(name: string): Promise<string | undefined> {
    const { values } = await this.#read();
    return Object.hasOwn(values, name) ? values[name] : await this.#keyring?.get({ service, account: name });
  }

  /** Where it was; undefined where there was none. @throws LassoError SECRET_UNAVAILABLE */
  remove(name: string): Promise<Keeper | undefined> {
    return this.#inTurn(async () => {
      const before = await this.#read();
      const values = without(before.values, name);
      const inFile = Object.hasOwn(before.values, name);
      if (before.keyring.includes(name)) await this.#keyring?.remove({ service, account: name });
      else if (!inFile) return undefined;
      await this.#write({ ...before, keyring: before.keyring.filter((each) => each !== name), values });
      return inFile ? 'file' : 'keyring';
    });
  }

  /** Names of what people have kept, sorted. @throws LassoError SECRET_UNAVAILABLE */
  async list(): Promise<readonly KeptSecret[]> {
    const { keyring, values } = await this.#read();
    return [
      ...keyring.map((name): KeptSecret => ({ name, where: 'keyring' })),
      ...Object.keys(values).map((name): KeptSecret => ({ name, where: 'file' })),
    ]
      .filter(({ name }) => !name.startsWith(reserved))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** The value of `keyring:NAME`: one of our own, or `SERVICE/ACCOUNT` of another program's. @throws LassoError SECRET_UNAVAILABLE */
  async named(name: string): Promise<string> {
    if ([reserved, `${service}/${reserved}`, `${keysService}/`].some((own) => name.startsWith(own)))
      throw unavailable(`the name ${name} is LASSO’s own`, 'Use another name.');
    const at = name.indexOf('/');
    const found = at < 0 ? await this.get(name) : await this.#keyring?.get({ service: name.slice(0, at), account: name.slice(at + 1) });
    if (found !== undefined) return found;
    if (at >= 0 && this.#keyring === undefined)
      throw unavailable(
        'LASSO can use no keyring on this machine',
        'On Linux, install secret-tool; or keep the value with `lasso secret set`.',
      );
    throw unavailable(
      `there is nothing under the name ${name}`,
      at < 0 ? `Put it there: lasso secret set ${name}` : 'Check the name of service and account.',
    );
  }

  /** Why the keyring did not take it; undefined when it did. */
  async #offer(name: string, value: string): Promise<string | undefined> {
    if (this.#keyring === undefined) return 'LASSO can use no keyring on this machine';
    try {
      await this.#keyring.set({ service, account: name }, value);
      return undefined;
    } catch (error) {
      return error instanceof LassoError ? error.message : `${this.#keyring.title} failed`;
    }
  }

  async #read(): Promise<Contents> {
    const there = await access(this.file).then(
      () => true,
      () => false,
    );
    if (!there) return { version: 1, keyring: [], values: {} };
    const text = await readSecretFile(this.file, [], this.#host);
    try {
      return contents.parse(JSON.parse(text));
    } catch {
      throw unavailable(`${this.file} is damaged`, 'Set it aside, and store the secrets anew.');
    }
  }

  async #write(all: Contents): Promise<void> {
    try {
      await writeFileAtomic(this.file, `${JSON.stringify(all)}\n`, 0o600);
    } catch {
      throw unavailable(`${this.file} cannot be written`, 'Check that its folder is yours and the disk is not full.');
    }
  }

  /** One change after the other, so that none undoes another. */
  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(act);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

function without(values: Contents['values'], name: string): Contents['values'] {
  return Object.fromEntries(Object.entries(values).filter(([each]) => each !== name));
}
