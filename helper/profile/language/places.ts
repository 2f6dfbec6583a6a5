/** Which places of a profile hold hosts, commands, ports … : what the schema's types do not tell. Data and plain questions about it. */
import { shapeAt } from '../../protocol/profile/shape.ts';
import type { KeyPath } from '../key-path.ts';
import { assumedTree, type Tree } from '../tree.ts';
import { treeAt } from './draft.ts';
import { inheritedAt, type Reading } from './reading.ts';

/** `*` is any one step */
const hostPlaces = ['network.allowed_domains', 'network.blocked_domains', 'network.rules.*.host', 'secrets.*.hosts'];
const commandLists = ['whitelist', 'blacklist', 'observe_whitelist', 'assist_whitelist', 'workspace_only'].map((key) => `commands.${key}`);
const portLists = ['network.allowed_ports', 'network.blocked_ports', 'network.rules.*.ports'];

export const isHostPlace = (path: KeyPath): boolean => matches(path, hostPlaces);
export const isCommandList = (path: KeyPath): boolean => matches(path, commandLists);
export const isPortList = (path: KeyPath): boolean => matches(path, portLists);
export const isMethodList = (path: KeyPath): boolean => matches(path, ['network.rules.*.methods']);
export const isSecretSource = (path: KeyPath): boolean => matches(path, ['secrets.*.from']);
export const isVariableName = (path: KeyPath): boolean => matches(path, ['agent_auth.github_token_env', 'agent_auth.opencode_api_key_env']);
/** the maps whose keys are names of commands */
export const isCommandMap = (path: KeyPath): boolean =>
  matches(path, ['commands.blocked_args', 'commands.ask_args', 'commands.ask_except']);

/** The list as it would be if this file did not mention it: inherited, or else the default; undefined where it would be empty. */
export function standingList(reading: Pick<Reading, 'base' | 'draft'>, list: KeyPath): Tree | undefined {
  const inherited = inheritedAt(reading, list);
  if (inherited !== undefined) return inherited;
  const { default: value } = shapeAt(list) ?? {};
  return value === undefined ? undefined : assumedTree(value, (treeAt(reading.draft, list) ?? reading.draft).origin);
}

function matches(path: KeyPath, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => {
    const steps = pattern.split('.');
    return steps.length === path.length && steps.every((step, index) => step === '*' || step === path[index]);
  });
}
