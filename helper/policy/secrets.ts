/** What a profile says about secrets, with host groups spelled out. It knows where a value is and where it may go, never what it is. */
import type { Profile } from '../protocol/profile/profile.ts';
import { type GroupHost, type HostGroups, spelledHosts } from './network/rules.ts';

export interface SecretRule {
  readonly name: string;
  /** where the value is on the host, `env:NPM_TOKEN` */
  readonly from: string;
  /** host patterns it may be sent to; none: it goes nowhere */
  readonly hosts: readonly GroupHost[];
  /** header it may stand in, lower case */
  readonly header: string;
  /** variable in which the sandbox finds the placeholder */
  readonly env?: string;
  /** beginning of the placeholder */
  readonly prefix?: string;
  /** program and arguments that renew the file the value is in */
  readonly refresh?: string;
  /** profiles of the host that say any of this; whoever can write one could have the value sent elsewhere */
  readonly files: readonly string[];
}

/**
 * A group nobody knows has no hosts, so a secret bound to it goes nowhere.
 * @param origins key path, `secrets.npm.from` → where it was written
 */
export function secretRulesOf(
  profile: Profile,
  groups: HostGroups,
  origins: ReadonlyMap<string, { readonly file: string }> = new Map(),
): readonly SecretRule[] {
  return Object.entries(profile.secrets).map(([name, { from, hosts, header, env, prefix, refresh }]) => ({
    name,
    from,
    hosts: hosts.flatMap((host) => spelledHosts(host, groups)),
    header: header.toLowerCase(),
    ...(env === undefined ? {} : { env }),
    ...(prefix === undefined ? {} : { prefix }),
    ...(refresh === undefined ? {} : { refresh }),
    files: [...new Set([...origins].filter(([path]) => isAbout(path, name)).map(([, { file }]) => file))],
  }));
}

const isAbout = (path: string, name: string): boolean => path === `secrets.${name}` || path.startsWith(`secrets.${name}.`);
