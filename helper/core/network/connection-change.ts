/** What a lasting yes to a connection would change: a profile with a rule for this host and port. Never writes. */
import { canonicalHost } from '../../policy/network/hosts.ts';
import { judgeConnection } from '../../policy/network/judge.ts';
import { networkRulesOf, type NetworkRules } from '../../policy/network/rules.ts';
import { valueText } from '../../profile/effective-text.ts';
import type { ProposedChange } from '../../protocol/approval.ts';
import { proposeChange } from '../profiles/change.ts';
import type { World } from '../world.ts';

export interface AskedConnection {
  /** how the sandbox's profile is found: a name, or an absolute file */
  readonly profile: string;
  /** the rules as they are now */
  readonly rules: NetworkRules;
  /** hostile */
  readonly host: string;
  readonly port: number;
}

/** undefined where a rule more does not allow exactly this; never rejects for what a profile says */
export async function proposedConnection(
  { profile, rules, host: asked, port }: AskedConnection,
  world: Pick<World, 'sources' | 'profiles'>,
): Promise<ProposedChange | undefined> {
  const canonical = canonicalHost(asked);
  if (!canonical.ok) return undefined;
  const { host } = canonical;
  const open = (among: NetworkRules, wanted: number): boolean => judgeConnection({ host, port: wanted }, among).decision === 'allow';
  // A rule narrows its host to what the host's rules say, so it names what was open before as well.
  const candidates = [...new Set([...rules.allowedPorts, ...rules.allowed.flatMap(({ ports }) => ports ?? [])])];
  const ports = [...candidates.filter((other) => other !== port && open(rules, other)), port].toSorted((a, b) => a - b);
  return await proposeChange(
    {
      profile,
      edit: (text) =>
        `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}\n[[network.rules]]\nhost = ${valueText(host)}\nports = [${ports.join(', ')}]\n`,
      holds: (changed) => {
        const after = networkRulesOf(changed, world.sources.hostGroups);
        return ports.every((one) => open(after, one));
      },
    },
    world,
  );
}
