/** Hosts by the name a profile gives them: the data file beside the built-in profiles. A user's mirrors take their place later. */
import { z } from 'zod';
import { canonicalPattern } from '../policy/network/hosts.ts';
import type { HostGroups } from '../policy/network/rules.ts';
import { parseText } from './parse.ts';

const host = z.string().refine((text) => canonicalPattern(text) === text, 'must be a host name in small letters, or "*.domain"');
const groups = z.record(z.string().regex(/^[a-z0-9][a-z0-9-]*$/), z.array(host).min(1));

/**
 * @param text the data file, TOML: a group's name and its hosts
 * @throws Error when the data file, which is ours, is not as it must be
 */
export function hostGroupsOf(text: string, file: string): HostGroups {
  const parsed = parseText(text, file);
  if (!parsed.ok) throw new Error(`${file}: ${parsed.finding.message}`);
  return Object.fromEntries(
    Object.entries(groups.parse(parsed.raw)).map(([name, hosts]) => [name, hosts.map((entry) => ({ host: entry }))]),
  );
}
