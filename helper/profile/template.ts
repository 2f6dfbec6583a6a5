/** The text a profile of one's own begins with: short, and commented for a reader who decides what to change. */
import { valueText } from './effective-text.ts';

export interface TemplateFacts {
  readonly name: string;
  /** one sentence; empty for none */
  readonly description: string;
  /** profile it builds on: a name, or an absolute file */
  readonly base: string;
}

export function profileTemplate({ name, description, base }: TemplateFacts): string {
  return `# It says only what differs from the profile it builds on; \`lasso profile show ${name}\` shows all of it, and
# \`lasso why "COMMAND" -p ${name}\` says what it does with a command.
name = ${valueText(name)}
description = ${valueText(description)}
extends = ${valueText(base)}

# Take the "#" away from what you want. An item of a list is added to the inherited ones; "!item" takes one away, and "!*" in
# front of a list takes all inherited ones away.

# [network]
# allowed_domains = ["registry.corp.example", "!@openai"] # hosts that may be reached
# unlisted = "ask" # a person is asked about any other host

# [commands]
# blacklist = ["terraform"] # programs that may not run, in a profile of mode "blacklist"
# max_execution_seconds = 1800

# [commands.blocked_args]
# git = ["push"] # arguments that are refused

# [commands.ask_args]
# npm = ["publish"] # arguments a person is asked about first

# [workspace]
# hidden = ["secrets/"] # files the agent cannot see
# readonly = ["infra/"] # files it sees and cannot change

# [resources]
# max_memory_mb = 4096
`;
}
