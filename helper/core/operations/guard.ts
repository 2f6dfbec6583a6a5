/**
 * The verb behind hooks of agents on this machine: whether a tool may be used, as the profile of the folder says. Nothing here is a
 * boundary, and nothing is recorded, since no sandbox is involved; what cannot be told is a no.
 */
import { basename, dirname, join, resolve } from 'node:path';
import { toolUseOf } from '../../agents/asked/payload.ts';
import type { CommandPlace } from '../../policy/commands/judge.ts';
import { policyOf } from '../../policy/policy.ts';
import { judgeTool, severest, type ToolQuestion } from '../../policy/tools.ts';
import type { Verdict } from '../../protocol/verdict.ts';
import { originText } from '../gating/gating.ts';
import { refusedTool } from '../gating/refused-tool.ts';
import { reallyAt, toldFolder, type ToldFolder } from '../gating/told-folder.ts';
import type { EffectiveProfile } from '../profiles/effective.ts';
import type { World } from '../world.ts';
import type { OperationHandlers } from './contract.ts';
import { profileFor } from './profiles.ts';

type Places = Pick<World, 'sources' | 'folders' | 'settings' | 'host'>;

export function guardOperations(world: Places): Pick<OperationHandlers, 'guardAsk'> {
  return {
    guardAsk: async ({ dir, profile: reference, payload }) => {
      const told = await toldFolder(dir ?? world.host.home, world.host.platform);
      const place = await placeOn(world.host, told.folder);
      const { tool, questions } = toolUseOf(payload);
      const asked = await Promise.all(questions.map((question) => followed(question, told.folder, world.host)));
      for (const { profile, origins } of await profilesOf(told, reference, world)) {
        const policy = policyOf(profile, world.sources.hostGroups);
        const verdict = severest(asked.map((question) => judgeTool(question, policy, place)));
        if (isYes(verdict)) continue;
        const origin = verdict.rule === undefined ? undefined : origins.get(verdict.rule);
        return { allow: false, reason: refusedTool(tool, verdict, origin === undefined ? verdict.rule : originText(origin)) };
      }
      return { allow: true, reason: '' };
    },
  };
}

/** What a text does not tell is a yes here as everywhere; nobody can be asked, since the agent's own prompt is no person of ours. */
const isYes = ({ decision }: Verdict): boolean => decision === 'allow' || decision === 'exec';

/**
 * The profiles that all have to say yes: the one that was named, else the usual one and the one the folder's agents were told.
 * @throws LassoError UNKNOWN_PROFILE, BAD_PROFILE
 */
async function profilesOf(told: ToldFolder, reference: string | undefined, world: Places): Promise<readonly EffectiveProfile[]> {
  const first = await profileFor({ reference, dir: told.folder }, world);
  if (reference !== undefined || told.profile === undefined || told.profile === first.profile.name) return [first];
  // One that this user does not have cannot make anything stricter.
  const second = await profileFor({ reference: told.profile, dir: told.folder }, world).catch(() => undefined);
  return second === undefined ? [first] : [first, second];
}

/** The folder and what surrounds it, without links: what is judged has none either. */
async function placeOn({ home, temporary, platform }: World['host'], folder: string): Promise<CommandPlace> {
  const [ownHome = home, ...mounts] = await Promise.all([home, '/tmp', temporary].map(reallyAt));
  const workspace = slashed(folder, platform);
  const others = mounts.filter((mount) => mount !== '/tmp').map((mount) => slashed(mount, platform));
  return { workspace, cwd: workspace, home: slashed(ownHome, platform), mounts: others };
}

/** As policy has paths: `C:\work` is `/C:/work`. */
const slashed = (path: string, platform: NodeJS.Platform): string => (platform === 'win32' ? `/${path.replaceAll('\\', '/')}` : path);

/** The same question about where its files really are, and by the names they go by: a link may lead anywhere. */
async function followed(question: ToolQuestion, folder: string, { home, platform }: World['host']): Promise<ToolQuestion> {
  if (question.kind !== 'read' && question.kind !== 'write') return question;
  const paths = await Promise.all(
    question.paths.map(async (path) => {
      if (path.includes('\0')) return [path];
      const whole = resolve(folder, path === '~' || path.startsWith('~/') ? home + path.slice(1) : path);
      const both = [join(await reallyAt(dirname(whole)), basename(whole)), await reallyAt(whole)];
      return both.map((one) => slashed(one, platform));
    }),
  );
  return { kind: question.kind, paths: [...new Set(paths.flat())] };
}
