/** Opens the line a rule was written in, from what the helper calls it: `standard.toml:16`. */
import path from 'node:path';
import type { SandboxInfo } from '../../helper/protocol/sandbox.ts';
import type { Context } from '../context.ts';
import { Failure } from '../failure.ts';
import { visible } from '../visible.ts';
import { openFile } from './open.ts';
import { baseName } from './values.ts';

/**
 * The address of the document. Only files of profiles that the helper names are opened, whatever the text says.
 * @param sandbox id of the one it was said in; its own profile comes first
 * @throws Failure when no such profile is known
 */
export async function openRule(context: Context, origin: string, sandbox?: string): Promise<string> {
  const [, name = '', line = '1'] = /^(.{1,300}):(\d{1,7})$/.exec(origin) ?? [];
  const info = sandbox === undefined ? undefined : context.sandboxes.get(sandbox);
  const file = (info && (await filesOf(context, info)).find((each) => baseName(each) === name)) ?? (await knownFile(context, name));
  if (file === undefined) {
    throw new Failure(`No profile known here is ${visible(name)}.`, {
      hint: 'Look for it in the view “Profiles”, or in the folder of the sandbox.',
    });
  }
  return (await openFile(file, Number(line))).document.uri.toString();
}

/** What the sandbox's profile was read from: what the folder brings is laid over it, so that comes first. */
async function filesOf({ helper, log }: Context, { profile, workspace }: SandboxInfo): Promise<readonly string[]> {
  try {
    const { files } = await helper.request('profileShow', { profile, dir: workspace });
    return [...files, path.join(workspace, '.lasso', 'profile.toml')];
  } catch (error) {
    log.debug(`files of ${profile}: ${String(error)}`);
    return [];
  }
}

async function knownFile({ profiles }: Context, name: string): Promise<string | undefined> {
  const find = (): string | undefined => profiles.all.find(({ file }) => baseName(file) === name)?.file;
  const known = find();
  if (known !== undefined) return known;
  await profiles.load();
  return find();
}
