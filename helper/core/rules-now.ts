/** The rules of commands as they are now: a mode may have been changed since a sandbox was started. */
import type { CommandRules } from '../policy/commands/rules.ts';
import type { Policy } from '../policy/policy.ts';
import type { SavedSandbox } from './state.ts';

export function rulesNow({ mode }: Pick<SavedSandbox, 'mode'>, policy: Policy): CommandRules {
  return { ...policy.commands, mode: mode ?? policy.mode };
}
