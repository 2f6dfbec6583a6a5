#!/usr/bin/env node
/**
 * argv → face: the command line, or the helper itself. The only place where faces, core and this process are introduced to
 * each other, together with serve.ts, which holds what only the helper needs and is bundled by itself.
 */
import { readFileSync } from 'node:fs';
import { homedir, tmpdir, userInfo } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { foldersOf, type Host } from './base/platform.ts';
import type { Console } from './faces/cli/console.ts';
import { run } from './faces/cli/run.ts';
import { commands } from './faces/cli/table.ts';
import { connectHelper, type HelperConnection } from './faces/client/connection.ts';
import type { OperationName } from './protocol/operations.ts';

/** put in by the bundler; absent when run from the sources */
declare const LASSO_VERSION: string | undefined;
declare const LASSO_BUILD: string | undefined;

const program = fileURLToPath(import.meta.url);
const packageRoot = dirname(dirname(program));
const version = typeof LASSO_VERSION === 'string' ? LASSO_VERSION : versionOf(join(packageRoot, 'package.json'));
const build = typeof LASSO_BUILD === 'string' ? LASSO_BUILD : 'source';
const host = hostOfThisProcess();
const folders = foldersOf(host);

/** verbs that work over an older helper too, so that what it still runs can be seen, left and stopped */
const acrossVersions: ReadonlySet<OperationName> = new Set(['status', 'stop', 'remove', 'down', 'attach']);

process.exit(
  await run(
    {
      version,
      commands,
      console: consoleOfThisProcess(),
      connect,
      self: [process.execPath, ...process.execArgv, program],
      internal: async (words) => {
        const { internal } = await import('./faces/cli/internal.ts');
        return await internal(words, {
          folders,
          builtIns: join(packageRoot, 'profiles'),
          stdout: process.stdout,
          stderr: process.stderr,
          connect,
          serve,
        });
      },
    },
    process.argv.slice(2),
  ),
);

function connect(operation?: OperationName, start = true): Promise<HelperConnection> {
  const spawn = { file: process.execPath, argv: [...process.execArgv, program, 'helper', 'run'], environment: environmentOfHelper() };
  const acceptOutdated = operation !== undefined && acrossVersions.has(operation);
  return connectHelper({
    host,
    folders,
    version,
    build,
    spawn: start ? spawn : null,
    acceptOutdated,
    face: operation === 'mcp' ? 'mcp' : 'cli',
  });
}

/** Ours, with every folder made absolute: the helper works elsewhere, and must mean the same ones. */
function environmentOfHelper(): Host['environment'] {
  const { home, runtime, cache, profiles } = folders;
  const own = { LASSO_HOME: home, LASSO_RUNTIME_DIR: runtime, LASSO_CACHE_DIR: cache };
  const listed = profiles.slice(1).join(delimiter);
  return { ...host.environment, ...own, ...(listed === '' ? {} : { LASSO_PROFILE_DIR: listed }) };
}

/** Becomes the helper; the exit status comes when it leaves. */
async function serve(): Promise<number> {
  const { becomeHelper } = await import('./serve.ts');
  return await becomeHelper({ host, folders, version, build, packageRoot });
}

function hostOfThisProcess(): Host {
  const { env, platform } = process;
  return {
    platform,
    environment: env,
    home: homedir(),
    uid: process.getuid?.(),
    gid: process.getgid?.(),
    user: userName() ?? env['USER'] ?? env['USERNAME'] ?? 'user',
    temporary: tmpdir(),
  };
}

/** An account without an entry in the user database has no name. */
function userName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}

function consoleOfThisProcess(): Console {
  const { stdin, stdout, stderr, env, platform } = process;
  return { stdin, stdout, stderr, environment: env, platform, cwd: process.cwd(), now: () => new Date() };
}

function versionOf(file: string): string {
  const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const found = typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : undefined;
  if (typeof found !== 'string') throw new TypeError(`no version in ${file}`);
  return found;
}
