/** Makes sure the image of a recipe is on an engine: a look where nothing changed, a build otherwise. Referred to by digest. */
import { LassoError } from '../protocol/errors.ts';
import { ensureBase } from './base.ts';
import { contextOf } from './context.ts';
import type { ImageEngine, OnLine } from './contract.ts';
import { imageLabels, type Recipe } from './recipe.ts';

export interface ImageRequest {
  readonly engine: ImageEngine;
  readonly recipe: Recipe;
  /** builds although an image of this recipe is here */
  readonly force: boolean;
  /** where root file systems are kept */
  readonly cacheFolder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly onProgress: OnLine;
  readonly signal?: AbortSignal | undefined;
}

export interface EnsuredImage {
  /** `sha256:` and 64 hex digits */
  readonly digest: string;
  readonly built: boolean;
}

const tailLines = 12;

/** @throws LassoError IMAGE_BUILD_FAILED, CANCELLED, or what the engine says */
export async function ensureImage(request: ImageRequest): Promise<EnsuredImage> {
  const { engine, recipe, signal } = request;
  const here = request.force ? undefined : await engine.byLabel(imageLabels.recipe, recipe.digest, signal);
  if (here !== undefined) return { digest: here, built: false };

  const tail: string[] = [];
  const onLine: OnLine = (line) => {
    tail.push(line);
    if (tail.length > tailLines) tail.shift();
    request.onProgress(line);
  };
  try {
    const base = await ensureBase({
      engine,
      base: recipe.base,
      aptMirror: recipe.aptMirror,
      packages: recipe.packages,
      cacheFolder: request.cacheFolder,
      environment: request.environment,
      force: request.force,
      onLine,
      signal,
    });
    onLine(`Building ${recipe.tag} on ${engine.title}`);
    const { containerfile, labels, tag } = recipe;
    const buildArguments = { BASE: base, ...proxies(request.environment), ...recipe.buildArguments };
    await engine.build({ context: contextOf(recipe.files), containerfile, buildArguments, labels, tag, hostNetwork: true }, onLine, signal);
  } catch (error) {
    throw buildFailure(error, tail, signal);
  }
  const digest = await engine.byName(recipe.tag, signal);
  if (digest === undefined) throw buildFailure(new Error('the engine does not know the image it built'), tail, signal);
  return { digest, built: true };
}

/** Proxy settings of the host, which builders hand to build steps and keep out of the image. */
function proxies(environment: ImageRequest['environment']): Readonly<Record<string, string>> {
  const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'];
  return Object.fromEntries(names.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]])));
}

export function buildFailure(error: unknown, tail: readonly string[], signal: AbortSignal | undefined): LassoError {
  if (signal?.aborted === true) return new LassoError('CANCELLED', 'Building the image was cancelled.', 'Run it again when you like.');
  const passed = ['IMAGE_BUILD_FAILED', 'BAD_REQUEST', 'ENGINE_LOST', 'ENGINE_PERMISSION', 'NO_ENGINE'];
  if (error instanceof LassoError && passed.includes(error.code)) return error;
  const words = error instanceof Error ? error.message : String(error);
  const all = [...tail, words].join('\n');
  const hint = /no space left|quota exceeded/i.test(all)
    ? 'The engine’s disk is full: free some space, then try again.'
    : /could not resolve|temporary failure resolving|failed to fetch|unable to connect/i.test(all)
      ? 'apt could not reach its mirror: check the network and proxy, or set LASSO_APT_MIRROR.'
      : /certificate/i.test(all)
        ? 'A certificate was not trusted: set LASSO_CA_CERT to your organisation’s CA file.'
        : 'The last lines of the build say more.';
  return new LassoError('IMAGE_BUILD_FAILED', `The image could not be built: ${words}`, hint, { details: tail, cause: error });
}
