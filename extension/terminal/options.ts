/**
 * A terminal of VS Code that shows a terminal of a sandbox: a real process, so that VS Code brings it back after a reload
 * by itself. Closing it detaches; the sandbox's own terminal lives on.
 */
import * as vscode from 'vscode';
import type { Context } from '../context.ts';

export interface Target {
  /** sandbox id */
  readonly id: string;
  readonly name: string;
  /** terminal id; the sandbox's first one when left out */
  readonly terminal?: string | undefined;
  /** agent of the sandbox that runs in it, or is started in it */
  readonly agent?: string;
  /** opens another terminal there */
  readonly another?: boolean;
}

export function terminalOptions({ program }: Context, target: Target): vscode.TerminalOptions {
  const place = target.terminal === undefined ? [] : ['--terminal', target.terminal];
  const which = target.agent === undefined ? (target.another === true ? ['--new'] : place) : ['--agent', target.agent];
  return {
    name: terminalName(target.name),
    shellPath: process.execPath,
    shellArgs: [program, 'attach', target.id, ...which],
    env: { ...lassoVariables(process.env), ELECTRON_RUN_AS_NODE: '1' },
    iconPath: new vscode.ThemeIcon('shield'),
    color: new vscode.ThemeColor('terminal.ansiGreen'),
  };
}

export const terminalName = (sandbox: string): string => `LASSO: ${sandbox}`;

const lassoVariables = (environment: NodeJS.ProcessEnv): Record<string, string | undefined> =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => name.startsWith('LASSO_')));
