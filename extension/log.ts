/** The extension's log: VS Code's own log channel, so that level, file and viewer are the user's usual ones. Secrets never get here. */
import * as vscode from 'vscode';

export type Log = vscode.LogOutputChannel;

export const openLog = (): Log => vscode.window.createOutputChannel('LASSO', { log: true });
