/**
 * An image for promises about everyday programs: LASSO's own base with Python and make, and with node and npm where the mounts
 * below put them. It is built the way LASSO builds its own, and LASSO builds its own upon it.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { silentLog } from '../../helper/base/log.ts';
import { foldersOf, type Host } from '../../helper/base/platform.ts';
import { docker } from '../../helper/backends/docker.ts';
import { Engine } from '../../helper/backends/engine.ts';
import { engineOptions } from '../../helper/backends/index.ts';
import { podman } from '../../helper/backends/podman.ts';
import { ensureImage, readRecipe } from '../../helper/images/index.ts';
import type { TestEngine } from './engines.ts';
import { root } from './sources.ts';

const packages = ['make', 'python3-minimal'];
const placeOfNode = '/opt/node';
const placeOfNpm = '/opt/npm';
const links = `
USER root
RUN ln -s ${placeOfNode}/node /usr/local/bin/node && ln -s ${placeOfNpm}/bin/npm-cli.js /usr/local/bin/npm
`;

/** The running node and the npm that set-up fetched, as mounts of a sandbox. */
export function nodeMounts(): readonly string[] {
  const fetched = join(root, '.cache', 'sandbox-npm');
  const [version] = existsSync(fetched) ? readdirSync(fetched) : [];
  const npm = version === undefined ? [] : [`${join(fetched, version)}:${placeOfNpm}:ro`];
  return [`${dirname(process.execPath)}:${placeOfNode}:ro`, ...npm];
}

/** Reference of the image on this engine, for LASSO_BASE_IMAGE. The first time on a machine it takes a minute. */
export async function everydayImage(engine: TestEngine): Promise<string> {
  const place = mkdtempSync(join(tmpdir(), 'lasso-image-'));
  const environment = { ...engine.environment, LASSO_HOME: join(place, 'home'), LASSO_RUNTIME_DIR: join(place, 'run') };
  const host: Host = { platform: 'linux', environment, home: place, uid: 0, gid: 0, user: 'root', temporary: tmpdir() };
  const options = engineOptions({ host, folders: foldersOf(host), log: silentLog, idmapProgram: undefined });
  const backend = new Engine('CONTAINER_HOST' in environment ? podman : docker, options);
  try {
    for (const [name, more] of [
      ['base.Containerfile', links],
      ['packages', `${packages.join('\n')}\n`],
    ] as const)
      writeFileSync(join(place, name), readFileSync(join(root, 'images', name), 'utf8') + more);
    const guestProgram = join(root, 'dist', 'guest', `guest-linux-${process.arch}`);
    const recipe = await readRecipe({ imagesFolder: place, guestProgram, environment: {} });
    const cacheFolder = process.env['LASSO_CACHE_DIR'] ?? join(root, '.cache', 'lasso');
    const { built } = await ensureImage({
      ...{ engine: backend.images, recipe, cacheFolder, environment, force: false, onProgress: () => undefined },
    });
    assert.ok(built);
    return recipe.tag;
  } finally {
    await backend.dispose();
    rmSync(place, { recursive: true });
  }
}
