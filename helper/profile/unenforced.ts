/** Fields that are accepted and enforced by nothing, as data. Whoever enforces one takes it out of this table. */
import type { Finding } from '../protocol/finding.ts';
import type { KeyPath } from './key-path.ts';
import type { Table, Tree } from './tree.ts';

const gate = 'no command is refused yet';
const closed = 'nothing leaves the sandbox yet, whatever is written here';
const words = 'agents are told no rules yet';
const record = 'the record is always kept, signed and chained, in LASSO’s own folder';

/** path → what happens instead; `*` is every key of a table */
export const unenforced: readonly (readonly [path: string, instead: string])[] = [
  ['mode', 'it is recorded with the sandbox and restricts no command yet'],
  ['docker_from_docker', 'the container engine is never shared with a sandbox'],
  ['extra_env.LASSO_EXTRA_MOUNTS', 'mounts are given at the start of a sandbox, by a person'],
  ['extra_env.LASSO_INJECT_GIT_IDENTITY', 'no git identity is passed on'],
  ['extra_env.LASSO_NO_AUTO_MOUNT', 'nothing is ever mounted by itself'],
  ['filesystem.working_dir', 'the folder chosen at the start becomes /workspace'],
  ['filesystem.read_only_paths', 'the sandbox’s whole system is read-only'],
  ['filesystem.writable_paths', 'the workspace, /tmp and /home/agent can be written, and nothing else'],
  ['filesystem.hidden_paths', 'the sandbox has its own system folders, not the host’s; nothing more is hidden'],
  ['filesystem.max_disk_mb', 'the workspace has the room its disk has'],
  ['filesystem.session_volume', 'nothing but the workspace is kept between starts'],
  ['filesystem.session_volume_target', 'nothing but the workspace is kept between starts'],
  ['commands.mode', gate],
  ['commands.whitelist', gate],
  ['commands.blacklist', gate],
  ['commands.observe_whitelist', gate],
  ['commands.assist_whitelist', gate],
  ['commands.blocked_args', gate],
  ['commands.allow_shell_operators', gate],
  ['network.*', closed],
  ['guardrails.*', words],
  ['audit.*', record],
  ['git_access.*', closed],
  ['agent_auth.*', 'no account is passed on'],
  ['lasso_metadata.*', 'the stamp of an export is not compared yet'],
];

/** One remark for each such field that a file sets, at its key. */
export function unenforcedFindings(tree: Table): readonly Finding[] {
  return unenforced.flatMap(([path, instead]) =>
    matches(tree, path.split('.'), []).map(({ found, at }): Finding => ({
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
  if (tree.kind !== 'table') return [];
  return [...tree.entries].filter(([key]) => step === '*' || step === key).flatMap(([key, inner]) => matches(inner, rest, [...at, key]));
}
