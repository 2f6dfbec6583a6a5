/**
 * An image with an agent in it: the base image and one layer that holds the agent's folder. Nothing is run to make it, so it needs no
 * network; the same base and the same agent are the same image.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import nodePath from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pack, type Pack } from 'tar-stream';
import { guestPaths } from '../protocol/guest.ts';
import type { StoredAgent } from './agent-store.ts';
import { buildFailure, ensureImage, type EnsuredImage, type ImageRequest } from './build.ts';
import { imageLabels, type Recipe } from './recipe.ts';

const containerfileName = 'Containerfile';
const contextFolder = 'agent';

/** SHA-256 over the base's recipe and everything the agent is made of, hex. */
export const agentImageDigest = (recipe: Pick<Recipe, 'digest'>, agent: Pick<StoredAgent, 'name' | 'digest'>): string =>
  createHash('sha256')
    .update(JSON.stringify([recipe.digest, agent.name, agent.digest, containerfileOf(agent)]))
    .digest('hex');

/** @throws LassoError IMAGE_BUILD_FAILED, CANCELLED, or what the engine says */
export async function ensureAgentImage(request: ImageRequest, agent: StoredAgent): Promise<EnsuredImage> {
  const { engine, recipe, signal, onProgress } = request;
  const digest = agentImageDigest(recipe, agent);
  const here = request.force ? undefined : await engine.byLabel(imageLabels.recipe, digest, signal);
  if (here !== undefined) return { digest: here, built: false };
  const base = await ensureImage(request);
  try {
    onProgress(`Adding ${agent.name} ${agent.version}`);
    const tag = `localhost/lasso-${agent.name}:${digest.slice(0, 12)}`;
    await engine.build(
      {
        context: contextOf(agent),
        containerfile: containerfileName,
        // A builder takes a digest alone for the name of a repository; the tag stands for the same recipe.
        buildArguments: { BASE: (await engine.byName(recipe.tag, signal)) === base.digest ? recipe.tag : base.digest },
        // The base's own labels are handed on: without these this image would be taken for the base.
        labels: { ...recipe.labels, [imageLabels.recipe]: digest, [imageLabels.agent]: `${agent.name} ${agent.version}` },
        tag,
        hostNetwork: false,
      },
      onProgress,
      signal,
    );
    const built = await engine.byName(tag, signal);
    if (built === undefined) throw new Error('the engine does not know the image it built');
    return { digest: built, built: true };
  } catch (error) {
    throw buildFailure(error, [], signal);
  }
}

function containerfileOf({ name }: Pick<StoredAgent, 'name'>): string {
  return `ARG BASE\nFROM \${BASE}\nCOPY ${contextFolder} ${guestPaths.agents}/${name}\n`;
}

/** The agent's folder as a build context, read as it is sent: it is too large to be held. */
function contextOf(agent: StoredAgent): Readable {
  const archive = pack();
  fill(archive, agent).catch((error: unknown) => archive.destroy(error instanceof Error ? error : new Error(String(error))));
  return Readable.from(archive);
}

async function fill(archive: Pack, agent: StoredAgent): Promise<void> {
  const own = { uid: 0, gid: 0, mtime: new Date(0) };
  archive.entry({ name: containerfileName, mode: 0o644, ...own }, containerfileOf(agent));
  const names = (await readdir(agent.folder, { recursive: true })).sort();
  for (const path of ['', ...names]) {
    const file = nodePath.join(agent.folder, path);
    const found = await lstat(file);
    const name = nodePath.posix.join(contextFolder, path.split(nodePath.sep).join('/'));
    const mode = found.mode & 0o777;
    if (found.isDirectory()) archive.entry({ name, mode, type: 'directory', ...own });
    else if (found.isSymbolicLink()) archive.entry({ name, mode, type: 'symlink', linkname: await readlink(file), ...own });
    else if (found.isFile()) await pipeline(createReadStream(file), archive.entry({ name, mode, size: found.size, ...own }));
  }
  archive.finalize();
}
