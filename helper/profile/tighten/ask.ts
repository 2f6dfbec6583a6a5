/**
 * Where a base lets a connection through, so that asking about it there takes something away. Asking anywhere else would open
 * what the base denies, and never happens.
 */
import { commonPattern, patternCovers } from '../../policy/network/hosts.ts';
import type { GroupHost } from '../../policy/network/rules.ts';
import type { Profile } from '../../protocol/profile/profile.ts';

export type NetworkRule = Profile['network']['rules'][number];

/** what decides which connections are allowed */
export interface AllowedHosts {
  readonly mode: 'restricted' | 'full';
  readonly domains: readonly GroupHost[];
  readonly ports: readonly number[];
  readonly rules: readonly NetworkRule[];
  /** hosts a profile's text means */
  readonly spelled: (host: string) => readonly GroupHost[];
}

interface Area extends GroupHost {
  /** whether every request there is allowed */
  readonly whole: boolean;
}

/**
 * The rules that ask about what `rule` asks about and the base allows. Where the base allows only some requests, and which
 * cannot be told from the rule, they deny: `refused` says so.
 */
export function askRules(rule: NetworkRule, allowed: AllowedHosts): { readonly rules: readonly NetworkRule[]; readonly refused: boolean } {
  const hosts = allowed.spelled(rule.host);
  const areas = hosts.map(({ host, ports }) => areasOf(host, rule.ports ?? ports, allowed));
  const kept = hosts.every(({ host }, index) => areas[index]?.length === 1 && areas[index][0]?.whole && areas[index][0].host === host);
  const unchangedPorts = areas.flat().every((area) => area.ports === undefined || area.ports.length === rule.ports?.length);
  if (hosts.length > 0 && kept && unchangedPorts) return { rules: [rule], refused: false };
  const rules = areas.flat().map(({ host, ports, whole }): NetworkRule => {
    const { methods, paths } = rule;
    return {
      host,
      ...(ports === undefined ? {} : { ports: [...ports] }),
      ...(methods === undefined ? {} : { methods }),
      ...(paths === undefined ? {} : { paths }),
      action: whole ? 'ask' : 'deny',
    };
  });
  return { rules, refused: areas.flat().some(({ whole }) => !whole) };
}

function areasOf(host: string, ports: readonly number[] | undefined, allowed: AllowedHosts): readonly Area[] {
  const ruled = allowed.rules
    .filter(({ action }) => action === 'allow')
    .flatMap((rule) =>
      allowed.spelled(rule.host).map((entry) => ({
        host: entry.host,
        ports: rule.ports ?? entry.ports,
        whole: rule.methods === undefined && rule.paths === undefined,
      })),
    );
  const listed = allowed.mode === 'full' ? [{ host, ports: undefined }] : allowed.domains;
  const part = (entry: {
    readonly host: string;
    readonly ports?: readonly number[] | undefined;
    readonly whole: boolean;
  }): readonly Area[] => {
    const both = commonPattern(entry.host, host);
    const common = commonPorts(ports, entry.ports, allowed);
    if (both === undefined || common?.length === 0) return [];
    return [{ host: both, ...(common === undefined ? {} : { ports: common }), whole: entry.whole }];
  };
  const rest = listed
    .flatMap((entry) => part({ ...entry, whole: true }))
    .filter((area) => !ruled.some((entry) => patternCovers(entry.host, area.host)))
    .map((area) => ({ ...area, whole: !ruled.some((entry) => commonPattern(entry.host, area.host) !== undefined) }));
  return [...ruled.flatMap(part), ...rest];
}

/** Undefined where both mean the allowed ports. */
function commonPorts(
  asked: readonly number[] | undefined,
  open: readonly number[] | undefined,
  { mode, ports }: AllowedHosts,
): readonly number[] | undefined {
  if (asked === undefined) return open;
  if (open !== undefined) return asked.filter((port) => open.includes(port));
  return mode === 'full' ? asked : asked.filter((port) => ports.includes(port));
}
