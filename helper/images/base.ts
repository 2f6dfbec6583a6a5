/**
 * The base of an image: here already, or pulled, or, where no registry can be reached, a root file system made of Debian's own
 * packages. That one is kept in the cache folder, since every engine of this user can use it.
 */
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import nodePath from 'node:path';
import { LassoError } from '../protocol/errors.ts';
import { runChild } from '../base/child.ts';
import { findProgram } from '../base/program.ts';
import type { ImageEngine, OnLine } from './contract.ts';
import { packageSources, type PackageSources } from './package-sources.ts';
import { defaultBase } from './recipe.ts';

export interface BaseOptions {
  readonly engine: ImageEngine;
  readonly base: string;
  readonly aptMirror: string;
  /** what a root file system made here gets at once, so that builds on it need no network */
  readonly packages: readonly string[];
  readonly cacheFolder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** makes the base anew although there is one */
  readonly force: boolean;
  readonly onLine: OnLine;
  readonly signal?: AbortSignal | undefined;
}

/** a pull that shows nothing for so long has no registry at its other end */
const silentMs = 20_000;
const buildMs = 600_000;

/** Reference of a base image that is on the engine now. @throws LassoError IMAGE_BUILD_FAILED */
export async function ensureBase(options: BaseOptions): Promise<string> {
  const { engine, base, onLine, signal } = options;
  if (!options.force && (await engine.byName(base, signal)) !== undefined) return base;
  onLine(`Pulling ${base}`);
  const problem = await pull(options);
  if (problem === undefined) return base;
  if ((await engine.byName(base, signal)) !== undefined) return base;
  if (base !== defaultBase) {
    const hint = 'Check the name (LASSO_BASE_IMAGE) and the registry, or unset it to use the default.';
    throw new LassoError('IMAGE_BUILD_FAILED', `The base image ${base} could not be pulled: ${problem}`, hint);
  }
  onLine(`No registry answers (${problem}); using Debian’s packages instead`);
  return fromPackages(options, problem);
}

async function pull(options: BaseOptions): Promise<string | undefined> {
  const silence = new AbortController();
  const arm = (): NodeJS.Timeout => setTimeout(() => silence.abort(), silentMs);
  let timer = arm();
  const onLine = (line: string): void => {
    clearTimeout(timer);
    timer = arm();
    options.onLine(line);
  };
  try {
    const signals = options.signal === undefined ? [silence.signal] : [silence.signal, options.signal];
    await options.engine.pull(options.base, onLine, AbortSignal.any(signals));
    return undefined;
  } catch (error) {
    if (options.signal?.aborted === true) throw error;
    if (error instanceof LassoError && ['ENGINE_LOST', 'ENGINE_PERMISSION', 'NO_ENGINE'].includes(error.code)) throw error;
    return silence.signal.aborted ? 'no answer' : error instanceof Error ? error.message : String(error);
  } finally {
    clearTimeout(timer);
  }
}

async function fromPackages(options: BaseOptions, problem: string): Promise<string> {
  const sources = packageSources(readText('/etc/os-release'), aptConfigurations(), options.aptMirror);
  const program = findProgram('mmdebstrap', options.environment['PATH']);
  if (sources === undefined || program === undefined) {
    const hint =
      sources === undefined
        ? 'Connect to a registry, or set LASSO_BASE_IMAGE to an image that is here.'
        : 'Install mmdebstrap (`sudo apt install mmdebstrap`), connect to a registry, or set LASSO_BASE_IMAGE to an image that is here.';
    throw new LassoError('IMAGE_BUILD_FAILED', `The base image ${options.base} could not be pulled: ${problem}`, hint);
  }
  const key = createHash('sha256')
    .update(JSON.stringify([sources, options.packages]))
    .digest('hex')
    .slice(0, 12);
  const reference = `localhost/lasso-root:${key}`;
  if (!options.force && (await options.engine.byName(reference, options.signal)) !== undefined) return reference;
  const archive = nodePath.join(options.cacheFolder, `root-${sources.suite}-${key}.tar`);
  if (options.force || !existsSync(archive)) await makeRoot(program, sources, archive, options);
  options.onLine('Importing the root file system');
  await options.engine.importRoot(createReadStream(archive), reference, options.onLine, options.signal);
  return reference;
}

/** Half a minute: a minimal Debian into `archive`, whole or not at all. */
async function makeRoot(program: string, sources: PackageSources, archive: string, options: BaseOptions): Promise<void> {
  options.onLine(`Making a root file system of ${sources.suite}’s packages`);
  await mkdir(options.cacheFolder, { recursive: true, mode: 0o700 });
  const beside = `${archive}.${randomBytes(6).toString('hex')}.tar`;
  try {
    const argv = ['--variant=minbase', `--include=${options.packages.join(',')}`, '--format=tar', sources.suite, beside, ...sources.lines];
    const result = await runChild(program, argv, {
      timeoutMs: buildMs,
      environment: options.environment,
      onLine: options.onLine,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    options.signal?.throwIfAborted();
    if (result.code !== 0) throw failed(result.stderr);
    await rename(beside, archive);
  } finally {
    await rm(beside, { force: true });
  }
}

function failed(output: string): LassoError {
  const lines = output.trim().split('\n');
  const full = /no space left/i.test(output);
  return new LassoError(
    'IMAGE_BUILD_FAILED',
    full ? 'There is no space left for the base root file system.' : 'Debian’s packages could not be made into a root file system.',
    full
      ? 'Free some space, or point LASSO_CACHE_DIR elsewhere.'
      : 'Check that apt works here (`apt-get update`), or set LASSO_APT_MIRROR.',
    { details: lines.slice(-8) },
  );
}

function aptConfigurations(): readonly string[] {
  const folder = '/etc/apt/sources.list.d';
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => /\.(list|sources)$/.test(name)) : [];
  return ['/etc/apt/sources.list', ...names.map((name) => nodePath.join(folder, name))].map(readText);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
