/** The user's settings as they are now: files are read again for whoever asks, since the helper outlives their changes. Writes nothing. */
import type { Folders, Host } from '../../base/platform.ts';
import type { HostGroups } from '../../policy/network/rules.ts';
import { type Config, readConfig, requireSound } from './config.ts';
import { userMirrors } from './mirrors.ts';

export class Settings {
  readonly #folders: Pick<Folders, 'home'>;
  readonly #host: Pick<Host, 'home' | 'platform' | 'environment'>;
  readonly #publicGroups: HostGroups;
  #mirrors: HostGroups = {};

  /** @param publicGroups hosts of every group where nothing stands for them */
  constructor(folders: Pick<Folders, 'home'>, host: Pick<Host, 'home' | 'platform' | 'environment'>, publicGroups: HostGroups) {
    this.#folders = folders;
    this.#host = host;
    this.#publicGroups = publicGroups;
  }

  /** groups whose hosts are others than the public ones, as they were read last */
  get mirrors(): HostGroups {
    return this.#mirrors;
  }

  /** With whatever is wrong as findings; for showing. */
  async read(): Promise<Config> {
    const config = await readConfig(this.#folders, this.#host.environment, Object.keys(this.#publicGroups));
    const own = Object.fromEntries(Object.entries(config.mirrors).map(([group, { value }]) => [group, value]));
    const { groups, mirrors } = await userMirrors({ host: this.#host, config: own, publicGroups: this.#publicGroups });
    this.#mirrors = groups;
    const rows = mirrors.map(({ group, address, origin }) => ({
      key: `mirrors.${group}`,
      value: address,
      origin: origin === `mirrors.${group}` ? (config.mirrors[group]?.origin ?? origin) : origin,
    }));
    return { ...config, settings: [...config.settings, ...rows] };
  }

  /** For acting on. @throws LassoError BAD_REQUEST when the file has an error */
  async sound(): Promise<Config> {
    const config = await this.read();
    requireSound(config);
    return config;
  }
}
