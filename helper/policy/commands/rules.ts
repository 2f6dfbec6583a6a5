/** What a profile says about commands, in the form the gate reads. Rules know their key path, so that a verdict can name them. */
import type { Profile, ProfileMode } from '../../protocol/profile/profile.ts';

export interface CommandRules {
  readonly mode: ProfileMode;
  readonly list: 'whitelist' | 'blacklist';
  readonly whitelist: readonly string[];
  readonly blacklist: readonly string[];
  readonly observeWhitelist: readonly string[];
  readonly assistWhitelist: readonly string[];
  /** commands judged by what they would touch */
  readonly workspaceOnly: readonly string[];
  /** program → arguments that are refused, as the profile words them */
  readonly blockedArguments: ReadonlyMap<string, readonly string[]>;
  /** program → arguments a person is asked about, worded alike; `*` is any use */
  readonly askedArguments: ReadonlyMap<string, readonly string[]>;
  /** program → whole argument lists nobody is asked about */
  readonly unaskedArguments: ReadonlyMap<string, readonly string[]>;
  readonly shellOperators: boolean;
  /** what becomes of a text that does not tell what it runs */
  readonly undecided: 'exec' | 'deny';
  /** whether old contents kept by git stay hidden */
  readonly hidesGitHistory: boolean;
  /** files of the workspace a command may not change, as in `.gitignore` */
  readonly guarded: readonly string[];
}

export function commandRulesOf(profile: Profile): CommandRules {
  const { commands } = profile;
  return {
    mode: profile.mode,
    list: commands.mode,
    whitelist: commands.whitelist,
    blacklist: commands.blacklist,
    observeWhitelist: commands.observe_whitelist,
    assistWhitelist: commands.assist_whitelist,
    workspaceOnly: commands.workspace_only,
    blockedArguments: new Map(Object.entries(commands.blocked_args)),
    askedArguments: new Map(Object.entries(commands.ask_args)),
    unaskedArguments: new Map(Object.entries(commands.ask_except)),
    shellOperators: commands.allow_shell_operators,
    undecided: commands.undecided,
    hidesGitHistory: profile.git_access.block_git_history_content,
    guarded: profile.workspace.guarded,
  };
}
