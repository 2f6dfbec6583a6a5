#!/usr/bin/env node
/**
 * Stands for the `code` program where there is no desktop VS Code: takes the arguments that @vscode/test-electron passes,
 * runs the suite in the extension host of a private VS Code server, and ends with the suite's result. A host that dies is
 * a failure, although the workbench then reports success.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { format } from 'node:util';
import { startVsCodeServer, type VsCodeServer } from '../kit/vscode-server.ts';
import { VsCodeWindow } from '../kit/vscode-window.ts';

const limitMs = 300_000;
/** what the workbench tells itself; of no use to a reader of test results */
const chatter = /^(Resolv|Creating a socket|\[|Updating additional|Timed out waiting for|getaddrinfo |.*Failed to fetch)/;

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  const valueOf = (name: string): string | undefined => argv.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3);
  const extension = valueOf('extensionDevelopmentPath');
  const tests = valueOf('extensionTestsPath');
  const workspace = argv.find((word) => !word.startsWith('-'));
  if (extension === undefined || tests === undefined || workspace === undefined) {
    process.stderr.write(`only suites can be run; got ${argv.join(' ')}\n`);
    return 2;
  }
  const server = await startVsCodeServer({ development: true });
  try {
    const reported = await runIn(server, path.resolve(workspace), path.resolve(extension), path.resolve(tests));
    const death = /Extension Host Process exited with (?!code: 0, signal: null).*/.exec(readFileSync(server.logFile, 'utf8'))?.[0];
    if (death === undefined) return reported;
    process.stderr.write(`${death}\n`);
    return 3;
  } finally {
    await server.stop();
  }
}

async function runIn(server: VsCodeServer, workspace: string, extension: string, tests: string): Promise<number> {
  const window = await VsCodeWindow.open(server);
  try {
    const { page } = window;
    const ended = new Promise<number>((resolve) => {
      setTimeout(() => resolve(3), limitMs).unref();
      page.on('crash', () => resolve(3));
      void page.exposeFunction('codeAutomationExit', (code: number) => resolve(code));
    });
    await page.exposeFunction('codeAutomationLog', (_level: string, words: readonly unknown[]) => {
      const line = format(...words);
      if (!chatter.test(line)) process.stdout.write(`${line}\n`);
    });
    const remote = (file: string): string => `vscode-remote://${server.authority}${file}`;
    await window.show(workspace, [
      ['extensionDevelopmentPath', remote(extension)],
      ['extensionTestsPath', remote(tests)],
    ]);
    return await ended;
  } finally {
    await window.close();
  }
}
