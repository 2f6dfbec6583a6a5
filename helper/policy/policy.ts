/** What a profile means for one sandbox: limits, isolation, environment and times, in the units of mechanisms. Pure and total. */
import type { Profile, ProfileMode } from '../protocol/profile/profile.ts';
import type { Isolation } from '../protocol/sandbox.ts';
import { type CommandRules, commandRulesOf } from './commands/rules.ts';
import { type FileRules, fileRulesOf } from './files/rules.ts';
import { type HostGroups, type NetworkRules, networkRulesOf } from './network/rules.ts';
import { type SecretRule, secretRulesOf } from './secrets.ts';

export interface PolicyLimits {
  readonly memoryBytes: number;
  /** share of all processors of the machine together, above 0 and up to 1; a backend multiplies it by their number */
  readonly cpuShare: number;
  /** processes and threads */
  readonly pids: number;
  /** open files of one process */
  readonly openFiles: number;
  readonly fileSizeBytes: number;
  /** size of /tmp */
  readonly temporaryBytes: number;
  /** size of /home/agent */
  readonly homeBytes: number;
}

export interface Policy {
  /** `digest`: SHA-256 of the effective profile, hex */
  readonly profile: { readonly name: string; readonly digest?: string };
  readonly isolation: Isolation;
  /** recorded with the sandbox */
  readonly mode: ProfileMode;
  readonly limits: PolicyLimits;
  /** what happens where a limit cannot be enforced: refuse the start, or start and say so */
  readonly enforcement: 'required' | 'preferred';
  /** whether the agent may change the workspace; a copy to be reviewed is given as one that cannot be changed */
  readonly workspaceWritable: boolean;
  /** the profile's own variables; `sandboxEnvironment` makes the whole environment */
  readonly environment: Readonly<Record<string, string>>;
  /** time limit of one command where none is given; null is none */
  readonly commandTimeoutMs: number | null;
  /** whether every program start must be judged: refuse to start where the kernel does not tell, start and say so, or do without */
  readonly execGate: 'required' | 'preferred' | 'off';
  /** how long a person is waited for, in milliseconds; 0 asks nobody */
  readonly approvalTimeoutMs: number;
  /** the yeses a person may give, shortest first */
  readonly approvalAnswers: readonly ('once' | 'session' | 'always')[];
  readonly commands: CommandRules;
  readonly files: FileRules;
  readonly network: NetworkRules;
  /** name servers to ask on the host; none: its own way */
  readonly nameServers: readonly string[];
  /** secrets it may use without holding them */
  readonly secrets: readonly SecretRule[];
  /** what agents are told in words, besides what the rest of the policy says; no boundary */
  readonly rules: readonly SpokenRule[];
}

export interface SpokenRule {
  readonly id: string;
  readonly text: string;
  readonly severity: Profile['guardrails']['rules'][number]['severity'];
}

const bytesInMegabyte = 1024 * 1024;

/**
 * The policy of a profile. Never throws.
 * @param groups hosts of the groups a profile may name
 */
export function policyOf(profile: Profile, groups: HostGroups, digest?: string): Policy {
  const { resources, filesystem, commands } = profile;
  return {
    profile: { name: profile.name, ...(digest === undefined ? {} : { digest }) },
    isolation: profile.isolation,
    mode: profile.mode,
    limits: {
      memoryBytes: resources.max_memory_mb * bytesInMegabyte,
      cpuShare: resources.max_cpu_percent / 100,
      pids: resources.max_pids,
      openFiles: resources.max_open_files,
      fileSizeBytes: resources.max_file_size_mb * bytesInMegabyte,
      temporaryBytes: filesystem.temp_dir_mb * bytesInMegabyte,
      homeBytes: filesystem.home_dir_mb * bytesInMegabyte,
    },
    enforcement: resources.enforcement,
    workspaceWritable: profile.workspace.mode === 'read-write',
    environment: { ...profile.extra_env },
    commandTimeoutMs: commands.max_execution_seconds === 0 ? null : commands.max_execution_seconds * 1000,
    execGate: profile.exec_gate,
    approvalTimeoutMs: profile.approvals.timeout_seconds * 1000,
    approvalAnswers: (['once', 'session', 'always'] as const).slice(
      0,
      ['once', 'session', 'always'].indexOf(profile.approvals.longest) + 1,
    ),
    commands: commandRulesOf(profile),
    files: fileRulesOf(profile),
    network: networkRulesOf(profile, groups),
    nameServers: profile.network.dns_servers,
    secrets: secretRulesOf(profile, groups),
    rules: spokenRulesOf(profile),
  };
}

/** `enforce = false` says that nobody is told any. */
function spokenRulesOf({ guardrails }: Profile): readonly SpokenRule[] {
  if (!guardrails.enforce) return [];
  return guardrails.rules.filter(({ enabled }) => enabled).map(({ id, description, severity }) => ({ id, text: description, severity }));
}
