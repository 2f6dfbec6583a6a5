/**
 * “Reload Profile”: a running sandbox is held to what its profile says now. Above a profile that a running sandbox uses, a lens for
 * each of them. What holds only after a restart is told.
 */
import * as vscode from 'vscode';
import type { SandboxInfo } from '../../helper/protocol/sandbox.ts';
import type { Action } from '../actions.ts';
import type { Context } from '../context.ts';
import { Failure, isRecord } from '../failure.ts';
import { Lifetime, type Disposable } from '../lifetime.ts';
import { profileDocuments } from '../profiles/documents.ts';
import { unlinked } from '../visible.ts';
import { requestInView } from '../work.ts';
import { chooseSandbox } from './choose.ts';
import { sameFolder } from './folders.ts';

/** a message is one line; the record has all of them */
const shownLimit = 3;

const isRunning = ({ state }: SandboxInfo): boolean => state === 'running';

export function reloadSandbox(context: Context): Action {
  return async (argument) => {
    const sandbox = await chooseSandbox(context, argument, 'Reload the Profile of a Sandbox', isRunning);
    if (!sandbox) return undefined;
    await save(isRecord(argument) ? argument['document'] : undefined);
    const reloaded = await requestInView(context, 'reload', { sandbox: sandbox.id });
    context.sandboxes.add(reloaded.sandbox);
    const told = reloaded.changes.length === 0 ? 'nothing has changed' : listed(reloaded.changes);
    const later = reloaded.afterRestart.length === 0 ? '' : ` After a restart: ${listed(reloaded.afterRestart)}.`;
    void vscode.window.showInformationMessage(unlinked(`${sandbox.name} is held to its profile as it is now: ${told}.${later}`));
    return { changes: reloaded.changes.length, afterRestart: reloaded.afterRestart.length };
  };
}

/** A lens for each running sandbox above the profile it uses. */
export function registerReloadLenses({ sandboxes, profiles }: Context): Disposable {
  const lifetime = new Lifetime();
  const changed = lifetime.own(new vscode.EventEmitter<void>());
  lifetime.own(sandboxes.onChange(() => changed.fire()));
  lifetime.own(
    vscode.languages.registerCodeLensProvider(profileDocuments(process.env), {
      onDidChangeCodeLenses: changed.event,
      provideCodeLenses: ({ uri }) => {
        const name = profiles.all.find(({ file }) => sameFolder(file, uri.fsPath))?.name;
        const using = sandboxes.all.filter(
          (sandbox) => isRunning(sandbox) && (sandbox.profile === name || sameFolder(sandbox.profile, uri.fsPath)),
        );
        return using.map(
          (sandbox) =>
            new vscode.CodeLens(new vscode.Range(0, 0, 0, 0), {
              title: `Reload in ${sandbox.name}`,
              command: 'lasso.reloadSandbox',
              arguments: [{ sandbox: { id: sandbox.id }, document: uri }],
            }),
        );
      },
    }),
  );
  return lifetime;
}

/** What is on disk is what counts. */
async function save(uri: unknown): Promise<void> {
  if (!(uri instanceof vscode.Uri)) return;
  const document = vscode.workspace.textDocuments.find((candidate) => candidate.uri.toString() === uri.toString());
  if (document?.isDirty === true && !(await document.save()))
    throw new Failure('The profile could not be saved.', { hint: 'Save it and try again.' });
}

function listed(changes: readonly { readonly effect: string; readonly text: string }[]): string {
  const told = changes.slice(0, shownLimit).map(({ effect, text }) => (effect === 'changed' ? text : `now ${effect}: ${text}`));
  const rest = changes.length - told.length;
  return `${told.join('; ')}${rest === 0 ? '' : `; ${rest} more`}`;
}
