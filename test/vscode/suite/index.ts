/** Where VS Code enters the suite: runs every test file with mocha, and leaves the results as a file for `npm test`. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import Mocha from 'mocha';
import { activationTests } from './activation.ts';
import { activated } from './extension.ts';
import { gateTests } from './gate.ts';
import { helperTests } from './helper.ts';
import { profileCommandTests } from './profile-commands.ts';
import { profileLanguageTests } from './profile-language.ts';
import { profileTests } from './profiles.ts';
import { secretTests } from './secrets.ts';
import { sandboxTests } from './sandboxes.ts';
import { toolTests } from './tools.ts';
import { workspaceProfileTests } from './workspace-profile.ts';

export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'bdd', color: false, timeout: 60_000 });
  mocha.suite.emit('pre-require', globalThis, null, mocha);
  const only = process.env['LASSO_TEST_ONLY'];
  if (only !== undefined) mocha.grep(only);
  const profiles = [profileTests, profileLanguageTests, profileCommandTests, workspaceProfileTests];
  for (const register of [activationTests, helperTests, secretTests, ...profiles, toolTests, sandboxTests, gateTests]) register();
  // A helper that outlives the suite would write into a folder that is gone.
  after(async () => {
    const { helper } = await activated();
    if (helper.state.kind === 'connected') await helper.request('quit', {});
    helper.dispose();
  });
  const folder = process.env['LASSO_TEST_RESULTS'];
  const { passes, failures, pending } = await outcomes(mocha);
  if (folder !== undefined) writeFileSync(path.join(folder, 'vscode.json'), JSON.stringify({ passes, failures, pending }));
  if (passes.length === 0) throw new Error('no test ran');
  if (failures.length > 0) throw new Error(`${failures.length} failed`);
}

interface Outcome {
  readonly fullTitle: string;
  readonly duration: number;
  readonly err?: { readonly message: string; readonly stack: string | undefined };
}

function outcomes(mocha: Mocha): Promise<Readonly<Record<'passes' | 'failures' | 'pending', Outcome[]>>> {
  const found: Record<'passes' | 'failures' | 'pending', Outcome[]> = { passes: [], failures: [], pending: [] };
  const of = (test: Mocha.Test): Outcome => ({ fullTitle: test.fullTitle(), duration: test.duration ?? 0 });
  return new Promise((resolve) => {
    mocha
      .run(() => resolve(found))
      .on('pass', (test: Mocha.Test) => found.passes.push(of(test)))
      .on('pending', (test: Mocha.Test) => found.pending.push(of(test)))
      .on('fail', (test: Mocha.Test, error: Error) =>
        found.failures.push({ ...of(test), err: { message: error.message, stack: error.stack } }),
      );
  });
}
