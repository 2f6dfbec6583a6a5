/** Steps of one story in a window: a step that fails leaves a picture, and the steps after it are not tried. */
import type { TestContext } from 'node:test';
import type { VsCodeWindow } from './vscode-window.ts';

export function stepsOf(t: TestContext, window: VsCodeWindow): (name: string, work: () => Promise<void>) => Promise<void> {
  let failed = false;
  return async (name, work) => {
    await t.test(name, { skip: failed && 'a step before failed' }, async () => {
      try {
        await work();
      } catch (error) {
        failed = true;
        await window.screenshot('failed').catch(() => undefined);
        throw error;
      }
    });
  };
}
