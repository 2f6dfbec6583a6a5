/** What a lasting yes to a command would change: a profile that no longer asks about exactly this command. Never writes. */
import { basename } from 'node:path';
import { judgeProgram } from '../../policy/commands/judge.ts';
import { commandRulesOf } from '../../policy/commands/rules.ts';
import { withException } from '../../profile/exception.ts';
import type { ProposedChange } from '../../protocol/approval.ts';
import type { ProfileMode } from '../../protocol/profile/profile.ts';
import { proposeChange } from '../profiles/change.ts';
import type { World } from '../world.ts';

export interface AskedCommand {
  /** how the sandbox's profile is found: a name, or an absolute file */
  readonly profile: string;
  /** as it is now: a mode of its own may stand above that of the profile */
  readonly mode: ProfileMode;
  /** file of the program, links resolved; hostile */
  readonly file: string;
  /** its arguments without the program; hostile */
  readonly args: readonly string[];
}

const lengthLimit = 1000;

/** undefined where no change of a profile means exactly this command; never rejects for what a profile says */
export async function proposedChange(
  { profile, mode, file, args }: AskedCommand,
  world: Pick<World, 'sources' | 'profiles'>,
): Promise<ProposedChange | undefined> {
  const words = args.join(' ');
  // What an exception cannot name word by word it cannot mean.
  if (args.length === 0 || words.length > lengthLimit || args.some((word) => word === '' || /[\s\p{C}]/u.test(word))) return undefined;
  const holds = ({ decision }: { readonly decision: string }): boolean => decision !== 'ask' && decision !== 'deny';
  return await proposeChange(
    {
      profile,
      edit: (text) => withException(text, basename(file), words),
      holds: (changed) => holds(judgeProgram([file, ...args], { ...commandRulesOf(changed), mode })),
    },
    world,
  );
}
