/** The rules of commands as they are now, and the folders they speak of: a mode may have been changed since a sandbox was started. */
import type { CommandRules } from '../policy/commands/rules.ts';
import type { CommandPlace } from '../policy/commands/judge.ts';
import type { Policy } from '../policy/policy.ts';
import { guestPaths } from '../protocol/guest.ts';
import type { SavedSandbox } from './state.ts';

export function rulesNow({ mode }: Pick<SavedSandbox, 'mode'>, policy: Policy): CommandRules {
  return { ...policy.commands, mode: mode ?? policy.mode };
}

/** Folders of a sandbox as commands see them. What a person mounted to be written may be, like the workspace. */
export function placeOf({ mounts }: Pick<SavedSandbox, 'mounts'>, cwd: string = guestPaths.workspace): CommandPlace {
  const writable = mounts.filter(({ readonly }) => !readonly).map(({ target }) => target);
  return { workspace: guestPaths.workspace, cwd, home: guestPaths.home, mounts: writable };
}
