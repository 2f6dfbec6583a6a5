/** The user's settings as they are now: the file is read again for whoever asks, since the helper outlives its changes. Writes nothing. */
import type { Folders } from '../base/platform.ts';
import type { HostGroups } from '../policy/network/rules.ts';
import { type Config, mirrorHosts, readConfig, requireSound } from './config.ts';

export class Settings {
  readonly #folders: Pick<Folders, 'home'>;
  readonly #environment: Readonly<Record<string, string | undefined>>;
  readonly #groups: readonly string[];
  #mirrors: HostGroups = {};

  /** @param groups names of the host groups a mirror may stand for */
  constructor(folders: Pick<Folders, 'home'>, environment: Readonly<Record<string, string | undefined>>, groups: readonly string[]) {
    this.#folders = folders;
    this.#environment = environment;
    this.#groups = groups;
  }

  /** hosts of mirrors by group, as they were read last */
  get mirrors(): HostGroups {
    return this.#mirrors;
  }

  /** With whatever is wrong as findings; for showing. */
  async read(): Promise<Config> {
    const config = await readConfig(this.#folders, this.#environment, this.#groups);
    this.#mirrors = mirrorHosts(config.mirrors);
    return config;
  }

  /** For acting on. @throws LassoError BAD_REQUEST when the file has an error */
  async sound(): Promise<Config> {
    const config = await this.read();
    requireSound(config);
    return config;
  }
}
