/**
 * Where this user's own tools say that a registry is mirrored, a host group means the mirror's hosts. Reads the tools' variables
 * and files, and takes hosts and ports from them; credentials beside those are never kept. Nothing is looked for in a workspace.
 */
import type { Host } from '../../base/platform.ts';
import { canonicalHost } from '../../policy/network/hosts.ts';
import type { GroupHost, HostGroups } from '../../policy/network/rules.ts';
import { type ToolSetting, cargoSettings, goSettings, npmSettings, pipSettings } from './mirror-settings.ts';

export interface UserMirrors {
  /** whole groups, for those whose hosts differ from the public ones */
  readonly groups: HostGroups;
  /** the addresses they come from, without credentials; origin is a file or a variable */
  readonly mirrors: readonly { readonly group: string; readonly address: string; readonly origin: string }[];
}

export interface MirrorFacts {
  readonly host: Pick<Host, 'home' | 'platform' | 'environment'>;
  /** group → address, from LASSO's own settings: these win over what a tool says */
  readonly config: Readonly<Record<string, string>>;
  readonly publicGroups: HostGroups;
}

/**
 * What cannot be read or understood counts as not said. An address on a public host of its group changes nothing; additional
 * registries stand beside the mirror, or beside the public hosts.
 */
export async function userMirrors({ host, config, publicGroups }: MirrorFacts): Promise<UserMirrors> {
  const told = new Map<string, readonly ToolSetting[]>([
    ['npm', await npmSettings(host)],
    ['pypi', await pipSettings(host)],
    ['crates', await cargoSettings(host)],
    ['go', await goSettings(host)],
  ]);
  const groups: Record<string, readonly GroupHost[]> = {};
  const mirrors: UserMirrors['mirrors'][number][] = [];
  for (const [group, usual] of Object.entries(publicGroups)) {
    const own = Object.hasOwn(config, group) ? config[group] : undefined;
    const replacing = own === undefined ? [] : [{ address: own, origin: `mirrors.${group}`, adds: false }];
    const settings = (told.get(group) ?? []).filter(({ adds }) => adds || own === undefined);
    const found = [...replacing, ...settings].flatMap((setting) => mirrorAt(setting, usual) ?? []);
    const instead = found.filter(({ adds }) => !adds);
    const hosts = merged([
      ...(instead.length === 0 ? usual : instead.flatMap(({ hosts }) => hosts)),
      ...found.flatMap(({ hosts }) => hosts),
    ]);
    if (JSON.stringify(hosts) === JSON.stringify(merged(usual))) continue;
    groups[group] = hosts;
    mirrors.push(...found.map(({ address, origin }) => ({ group, address, origin })));
  }
  return { groups, mirrors };
}

interface Mirror {
  readonly hosts: readonly GroupHost[];
  readonly address: string;
  readonly origin: string;
  readonly adds: boolean;
}

function mirrorAt({ address, origin, adds }: ToolSetting, usual: readonly GroupHost[]): Mirror | undefined {
  const plain = address.trim().replace(/^(sparse|registry)\+/, '');
  if (!/^https?:\/\//i.test(plain) || !URL.canParse(plain)) return undefined;
  const url = new URL(plain);
  const canonical = canonicalHost(url.hostname);
  if (!canonical.ok) return undefined;
  const { host } = canonical;
  if (usual.some((entry) => entry.host === host)) return { hosts: usual, address: url.origin, origin, adds };
  const port = Number(url.port);
  return { hosts: [port === 0 || port === 80 || port === 443 ? { host } : { host, ports: [port] }], address: url.origin, origin, adds };
}

/** Each host once, with all its ports. One that stands somewhere without ports is meant on the usual ones too. */
function merged(hosts: readonly GroupHost[]): readonly GroupHost[] {
  const ports = new Map<string, Set<number> | undefined>();
  for (const entry of hosts) {
    const known = ports.has(entry.host) ? ports.get(entry.host) : new Set<number>();
    ports.set(entry.host, known);
    for (const port of entry.ports ?? [80, 443]) known?.add(port);
  }
  return [...ports].map(([host, numbers]) => {
    const all = [...(numbers ?? [])];
    return all.every((port) => port === 80 || port === 443) ? { host } : { host, ports: all };
  });
}
