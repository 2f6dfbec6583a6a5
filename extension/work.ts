/** Requests that take a while: with a notification that says what is being done and can be cancelled, or with a bar in the view. */
import * as vscode from 'vscode';
import type { HelperOperationName, OperationInput, OperationResult } from '../helper/protocol/operations.ts';
import type { Context } from './context.ts';
import { unlinked } from './visible.ts';

export function requestWithProgress<N extends HelperOperationName>(
  { helper }: Context,
  title: string,
  name: N,
  params: OperationInput<N>,
): Thenable<OperationResult<N>> {
  const options = { location: vscode.ProgressLocation.Notification, cancellable: true, title };
  return vscode.window.withProgress(options, (bar, cancellation) => {
    let done = 0;
    return helper.request(name, params, {
      cancellation,
      progress: ({ message, fraction }) => {
        const increment = fraction === undefined ? 0 : Math.max(0, fraction * 100 - done);
        done += increment;
        bar.report({ message: unlinked(message), increment });
      },
    });
  });
}

/** For what is over soon and shows in the view anyway. */
export function requestInView<N extends HelperOperationName>(
  { helper }: Context,
  name: N,
  params: OperationInput<N>,
): Thenable<OperationResult<N>> {
  return vscode.window.withProgress({ location: { viewId: 'lasso.sandboxes' } }, () => helper.request(name, params));
}
