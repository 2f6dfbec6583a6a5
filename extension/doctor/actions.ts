/** “Doctor” and “Prebuild Images”, and the quiet look whether any engine works that decides what an empty view says. */
import * as vscode from 'vscode';
import type { Action } from '../actions.ts';
import type { Context } from '../context.ts';
import { readSettings } from '../settings.ts';
import { requestWithProgress } from '../work.ts';
import { doctorMarkdown, lacksEngine } from './report.ts';

export function doctorActions(context: Context): Readonly<Record<`lasso.${string}`, Action>> {
  return {
    'lasso.doctor': async () => {
      const report = await requestWithProgress(context, 'Checking this machine', 'doctor', {});
      setNoEngine(lacksEngine(report));
      const uri = context.documents.put('/LASSO Doctor.md', doctorMarkdown(report));
      await vscode.commands.executeCommand('markdown.showPreview', uri);
      return report.healthy;
    },
    'lasso.prebuild': async () => {
      const { backend } = readSettings();
      const result = await requestWithProgress(context, 'Building the sandbox image', 'prebuild', backend === undefined ? {} : { backend });
      const what = result.image === null ? 'needs no image' : result.built ? 'has a new image' : 'has its image already';
      void vscode.window.showInformationMessage(`${result.backend} ${what}.`);
      return result.image;
    },
  };
}

/** Looks once after connecting while there is no sandbox to show. */
export function watchEngines({ helper, sandboxes, log }: Context): vscode.Disposable {
  return helper.onState(({ kind }) => {
    if (kind !== 'connected') return;
    void sandboxes.load().then(async () => {
      if (sandboxes.all.length > 0) return setNoEngine(false);
      try {
        setNoEngine(lacksEngine(await helper.request('doctor', {})));
      } catch (error) {
        log.debug(`engines were not looked for: ${String(error)}`);
      }
    });
  });
}

const setNoEngine = (value: boolean): void => void vscode.commands.executeCommand('setContext', 'lasso.noEngine', value);
