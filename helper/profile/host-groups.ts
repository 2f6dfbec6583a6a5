/** Hosts by the name a profile gives them: the data file beside the built-in profiles, with the user's own mirrors in their place. */
import { z } from 'zod';
import type { GroupHost, HostGroups } from '../policy/network/rules.ts';
import { parseText } from './parse.ts';

const groups = z.record(z.string().regex(/^[a-z0-9][a-z0-9-]*$/), z.array(z.string().min(1)));

/**
 * @param text the data file, TOML: a group's name and its hosts
 * @param mirrors group → hosts that are used instead of the public ones
 * @throws Error when the data file, which is ours, is not as it must be
 */
export function hostGroupsOf(text: string, file: string, mirrors: HostGroups): HostGroups {
  const parsed = parseText(text, file);
  if (!parsed.ok) throw new Error(`${file}: ${parsed.finding.message}`);
  const named = Object.entries(groups.parse(parsed.raw));
  return Object.fromEntries(
    named.map(([name, hosts]): [string, readonly GroupHost[]] => [name, mirrors[name] ?? hosts.map((host) => ({ host }))]),
  );
}
