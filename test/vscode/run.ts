/**
 * Runs the suite inside VS Code's extension host: in the program that VSCODE_TEST_BIN names (a desktop `code`, or
 * test/vscode/server-host.ts, which stands for one), otherwise in a desktop VS Code that @vscode/test-electron fetches.
 *
 *     node test/vscode/run.ts [--server]
 *
 * LASSO_TEST_ONLY: a part of the names of the tests to run.
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { runTests } from '@vscode/test-electron';
import { repository } from '../kit/vscode-server.ts';

export const serverHost = path.join(import.meta.dirname, 'server-host.ts');

/** Settles when all tests passed; rejects otherwise. Results go to the folder LASSO_TEST_RESULTS as mocha writes them. */
export async function runSuite(program: string | undefined, environment: Readonly<Record<string, string>> = {}): Promise<void> {
  const bundle = path.join(repository, '.cache', 'vscode-suite', 'index.cjs');
  await build({
    entryPoints: [path.join(import.meta.dirname, 'suite', 'index.ts')],
    outfile: bundle,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node22',
    external: ['vscode', 'mocha'],
    logLevel: 'warning',
  });
  const root = mkdtempSync(path.join(tmpdir(), 'vt-'));
  const workspace = path.join(root, 'sample-workspace');
  cpSync(path.join(repository, 'test', 'kit', 'sample-workspace'), workspace, { recursive: true });
  try {
    await runTests({
      ...(program === undefined ? {} : { vscodeExecutablePath: program }),
      extensionDevelopmentPath: repository,
      extensionTestsPath: bundle,
      extensionTestsEnv: { ...environment, LASSO_HOME: path.join(root, 'home'), LASSO_RUNTIME_DIR: path.join(root, 'run') },
      launchArgs: [workspace, '--disable-extensions', '--disable-workspace-trust'],
    });
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

if (process.argv[1] === import.meta.filename) {
  await runSuite(process.argv.includes('--server') ? serverHost : process.env['VSCODE_TEST_BIN']);
}
