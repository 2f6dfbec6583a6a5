/** “Change Mode…”: how much an agent may do by itself, changed at once in a sandbox that runs. */
import * as vscode from 'vscode';
import type { SandboxInfo } from '../../helper/protocol/sandbox.ts';
import type { Action } from '../actions.ts';
import type { Context } from '../context.ts';
import { requestInView } from '../work.ts';
import { chooseSandbox } from './choose.ts';
import { isLive } from './list.ts';

export type Mode = NonNullable<SandboxInfo['mode']>;

export const modeMeanings: Readonly<Record<Mode, string>> = {
  observe: 'It only looks: what the profile lists for observing runs, nothing else.',
  assist: 'It helps: what the profile lists for assisting runs, nothing else.',
  autonomous: 'It works by itself, within the rules of the profile.',
};

const modes: readonly Mode[] = ['observe', 'assist', 'autonomous'];

export function changeMode(context: Context): Action {
  return async (argument) => {
    const sandbox = await chooseSandbox(context, argument, 'Change a Sandbox’s Mode', isLive);
    if (!sandbox) return undefined;
    const items = modes.map((mode) => ({
      label: mode,
      description: mode === sandbox.mode ? 'now' : '',
      detail: modeMeanings[mode],
      mode,
    }));
    const options = { title: `Mode of ${sandbox.name}`, placeHolder: 'How much may an agent do by itself?' };
    const picked = await vscode.window.showQuickPick(items, options);
    if (!picked || picked.mode === sandbox.mode) return picked?.mode;
    context.sandboxes.add(await requestInView(context, 'mode', { sandbox: sandbox.id, mode: picked.mode }));
    return picked.mode;
  };
}
