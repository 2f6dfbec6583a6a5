/** “Show Record” of a sandbox, and “Open Audit Log…” of any there ever was, as a page. */
import * as vscode from 'vscode';
import type { OperationResult } from '../../helper/protocol/operations.ts';
import type { Action } from '../actions.ts';
import type { Context } from '../context.ts';
import { Failure } from '../failure.ts';
import { chooseSandbox } from '../sandboxes/choose.ts';
import { visible } from '../visible.ts';
import type { AuditPanels } from './panels.ts';
import { timeOf } from './display.ts';

type Listed = OperationResult<'auditList'>['records'][number];

/** Each gives the id of what is shown. */
export function auditActions(context: Context, panels: AuditPanels): Readonly<Record<`lasso.${string}`, Action>> {
  return {
    'lasso.showRecord': async (argument) => {
      const sandbox = await chooseSandbox(context, argument, 'Show a Sandbox’s Record', () => true);
      if (!sandbox) return undefined;
      panels.show(sandbox.id, visible(sandbox.name));
      return sandbox.id;
    },
    'lasso.openRecord': async () => {
      const { records } = await context.helper.request('auditList', {});
      if (records.length === 0) {
        throw new Failure('There is no record yet.', { hint: 'Every sandbox writes one from its first moment on.' });
      }
      const items = records.map(itemOf);
      const chosen = await vscode.window.showQuickPick(items, {
        title: 'Open an Audit Log',
        placeHolder: 'Record',
        matchOnDescription: true,
      });
      if (!chosen) return undefined;
      panels.show(chosen.sandbox, chosen.label);
      return chosen.sandbox;
    },
  };
}

const itemOf = ({ sandbox, name, bytes, changedAt, files }: Listed): vscode.QuickPickItem & { readonly sandbox: string } => ({
  label: visible(name ?? sandbox),
  description: name === undefined ? 'removed sandbox' : sandbox,
  detail: `last written ${timeOf(visible(changedAt)).slice(0, 19)} UTC, ${Math.ceil(bytes / 1000).toLocaleString('en-GB')} kB${files.length > 1 ? `, ${files.length} files` : ''}`,
  sandbox,
});
