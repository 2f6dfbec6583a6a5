/**
 * The verb behind hooks of agents on this machine: whether a tool may be used, as the profile of the folder says. Nothing here is a
 * boundary, and nothing is recorded, since no sandbox is involved; what cannot be told is a no.
 */
import { realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { toolUseOf } from '../../agents/payload.ts';
import type { CommandPlace } from '../../policy/commands/judge.ts';
import { policyOf } from '../../policy/policy.ts';
import { judgeTool, severest, type ToolQuestion } from '../../policy/tools.ts';
import { refusedTool } from '../gating/refused-tool.ts';
import { originText } from '../gating/gating.ts';
import type { World } from '../world.ts';
import type { OperationHandlers } from './contract.ts';
import { profileFor } from './profiles.ts';

type Places = Pick<World, 'sources' | 'folders' | 'settings' | 'host'>;

export function guardOperations(world: Places): Pick<OperationHandlers, 'guardAsk'> {
  return {
    guardAsk: async ({ dir, profile: reference, payload }) => {
      const place = await placeOn(world.host, dir);
      const { profile, origins } = await profileFor({ reference, dir: place.workspace }, world);
      const policy = policyOf(profile, world.sources.hostGroups);
      const { tool, questions } = toolUseOf(payload);
      const all = await Promise.all(questions.map((question) => followed(question, place.workspace)));
      const verdict = severest(all.map((question) => judgeTool(question, policy, place)));
      if (verdict.decision === 'allow' || verdict.decision === 'exec') return { allow: true, reason: '' };
      const origin = verdict.rule === undefined ? undefined : origins.get(verdict.rule);
      return { allow: false, reason: refusedTool(tool, verdict, origin === undefined ? verdict.rule : originText(origin)) };
    },
  };
}

/** The folder and what surrounds it, without links: what is judged has none either. */
async function placeOn({ home, temporary }: World['host'], dir: string | undefined): Promise<CommandPlace> {
  const [workspace, ownHome, ...mounts] = await Promise.all([dir ?? home, home, '/tmp', temporary].map(reallyAt));
  return {
    workspace: workspace ?? home,
    cwd: workspace ?? home,
    home: ownHome ?? home,
    mounts: mounts.filter((folder) => folder !== '/tmp'),
  };
}

/** The same question about where its files really are, and by the names they go by: a link may lead anywhere. */
async function followed(question: ToolQuestion, workspace: string): Promise<ToolQuestion> {
  if (question.kind !== 'read' && question.kind !== 'write') return question;
  const paths = await Promise.all(
    question.paths.map(async (path) => {
      if (path.startsWith('~')) return [path];
      const whole = resolve(workspace, path);
      return [join(await reallyAt(dirname(whole)), basename(whole)), await reallyAt(whole)];
    }),
  );
  return { kind: question.kind, paths: [...new Set(paths.flat())] };
}

/** Without links, as far as it exists. */
async function reallyAt(path: string): Promise<string> {
  const above = dirname(path);
  return await realpath(path).catch(async () => (above === path ? path : join(await reallyAt(above), basename(path))));
}
