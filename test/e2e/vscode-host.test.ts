/** The suite inside the extension host of the VS Code server; its own results are counted beside this file's. */
import { test } from 'node:test';
import { runSuite, serverHost } from '../vscode/run.ts';

test('the suite passes inside the extension host of a real VS Code', async () => {
  await runSuite(serverHost);
});
