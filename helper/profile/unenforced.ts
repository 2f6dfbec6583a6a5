/** Fields that are accepted and enforced by nothing, as data. Whoever enforces one takes it out of this table. */
import type { Finding } from '../protocol/finding.ts';
import { authorityVariables, proxyVariables } from '../protocol/profile/environment.ts';
import type { KeyPath } from './key-path.ts';
import type { Table, Tree } from './tree.ts';

const repositories = 'hosts and paths are judged, not repositories; [[network.rules]] can name the paths of one';
const words = 'agents are told [[guardrails.rules]], and no other file of instructions';
const proxy = 'programs find the sandbox’s own proxy, and the helper uses the one this machine’s HTTPS_PROXY names';
const trust = 'programs trust what this machine trusts, LASSO_CA_CERT, and the sandbox’s own authority';

/** path → what happens instead; `*` is every key of a table, and `=` a single value. What only older files have is deprecated and not listed here. */
export const unenforced: readonly (readonly [path: string, instead: string])[] = [
  ['extra_env.LASSO_EXTRA_MOUNTS', 'mounts are given at the start of a sandbox, by a person'],
  ['extra_env.LASSO_INJECT_GIT_IDENTITY', 'no git identity is passed on'],
  ['extra_env.LASSO_NO_AUTO_MOUNT', 'nothing is ever mounted by itself'],
  ...proxyVariables.map((name) => [`extra_env.${name}`, proxy] as const),
  ...authorityVariables.map((name) => [`extra_env.${name}`, trust] as const),
  ['workspace.mode=review', 'changes cannot be reviewed yet, so the folder is read-only'],
  ['workspace.target', 'the folder is always at /workspace'],
  ['filesystem.working_dir', 'the folder chosen at the start becomes /workspace'],
  ['filesystem.writable_paths', 'the workspace, /tmp and /home/agent can be written, and nothing else'],
  ['filesystem.hidden_paths', 'the sandbox has its own system folders, not the host’s; nothing more is hidden'],
  ['filesystem.max_disk_mb', 'the workspace has the room its disk has'],
  ['guardrails.agent_md_path', words],
  ['guardrails.custom_rules_path', words],
  ['git_access.allowed_repos', repositories],
  ['git_access.access_mode', repositories],
  ['agent_auth.*', 'no account is passed on by itself; a secret in [secrets] is'],
  ['lasso_metadata.config_hash', 'the stamp of LASSO 1.x is not compared'],
];

/** One remark for each such field that a file sets, at its key. */
export function unenforcedFindings(tree: Table): readonly Finding[] {
  return unenforced.flatMap(([path, instead]) =>
    matches(tree, path.split(/[.=]/), []).map(({ found, at }): Finding => ({
      severity: 'information',
      code: 'not-enforced',
      message: `${at.join('.')} is accepted but not enforced yet: ${instead}`,
      file: found.origin.file,
      path: [...at],
      range: found.origin.key,
    })),
  );
}

interface Match {
  readonly found: Tree;
  readonly at: KeyPath;
}

function matches(tree: Tree, [step, ...rest]: readonly string[], at: KeyPath): readonly Match[] {
  if (step === undefined) return [{ found: tree, at }];
  if (tree.kind === 'leaf') return tree.value === step ? [{ found: tree, at }] : [];
  if (tree.kind !== 'table') return [];
  return [...tree.entries].filter(([key]) => step === '*' || step === key).flatMap(([key, inner]) => matches(inner, rest, [...at, key]));
}
