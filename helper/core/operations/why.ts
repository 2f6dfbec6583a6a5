/** The verb that asks policy: what a profile does with one command or address, which rule decides, and where it was written. */
import { judgeCommand } from '../../policy/commands/judge.ts';
import { judgeUrl } from '../../policy/network/urls.ts';
import { policyOf } from '../../policy/policy.ts';
import { LassoError } from '../../protocol/errors.ts';
import type { OperationParams } from '../../protocol/operations.ts';
import type { Verdict } from '../../protocol/verdict.ts';
import { answeredLine, type BatchRules } from '../batch.ts';
import type { EffectiveProfile } from '../profiles/effective.ts';
import type { OperationHandlers } from './contract.ts';
import { profileFor, type ProfilePlaces } from './profiles.ts';

/** batches whose profile is kept; the oldest is read again */
const batchLimit = 8;

export function whyOperations(world: ProfilePlaces): Pick<OperationHandlers, 'why' | 'whyBatch'> {
  const batches = new Map<string, Promise<BatchRules>>();
  const rulesOf = ({ batch, profile, dir, mode }: OperationParams<'whyBatch'>): Promise<BatchRules> => {
    const found = batches.get(batch) ?? batchRules({ profile, dir, mode }, world);
    batches.set(batch, found);
    const [oldest] = batches.keys();
    if (oldest !== undefined && batches.size > batchLimit) batches.delete(oldest);
    // One that cannot be read now may be corrected and asked for again.
    found.catch(() => batches.delete(batch));
    return found;
  };
  return {
    whyBatch: async (params) => {
      const rules = await rulesOf(params);
      return { lines: params.lines.map((line) => answeredLine(line, rules)) };
    },
    why: async (params) => {
      const { command, url } = params;
      if ((command === undefined) === (url === undefined))
        throw new LassoError('BAD_REQUEST', 'Ask about one thing: a command, or an address with --url', 'Try `lasso why "git push"`.');
      const loaded = await profileFor({ reference: params.profile, dir: params.dir }, world);
      const { verdict, ...rest } = judged(params, loaded, world);
      const origin = verdict.rule === undefined ? undefined : loaded.origins.get(verdict.rule);
      return {
        profile: loaded.profile.name,
        mode: params.mode ?? loaded.profile.mode,
        verdict,
        ...(origin === undefined ? {} : { origin: { file: origin.file, line: origin.line } }),
        ...rest,
        // A gate that is only preferred may be absent; nothing leaves a sandbox but through the one door.
        enforced: url !== undefined || loaded.profile.exec_gate === 'required',
        notices: [...loaded.notices],
      };
    },
  };
}

async function batchRules(
  { profile: reference, dir, mode }: Pick<OperationParams<'whyBatch'>, 'profile' | 'dir' | 'mode'>,
  world: ProfilePlaces,
): Promise<BatchRules> {
  const { profile } = await profileFor({ reference, dir }, world);
  const { commands, network } = policyOf(profile, world.sources.hostGroups);
  return { commands: { ...commands, mode: mode ?? commands.mode }, network };
}

interface Judged {
  readonly verdict: Verdict;
  readonly programs: string[];
  readonly stages: { stage: string; text: string }[];
}

function judged({ command, url, method, mode }: OperationParams<'why'>, { profile }: EffectiveProfile, world: ProfilePlaces): Judged {
  const { commands, network } = policyOf(profile, world.sources.hostGroups);
  if (url !== undefined) return { verdict: judgeUrl(url, method, network), programs: [], stages: [] };
  const { verdict, programs, stages } = judgeCommand(command ?? '', { ...commands, mode: mode ?? commands.mode });
  return { verdict, programs: [...programs], stages: stages.map(({ stage, text }) => ({ stage, text })) };
}
