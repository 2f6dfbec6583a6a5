/**
 * How each key of a profile tightens, as data: one row a key, and a key without a row is refused. Nothing that could give an
 * agent more (a mount, a secret, a host, a variable, an option of the engine) has any row but `forbidden`.
 */

export type Row =
  /** speaks of the file it stands in, and is not looked at */
  | { readonly how: 'own' }
  /** may not be said by a workspace, unless it changes nothing; `unless` only takes away */
  | { readonly how: 'forbidden'; readonly why: string; readonly unless?: boolean }
  /** the smaller number; `unlimited` is the one that means no limit */
  | { readonly how: 'minimum'; readonly unlimited?: number }
  /** the stronger choice */
  | { readonly how: 'strongest'; readonly order: readonly (string | boolean)[] }
  /** what either forbids */
  | { readonly how: 'union'; readonly by?: 'program' | 'id' }
  /** what both allow */
  | { readonly how: 'intersection'; readonly of: 'programs' | 'ranges' | 'repositories' }
  /** decided with its neighbours */
  | { readonly how: 'together'; readonly with: 'commands' | 'network' };

const own: Row = { how: 'own' };
const minimum: Row = { how: 'minimum' };
const union: Row = { how: 'union' };
const commands: Row = { how: 'together', with: 'commands' };
const network: Row = { how: 'together', with: 'network' };
/** weakest first */
const strongest = (...order: (string | boolean)[]): Row => ({ how: 'strongest', order });
const forbidden = (why: string): Row => ({ how: 'forbidden', why });

const folders = 'which folders a sandbox has is yours to say';
const record = 'where and how the record is kept is yours to say';
const accounts = 'which accounts an agent may use is yours to say';
const instructions = 'a file of your machine is yours to name';

/** by key path; a map or a list of tables is one key */
export const rows: Readonly<Record<string, Row>> = {
  name: own,
  description: own,
  version: own,
  extends: own,
  profile_version: own,
  created_at: own,
  updated_at: own,
  tags: own,
  lasso_metadata: own,
  mode: strongest('autonomous', 'assist', 'observe'),
  isolation: strongest('container', 'gvisor', 'kata'),
  exec_gate: strongest('off', 'preferred', 'required'),
  docker_from_docker: { how: 'forbidden', why: 'options of the engine are yours to set', unless: false },
  extra_env: forbidden('variables of a sandbox are yours to set'),
  secrets: forbidden('secrets are yours to give'),

  'workspace.mode': strongest('read-write', 'review', 'read-only'),
  'workspace.target': forbidden(folders),
  'workspace.hidden': union,
  'workspace.readonly': union,
  'workspace.guarded': union,

  'filesystem.working_dir': forbidden(folders),
  'filesystem.read_only_paths': union,
  'filesystem.writable_paths': forbidden(folders),
  'filesystem.hidden_paths': union,
  'filesystem.max_disk_mb': minimum,
  'filesystem.temp_dir_mb': minimum,
  'filesystem.home_dir_mb': minimum,
  'filesystem.session_volume': forbidden(folders),
  'filesystem.session_volume_target': forbidden(folders),

  'commands.mode': commands,
  'commands.whitelist': commands,
  'commands.blacklist': commands,
  'commands.observe_whitelist': commands,
  'commands.assist_whitelist': { how: 'intersection', of: 'programs' },
  'commands.blocked_args': { how: 'union', by: 'program' },
  'commands.ask_args': { how: 'union', by: 'program' },
  'commands.ask_except': forbidden('what nobody is asked about is yours to say'),
  'commands.workspace_only': union,
  'commands.undecided': strongest('exec', 'deny'),
  'commands.allow_shell_operators': strongest(true, false),
  'commands.max_execution_seconds': { how: 'minimum', unlimited: 0 },

  'network.mode': network,
  'network.allowed_domains': network,
  'network.blocked_domains': union,
  'network.allowed_ports': network,
  'network.blocked_ports': union,
  'network.allowed_cidrs': { how: 'intersection', of: 'ranges' },
  'network.blocked_cidrs': union,
  'network.dns_servers': forbidden('name servers are yours to choose'),
  'network.unlisted': network,
  'network.rules': network,

  'approvals.timeout_seconds': minimum,
  'approvals.longest': strongest('always', 'session', 'once'),

  'resources.max_memory_mb': minimum,
  'resources.max_cpu_percent': minimum,
  'resources.max_pids': minimum,
  'resources.max_open_files': minimum,
  'resources.max_file_size_mb': minimum,
  'resources.enforcement': strongest('preferred', 'required'),

  'guardrails.agent_md_path': forbidden(instructions),
  'guardrails.enforce': strongest(false, true),
  'guardrails.rules': { how: 'union', by: 'id' },
  'guardrails.custom_rules_path': forbidden(instructions),

  'audit.enabled': strongest(false, true),
  'audit.log_dir': forbidden(record),
  'audit.log_format': forbidden(record),
  'audit.include_timestamps': strongest(false, true),
  'audit.include_command_output': strongest(false, true),
  'audit.include_file_diffs': strongest(false, true),
  'audit.durability': strongest('group', 'fsync'),
  // Smaller or fewer files would lose what an agent did.
  'audit.max_log_size_mb': forbidden(record),
  'audit.rotation_count': forbidden(record),
  'audit.sign_entries': strongest(false, true),
  'audit.signing_key_path': forbidden(record),
  'audit.syslog_address': forbidden(record),
  'audit.syslog_facility': forbidden(record),
  'audit.otlp_endpoint': forbidden(record),
  'audit.otlp_headers': forbidden(record),
  'audit.checkpoint_git': forbidden(record),
  'audit.checkpoint_git_push': forbidden(record),
  'audit.webhooks': forbidden(record),

  'git_access.allowed_repos': { how: 'intersection', of: 'repositories' },
  'git_access.access_mode': strongest('read-write', 'read'),
  'git_access.block_git_history_content': strongest(false, true),

  'agent_auth.github_token_env': forbidden(accounts),
  'agent_auth.opencode_provider': forbidden(accounts),
  'agent_auth.opencode_api_key_env': forbidden(accounts),
};
