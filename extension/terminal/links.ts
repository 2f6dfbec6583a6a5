/** In terminals, what LASSO says about a refusal leads to the rule. */
import * as vscode from 'vscode';
import type { Context } from '../context.ts';
import { showFailure } from '../notice.ts';
import { openRule } from '../profiles/rule.ts';
import { sandboxIn } from './open.ts';
import { refusalsIn, type Refusal } from './refusals.ts';

export class RuleLink extends vscode.TerminalLink {
  readonly origin: string;
  /** id of the sandbox that the terminal looks at */
  readonly sandbox: string | undefined;

  constructor({ start, length, why, origin }: Refusal, sandbox: string | undefined) {
    super(start, length, why);
    this.origin = origin;
    this.sandbox = sandbox;
  }
}

export function ruleLinks(context: Context): vscode.TerminalLinkProvider<RuleLink> {
  return {
    provideTerminalLinks: ({ line, terminal }) => {
      const sandbox = sandboxIn(context, terminal)?.id;
      return refusalsIn(line).map((refusal) => new RuleLink(refusal, sandbox));
    },
    handleTerminalLink: async ({ origin, sandbox }) => {
      try {
        await openRule(context, origin, sandbox);
      } catch (error) {
        showFailure(error, context.log);
      }
    },
  };
}
