/** Two profiles held together, for tests: a user's, and what a workspace says. */
import assert from 'node:assert/strict';
import type { HostGroups } from '../../helper/policy/network/rules.ts';
import { checkProfile } from '../../helper/profile/check.ts';
import { loadProfile } from '../../helper/profile/load.ts';
import { type Tightened, type TightenBase, tighten } from '../../helper/profile/tighten/tighten.ts';
import { memorySources } from './profile-sources.ts';

export const groups: HostGroups = {
  pair: [{ host: 'one.pair.test' }, { host: 'two.pair.test' }],
  mirror: [{ host: 'one.mirror.test', ports: [8443] }, { host: 'two.mirror.test' }],
};

const userFile = '/user/base.toml';
const workspaceFile = '/work/.lasso/profile.toml';

/** @param base text of the user's profile, without its name */
export async function baseOf(base: string): Promise<TightenBase> {
  return await loadProfile('base', { ...memorySources({ [userFile]: `name = "base"\n${base}` }), hostGroups: groups });
}

/** @param said text of the workspace's profile, without its name */
export async function tightened(base: TightenBase, said: string): Promise<Tightened> {
  const text = `name = "own"\n${said}`;
  const check = await checkProfile({ file: workspaceFile, text }, { ...memorySources({ [workspaceFile]: text }), hostGroups: groups });
  assert.ok(check.profile && check.tree, JSON.stringify(check.findings));
  const owns = (file: string): boolean => file === workspaceFile;
  return tighten(base, { profile: check.profile, tree: check.tree, files: check.files, owns }, groups);
}

export async function held(base: string, said: string): Promise<Tightened> {
  return await tightened(await baseOf(base), said);
}
