/** Registers VS Code commands. Each is a plain function; whatever one throws becomes a message, never an unhandled rejection. */
import * as vscode from 'vscode';
import { Lifetime, type Disposable } from './lifetime.ts';
import type { Log } from './log.ts';
import { showFailure } from './notice.ts';

/** gets what VS Code passes: a tree node, an id from another command, or nothing */
export type Action = (argument: unknown) => unknown;

export function registerActions(actions: Readonly<Record<`lasso.${string}`, Action>>, log: Log): Disposable {
  const lifetime = new Lifetime();
  for (const [name, action] of Object.entries(actions)) {
    lifetime.own(
      vscode.commands.registerCommand(name, async (argument: unknown): Promise<unknown> => {
        try {
          return await action(argument);
        } catch (error) {
          showFailure(error, log);
          return undefined;
        }
      }),
    );
  }
  return lifetime;
}
