/**
 * An agent with its own rules and nothing of LASSO's: in a bare bubblewrap without any network, where a guard that says yes to all
 * stands in for LASSO's, and the model and the pages nobody may reach are on its own loopback. Only root can set it up.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { runChild } from '../../../helper/base/child.ts';
import type { Step } from '../model/script.ts';
import { root } from '../sources.ts';
import { evilHost } from './acts.ts';

export interface BareWish {
  /** the agent’s folder with its program, and where that stands */
  readonly program: { readonly source: string; readonly target: string };
  /** texts by absolute path below /etc */
  readonly managed: readonly { readonly path: string; readonly text: string }[];
  /** texts by path below its home */
  readonly seeds: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
  /** its program and words, but for the prompt */
  readonly command: (prompt: string) => readonly string[];
  readonly steps: readonly Step[];
  readonly workspace: string;
}

const outcome = z.object({
  code: z.number().nullable(),
  reached: z.array(z.string()),
  said: z.string(),
});
type BareOutcome = z.infer<typeof outcome>;

/** Plays the steps; the paths of pages that were asked for, and how the agent ended. */
export async function playBare({ program, managed, seeds, environment, command, steps, workspace }: BareWish): Promise<BareOutcome> {
  const folder = mkdtempSync(join(tmpdir(), 'lasso-bare-'));
  const put = (path: string, text: string, mode = 0o644): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text, { mode });
  };
  try {
    mkdirSync(join(folder, 'home'));
    execFileSync('cp', ['--archive', '/etc', join(folder, 'etc')]);
    put('etc/hosts', `127.0.0.1 localhost ${evilHost}\n`);
    for (const { path, text } of managed) put(path, text);
    for (const [path, text] of Object.entries(seeds)) put(`home/${path}`, text);
    put('guest', '#!/bin/sh\ncat > /dev/null\n', 0o755);
    put('wish.json', JSON.stringify({ command: command('<<prompt>>'), steps }));
    const variables = { PATH: '/usr/bin:/bin', HOME: '/home/agent', LANG: 'C.UTF-8', ...environment };
    const words = [
      ...['--unshare-ipc', '--unshare-pid', '--unshare-net', '--unshare-uts', '--die-with-parent', '--new-session', '--clearenv'],
      ...['SETUID', 'SETGID', 'SETPCAP'].flatMap((name) => ['--cap-add', `CAP_${name}`]),
      ...['--ro-bind', '/usr', '/usr', '--symlink', 'usr/bin', '/bin', '--symlink', 'usr/lib', '/lib', '--symlink', 'usr/lib64', '/lib64'],
      ...[...foldersAbove(root), '/opt', '/opt/lasso', '/.lasso', '/run', '/home'].flatMap((path) => ['--perms', '0755', '--dir', path]),
      ...[
        '--proc',
        '/proc',
        '--dev',
        '/dev',
        '--perms',
        '1777',
        '--tmpfs',
        '/tmp',
        '--ro-bind',
        root,
        root,
        '--ro-bind',
        join(folder, 'etc'),
        '/etc',
      ],
      ...['--ro-bind', program.source, program.target, '--ro-bind', dirname(process.execPath), '/opt/node'],
      ...['--ro-bind', join(folder, 'guest'), '/.lasso/guest', '--ro-bind', join(folder, 'wish.json'), '/run/wish.json'],
      ...['--bind', join(folder, 'home'), '/home/agent', '--bind', workspace, '/workspace', '--chdir', '/workspace'],
      ...Object.entries(variables).flatMap(([name, value]) => ['--setenv', name, value]),
      // Not by a namespace of users: some agents want an administrator's settings to be root's.
      ...['--', 'setpriv', '--reuid=1000', '--regid=1000', '--clear-groups', '--inh-caps=-all', '--bounding-set=-all', '--no-new-privs'],
      ...['/opt/node/node', join(import.meta.dirname, 'bare-inside.ts'), '/run/wish.json'],
    ];
    execFileSync('chown', ['--recursive', '1000:1000', join(folder, 'home'), workspace]);
    chmodSync(folder, 0o755);
    const { code, stdout, stderr } = await runChild('bwrap', words, {
      timeoutMs: 300_000,
      limitBytes: 64 * 1024 * 1024,
      environment: { PATH: process.env['PATH'] ?? '/usr/bin:/bin' },
    });
    if (code !== 0) throw new Error(`the bare run failed: ${stderr}`);
    return outcome.parse(JSON.parse(stdout));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Outermost first, without the root. */
const foldersAbove = (path: string): readonly string[] => {
  const above = dirname(path);
  return above === path || above === '/' ? [] : [...foldersAbove(above), above];
};
