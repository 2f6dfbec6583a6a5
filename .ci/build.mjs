// Bundles what is shipped into dist/: lasso.js (the command line), serve.js (the helper), mcp.js (tools for models), verify-thread.js (which it starts), extension.cjs,
// media/ (the audit page), and the parts of node-pty that run. Never downloads anything; the guest’s own build is .ci/build-guest.mjs.
import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));

/** Replaces the table derived from zod by its value, so that the command line starts without zod. */
const commandTable = {
  name: 'command-table',
  setup(bundler) {
    bundler.onLoad({ filter: /[\\/]faces[\\/]cli[\\/]table\.ts$/ }, async ({ path }) => {
      const { commands } = await import(pathToFileURL(path).href);
      return { contents: `export const commands = ${JSON.stringify(commands)};`, loader: 'js' };
    });
  },
};

/** dockerode's BuildKit sessions are never used, and its SSH client is loaded only when an engine is reached by SSH. */
const leanDockerode = {
  name: 'lean-dockerode',
  setup(bundler) {
    bundler.onResolve({ filter: /^@grpc\// }, ({ path }) => ({ path, namespace: 'absent' }));
    bundler.onLoad({ filter: /.*/, namespace: 'absent' }, () => ({ contents: 'module.exports = {};', loader: 'js' }));
    bundler.onLoad({ filter: /[\\/]docker-modem[\\/]lib[\\/]ssh\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const lazy = text
        .replace("var Client = require('ssh2').Client,\n  http", 'var http')
        .replace('new Client()', "new (require('ssh2').Client)()");
      if (lazy === text || lazy.includes('var Client')) throw new Error(`${path} is not what this build knows`);
      return { contents: lazy, loader: 'js' };
    });
  },
};

const shared = {
  absWorkingDir: root,
  bundle: true,
  sourcemap: 'linked',
  logLevel: 'warning',
  legalComments: 'linked',
  outdir: dist,
};

/** The command line is one file without what only the helper needs: reading many or large files is most of its start. */
const commandLine = {
  name: 'command-line',
  setup(bundler) {
    bundler.onResolve({ filter: /^\.\/serve\.ts$/ }, () => ({ path: './serve.js', external: true }));
    bundler.onResolve({ filter: /^\.\.\/mcp\/serve\.ts$/ }, () => ({ path: './mcp.js', external: true }));
  },
};

/** The command line needs node:crypto only on rare ways, and loading it takes longer than most commands. */
const lazyCrypto = {
  name: 'lazy-crypto',
  setup(bundler) {
    bundler.onResolve({ filter: /^node:crypto$/ }, ({ path }) => ({ path, namespace: 'lazy' }));
    bundler.onLoad({ filter: /.*/, namespace: 'lazy' }, ({ path }) => ({
      contents: ['createHash', 'randomBytes']
        .map((name) => `export const ${name} = (...given) => process.getBuiltinModule('${path}').${name}(...given);`)
        .join('\n'),
      loader: 'js',
    }));
  },
};

const program = {
  ...shared,
  format: 'esm',
  // Its other form finds its parts only as it runs.
  alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
  platform: 'node',
  target: 'node22',
  banner: { js: "import { createRequire as lassoRequire } from 'node:module';\nconst require = lassoRequire(import.meta.url);" },
};
const lasso = { ...program, entryPoints: { lasso: 'helper/main.ts' }, plugins: [commandLine, commandTable, lazyCrypto], banner: {} };
const helper = {
  ...program,
  entryPoints: { serve: 'helper/serve.ts' },
  external: ['node-pty', 'cpu-features', '*.node'],
  plugins: [leanDockerode],
};

/** What serves tools to models: loaded by the command line when it is asked for. */
const mcp = { ...program, entryPoints: { mcp: 'helper/faces/mcp/serve.ts' } };

/** The thread that verifies records: small, because it is started anew each time. */
const verifier = { ...program, entryPoints: { 'verify-thread': 'helper/audit/verifying/verify-thread.ts' }, banner: {} };

const extension = {
  ...shared,
  entryPoints: { extension: 'extension/main.ts' },
  outExtension: { '.js': '.cjs' },
  format: 'cjs',
  platform: 'node',
  target: 'node22',
  external: ['vscode'],
};

/** What runs in a page of the editor: no map, which a page could not load. */
const page = {
  ...shared,
  entryPoints: [
    { in: 'media/audit/page.ts', out: 'media/audit' },
    { in: 'media/audit/audit.css', out: 'media/audit' },
  ],
  format: 'iife',
  platform: 'browser',
  target: 'es2023',
  sourcemap: false,
};

await mkdir(dist, { recursive: true });
const digest = await digestOf([lasso, helper, verifier]);
await Promise.all([...[lasso, helper, verifier, mcp, extension, page].map((bundle) => build(withBuild(bundle))), copyTerminalLibrary()]);
await writeFile(join(dist, 'package.json'), `${JSON.stringify({ type: 'module' })}\n`);

const guest = join(root, '.ci', 'build-guest.mjs');
if (existsSync(guest)) await import(pathToFileURL(guest).href);

function withBuild(options, build = digest) {
  return { ...options, define: { LASSO_VERSION: JSON.stringify(version), LASSO_BUILD: JSON.stringify(build) } };
}

/** Digest of what the helper is made of: two builds of the same sources are the same build. */
async function digestOf(bundles) {
  const hash = createHash('sha256');
  for (const bundle of bundles) {
    const { outputFiles } = await build({ ...withBuild(bundle, ''), write: false, sourcemap: false });
    for (const file of outputFiles.toSorted((a, b) => (a.path < b.path ? -1 : 1)))
      hash.update(relative(root, file.path)).update(file.contents);
  }
  return hash.digest('hex').slice(0, 16);
}

/** node-pty finds its native part beside its own files, so it is shipped as it is, for this platform. */
async function copyTerminalLibrary() {
  const from = join(root, 'node_modules', 'node-pty');
  const to = join(dist, 'node_modules', 'node-pty');
  const platform = process.env['LASSO_TARGET'] ?? `${process.platform}-${process.arch}`;
  for (const part of ['package.json', 'LICENSE', 'lib', join('prebuilds', platform)]) {
    await cp(join(from, part), join(to, part), { recursive: true, filter: (name) => !/\.(?:test\.js|map|pdb)$/.test(name) });
  }
}
