/** The installed extension’s own command line, on the same helper as its window, to see from outside what the window did. */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { repository, type VsCodeServer } from './vscode-server.ts';

/** Packs the extension for this platform into `folder`. */
export function packInto(folder: string): string {
  const vsix = path.join(folder, 'lasso.vsix');
  execFileSync(process.execPath, [path.join(repository, '.ci', 'package.mjs'), '--out', vsix]);
  return vsix;
}

export interface Lasso {
  run(...argv: readonly string[]): Promise<string>;
  /** removes every sandbox, then ends the helper; never rejects */
  end(): Promise<void>;
  sandboxes(): Promise<readonly { readonly id: string; readonly state: string; readonly workspace: string }[]>;
}

/** What the window did, seen from outside. */
export function lassoOf({ environment, root }: VsCodeServer): Lasso {
  const run = async (...argv: readonly string[]): Promise<string> => {
    const installed = readdirSync(path.join(root, 'extensions')).find((name) => name.startsWith('lasso.lasso-'));
    const program = path.join(root, 'extensions', installed ?? 'none', 'dist', 'lasso.js');
    return (await promisify(execFile)(process.execPath, [program, ...argv], { env: environment })).stdout;
  };
  const end = async (): Promise<void> => {
    try {
      await run('rm', 'all');
      const { pid } = JSON.parse(await run('helper', 'ensure', '--json')) as { readonly pid: number };
      process.kill(pid, 'SIGTERM');
      for (let tries = 0; tries < 100 && existsSync(`/proc/${pid}`); tries += 1) await delay(100);
    } catch (error) {
      process.stderr.write(`ending the helper: ${String(error)}\n`);
    }
  };
  return {
    run,
    end,
    sandboxes: async () => {
      const answer: unknown = JSON.parse(await run('ps', '--json'));
      const list: unknown = Array.isArray(answer) ? answer : (answer as { readonly sandboxes: unknown }).sandboxes;
      return list as readonly { readonly id: string; readonly state: string; readonly workspace: string }[];
    },
  };
}
