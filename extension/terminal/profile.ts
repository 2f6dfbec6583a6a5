/** The terminal profile “LASSO Sandbox”: makes or picks the sandbox first, then tells VS Code how to look into it. */
import * as vscode from 'vscode';
import type { Context } from '../context.ts';
import { showFailure } from '../notice.ts';
import { chooseTarget } from '../sandboxes/create.ts';
import { terminalOptions } from './options.ts';

export function registerTerminalProfile(context: Context): vscode.Disposable {
  return vscode.window.registerTerminalProfileProvider('lasso.sandbox', {
    provideTerminalProfile: async () => {
      try {
        const target = await chooseTarget(context);
        return target && new vscode.TerminalProfile(terminalOptions(context, target));
      } catch (error) {
        showFailure(error, context.log);
        return undefined;
      }
    },
  });
}
