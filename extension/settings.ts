/** The user's settings. All have application scope: what a workspace says about them is ignored by VS Code itself. */
import * as vscode from 'vscode';
import type { BackendName, Isolation } from '../helper/protocol/sandbox.ts';
import type { SettingValues } from '../helper/protocol/settings.ts';

export interface Settings {
  /** profile of new sandboxes, or undefined to ask */
  readonly defaultProfile: string | undefined;
  /** undefined: the first that works */
  readonly backend: BackendName | undefined;
  /** undefined: what the profile says */
  readonly isolation: Isolation | undefined;
  /** what becomes of a sandbox when its last terminal in this window is closed */
  readonly onClose: SettingValues['lasso.terminal.onClose'];
  /** whether agent mode is offered LASSO's tools */
  readonly tools: boolean;
}

export function readSettings(): Settings {
  const section = vscode.workspace.getConfiguration('lasso');
  const text = (key: SettingName): string => section.get<string>(key, '');
  const profile = text('defaultProfile').trim();
  return {
    defaultProfile: profile === '' ? undefined : profile,
    backend: oneOf(['docker', 'podman', 'bubblewrap'] as const, text('backend')),
    isolation: oneOf(['container', 'gvisor', 'kata'] as const, text('isolation')),
    tools: section.get<boolean>('mcp.enabled' satisfies SettingName, true),
    onClose: oneOf(['keep', 'stop'] as const, text('terminal.onClose')) ?? 'keep',
  };
}

type SettingName = keyof SettingValues extends `lasso.${infer Name}` ? Name : never;

const oneOf = <T extends string>(allowed: readonly T[], value: string): T | undefined => allowed.find((entry) => entry === value);
