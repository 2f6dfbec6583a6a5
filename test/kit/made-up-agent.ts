/**
 * A LASSO whose only agent is made up: a copy of the package with a list of agents of its own, and a registry of this machine that has
 * the agent. What a real one would do is a shell script's work.
 */
import { cpSync, globSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentBuild } from '../../helper/images/agent-catalog.ts';
import { packageNamed, packageOf, serveRegistry, type TestRegistry } from './agent-packages.ts';
import { root } from './sources.ts';

export interface MadeUpAgent {
  /** the command line of that package, for a helper */
  readonly program: string;
  readonly registry: TestRegistry;
  /** what the helper is to be started with */
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** @param script what the agent does; it is called claude here */
export async function madeUpAgent(script: string): Promise<MadeUpAgent> {
  const folder = mkdtempSync(join(tmpdir(), 'lasso-package-'));
  mkdirSync(join(folder, 'dist'));
  for (const name of ['lasso.js', 'serve.js', 'verify-thread.js', 'package.json'])
    cpSync(join(root, 'dist', name), join(folder, 'dist', name), { dereference: true });
  for (const name of ['guest', 'idmap', 'ports', 'node_modules', 'media'])
    symlinkSync(join(root, 'dist', name), join(folder, 'dist', name));
  for (const name of ['profiles', 'package.json', 'helper']) symlinkSync(join(root, name), join(folder, name));
  cpSync(join(root, 'images'), join(folder, 'images'), { recursive: true });
  const { archive, at, build } = await madeUpBuild(script);
  const registry = await serveRegistry({ [at]: archive });
  writeFileSync(join(folder, 'images', 'agents.json'), JSON.stringify({ claude: { [`linux-${process.arch}`]: build } }));
  const cache = join(folder, 'cache');
  mkdirSync(cache);
  // What images begin with takes minutes to make, and is the same for every test.
  const usual = process.env['LASSO_CACHE_DIR'] ?? join(root, '.cache', 'lasso');
  for (const name of globSync('root-*.tar', { cwd: usual })) symlinkSync(join(usual, name), join(cache, name));
  return {
    program: join(folder, 'dist', 'lasso.js'),
    registry,
    environment: { npm_config_registry: registry.address, LASSO_CACHE_DIR: cache },
    close: async () => {
      await registry.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A script as an agent’s program: what a list of agents says of it, and what a registry has at which path. */
export async function madeUpBuild(script: string): Promise<{ readonly archive: Buffer; readonly at: string; readonly build: AgentBuild }> {
  const { bytes, integrity } = await packageOf([{ name: 'package/bin/tool', text: script, mode: 0o755 }]);
  const build = { version: '1.2.3', program: 'package/bin/tool', packages: [packageNamed('made-up', '1.2.3', integrity)] };
  return { archive: bytes, at: '/made-up/-/made-up-1.2.3.tgz', build };
}
