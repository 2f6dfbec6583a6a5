/**
 * What a lasting yes would change: the text of a profile that no longer asks about exactly this command. Proposes and never
 * writes; a profile of the user's own is changed, any other gets one that builds on it. No proposal is offered unless it was
 * tried and does what it says.
 */
import { basename } from 'node:path';
import { judgeProgram } from '../policy/commands/judge.ts';
import { commandRulesOf } from '../policy/commands/rules.ts';
import { checkProfile } from '../profile/check.ts';
import { valueText } from '../profile/effective-text.ts';
import { withException } from '../profile/exception.ts';
import { findProfile, profileNames } from '../profile/lookup.ts';
import type { ProposedChange } from '../protocol/approval.ts';
import type { ProfileMode } from '../protocol/profile/profile.ts';
import type { World } from './world.ts';

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
  { sources, profiles }: Pick<World, 'sources' | 'profiles'>,
): Promise<ProposedChange | undefined> {
  const program = basename(file);
  const words = args.join(' ');
  // What an exception cannot name word by word it cannot mean.
  if (args.length === 0 || words.length > lengthLimit || args.some((word) => word === '' || /[\s\p{C}]/u.test(word))) return undefined;
  const found = await findProfile(profile, sources);
  if (found === undefined) return undefined;
  const own = found.source === 'user' && found.file === profiles.fileOf(profile);
  const name = own ? profile : await freeName(profile, sources);
  if (name === undefined) return undefined;
  const before = own ? found.text : '';
  const base = found.source === 'file' ? found.file : profile;
  const start = own ? found.text : beginning(name, base);
  const after = withException(start, program, words);
  if (after === undefined) return undefined;
  const target = profiles.fileOf(name);
  const check = await checkProfile({ file: target, text: after }, sources);
  if (check.profile === undefined) return undefined;
  const verdict = judgeProgram([file, ...args], { ...commandRulesOf(check.profile), mode });
  return verdict.decision === 'ask' || verdict.decision === 'deny' ? undefined : { profile: name, file: target, before, after };
}

const beginning = (name: string, base: string): string =>
  `# Like ${valueText(base)}, without some of its questions.\nname = ${valueText(name)}\nextends = ${valueText(base)}\n`;

async function freeName(reference: string, sources: World['sources']): Promise<string | undefined> {
  const stem = `my-${basename(reference).replace(/(\.lasso)?\.toml$/, '')}`
    .toLowerCase()
    .replace(/[^a-z0-9-]/g, '-')
    .slice(0, 50);
  const taken = new Set(await profileNames(sources));
  return [stem, ...Array.from({ length: 8 }, (_, index) => `${stem}-${index + 2}`)].find((name) => !taken.has(name));
}
