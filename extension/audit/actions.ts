/** “Show Record”: the record of a sandbox with what its verification found, as a read-only document. */
import * as vscode from 'vscode';
import type { Action } from '../actions.ts';
import type { Context } from '../context.ts';
import { chooseSandbox } from '../sandboxes/choose.ts';
import { recordText } from './record.ts';

export function auditActions(context: Context): Readonly<Record<`lasso.${string}`, Action>> {
  const { helper } = context;
  return {
    'lasso.showRecord': async (argument) => {
      const sandbox = await chooseSandbox(context, argument, 'Show a Sandbox’s Record', () => true);
      if (!sandbox) return undefined;
      const view = await helper.request('auditView', { sandbox: sandbox.id });
      const verification = await helper.request('auditVerify', { target: sandbox.id });
      const uri = context.documents.put(`/${sandbox.name} ${sandbox.id}.log`, recordText(sandbox.name, view, verification));
      await vscode.window.showTextDocument(uri, { preview: true });
      return verification.valid;
    },
  };
}
