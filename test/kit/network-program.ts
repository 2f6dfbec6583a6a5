/**
 * The helper as built, on a network of a test's own: `network-program.ts helper ensure|run`. What it is started with says where the
 * file about that network is.
 */
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL, fileURLToPath } from 'node:url';
import { foldersOf, type Host } from '../../helper/base/platform.ts';
import { internal } from '../../helper/faces/cli/internal.ts';
import { connectHelper } from '../../helper/faces/client/connection.ts';
import type * as Serve from '../../helper/serve.ts';
import { networkOfFile, networkVariable } from './network.ts';
import { root } from './sources.ts';

const { env, execPath, platform, stdout, stderr } = process;
const host: Host = {
  ...{ platform, environment: env, home: homedir(), user: 'tester', temporary: tmpdir() },
  ...{ uid: process.getuid?.(), gid: process.getgid?.() },
};
const folders = foldersOf(host);
const identity = { version: '2.0.0', build: 'made-up-network' };
const own = fileURLToPath(import.meta.url);

process.exit(
  await internal(process.argv.slice(3), {
    folders,
    builtIns: join(root, 'profiles'),
    stdout,
    stderr,
    connect: () => connectHelper({ host, folders, ...identity, spawn: { file: execPath, argv: [own, 'helper', 'run'], environment: env } }),
    serve: async () => {
      const { becomeHelper } = (await import(pathToFileURL(join(root, 'dist', 'serve.js')).href)) as typeof Serve;
      return await becomeHelper({ host, folders, ...identity, packageRoot: root, network: networkOfFile(env[networkVariable] ?? '') });
    },
  }),
);
