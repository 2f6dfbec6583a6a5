/** What a profile says, digested once for all dialects. Pure; it knows hosts and patterns, never a secret. */

export interface ArgumentRule {
  readonly program: string;
  /** as the profile words it, `push --force`; empty: any use */
  readonly words: string;
  /** key path in the profile, `commands.blocked_args.git[0]` */
  readonly rule: string;
}

export interface Brief {
  readonly profile: { readonly name: string; readonly digest: string; readonly mode: 'observe' | 'assist' | 'autonomous' };
  readonly commands: {
    readonly denied: readonly string[];
    readonly deniedArguments: readonly ArgumentRule[];
    readonly asked: readonly ArgumentRule[];
    /** null: whatever is not denied */
    readonly allowed: readonly string[] | null;
    /** programs that are judged by what they would touch */
    readonly workspaceOnly: readonly string[];
    readonly operators: boolean;
  };
  readonly files: {
    readonly writable: boolean;
    /** patterns as in .gitignore */
    readonly hidden: readonly string[];
    readonly readonly: readonly string[];
    readonly guarded: readonly string[];
  };
  readonly network: {
    readonly mode: 'none' | 'restricted' | 'full';
    /** host patterns, groups spelled out */
    readonly allowed: readonly string[];
    readonly blocked: readonly string[];
    /** key paths of rules that say more than a host: a method, a path, a port, a question */
    readonly finer: readonly string[];
    /** whether a person is asked about hosts nobody listed */
    readonly asksUnlisted: boolean;
    /** groups all of whose hosts are allowed, without their “@” */
    readonly groups: readonly string[];
  };
  /** what the agent is told in words */
  readonly rules: readonly { readonly id: string; readonly text: string; readonly severity: 'info' | 'warning' | 'error' | 'critical' }[];
}
