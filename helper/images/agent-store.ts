/**
 * Agents' programs on this machine: each version in a folder of its own, whole or not there. Filled once, from archives whose digest
 * is known before; what is there needs no network any more.
 */
import { randomBytes } from 'node:crypto';
import { chmod, lstat, mkdir, readdir, rename, rm, statfs, symlink, writeFile } from 'node:fs/promises';
import nodePath from 'node:path';
import type { AgentName } from '../protocol/agent.ts';
import { LassoError } from '../protocol/errors.ts';
import { guestPaths } from '../protocol/guest.ts';
import { ArchiveFault, unpack } from './agent-archive.ts';
import { type AgentBuild, type AgentCatalog, type AgentPackage, buildDigest } from './agent-catalog.ts';
import { type Connect, fetchArchive, type Registry } from './agent-fetch.ts';

export interface AgentStoreFacts {
  /** one folder for each agent and version is made in it */
  readonly folder: string;
  readonly catalog: AgentCatalog;
  readonly connect: Connect;
  /** asked each time: settings change */
  readonly registry: () => Promise<Registry>;
}

/** an agent that is here */
export interface StoredAgent {
  readonly name: AgentName;
  readonly version: string;
  /** what is shown as /opt/lasso/NAME */
  readonly folder: string;
  /** SHA-256 over everything it is made of, hex */
  readonly digest: string;
}

export interface StoreRequest {
  /** fetches it again although it is here */
  readonly force?: boolean;
  /** @param fraction of all there is to fetch, 0 to 1, as far as that is known */
  readonly onProgress: (message: string, fraction?: number) => void;
  readonly signal: AbortSignal;
}

const unfinished = /^\.([a-z]+)\.(\d+)\.[0-9a-f]+\.part$/;

export class AgentStore {
  readonly #facts: AgentStoreFacts;
  readonly #turns = new Map<AgentName, Promise<unknown>>();

  constructor(facts: AgentStoreFacts) {
    this.#facts = facts;
  }

  get folder(): string {
    return this.#facts.folder;
  }

  /** Names of the agents there are for this processor. */
  get names(): readonly AgentName[] {
    return Object.keys(this.#facts.catalog) as AgentName[];
  }

  /** Where it is or would be; undefined where there is none for this processor. */
  placeOf(name: AgentName): StoredAgent | undefined {
    const build = this.#facts.catalog[name];
    if (build === undefined) return undefined;
    const digest = buildDigest(build);
    return {
      name,
      version: build.version,
      folder: nodePath.join(this.#facts.folder, `${name}-${build.version}-${digest.slice(0, 8)}`),
      digest,
    };
  }

  async isReady(name: AgentName): Promise<boolean> {
    const place = this.placeOf(name);
    return place !== undefined && (await isFolder(place.folder));
  }

  /** Makes sure an agent is here. Who comes while it is fetched waits for it. @throws LassoError IMAGE_BUILD_FAILED, UNSUPPORTED, CANCELLED */
  async ensure(name: AgentName, request: StoreRequest): Promise<StoredAgent> {
    const turn = (this.#turns.get(name) ?? Promise.resolve()).then(() => this.#ensure(name, request));
    this.#turns.set(
      name,
      turn.catch(() => undefined),
    );
    return turn;
  }

  async #ensure(name: AgentName, request: StoreRequest): Promise<StoredAgent> {
    const place = this.placeOf(name);
    const build = this.#facts.catalog[name];
    if (place === undefined || build === undefined)
      throw new LassoError(
        'UNSUPPORTED',
        `LASSO installs no ${name} in sandboxes on this machine`,
        'See `lasso agent list` for those it does install.',
      );
    if (request.force !== true && (await isFolder(place.folder))) return place;
    try {
      request.signal.throwIfAborted();
      await mkdir(this.#facts.folder, { recursive: true, mode: 0o755 });
      await this.#clear();
      await this.#fill(place, build, request);
      return place;
    } catch (error) {
      throw await this.#failure(error, place, request.signal);
    }
  }

  async #fill(place: StoredAgent, build: AgentBuild, { force, onProgress, signal }: StoreRequest): Promise<void> {
    const { folder } = this.#facts;
    const beside = nodePath.join(folder, `.${place.name}.${process.pid}.${randomBytes(6).toString('hex')}.part`);
    try {
      await mkdir(beside, { mode: 0o755 });
      for (const [index, wanted] of build.packages.entries()) {
        const into = nodePath.join(beside, wanted.into);
        await mkdir(into, { recursive: true, mode: 0o755 });
        const told = (done: number): void =>
          onProgress(`Fetching ${place.name} ${place.version}`, Math.min(1, (index + done) / build.packages.length));
        await this.#unpack(wanted, into, told, signal);
      }
      await makeProgram(beside, place.name, build);
      await widen(beside);
      await this.#put(beside, place.folder, force === true);
    } finally {
      await rm(beside, { recursive: true, force: true });
    }
  }

  async #unpack(wanted: AgentPackage, into: string, told: (done: number) => void, signal: AbortSignal): Promise<void> {
    told(0);
    const { body, lengthBytes } = await fetchArchive(await this.#facts.registry(), wanted, this.#facts.connect, signal).catch(
      (error: unknown) => {
        signal.throwIfAborted();
        throw new RegistryFault(`${wanted.name} ${wanted.version} could not be fetched: ${messageOf(error)}`, { cause: error });
      },
    );
    let shown = 0;
    const onBytes = (count: number): void => {
      const done = lengthBytes === undefined || lengthBytes === 0 ? 0 : count / lengthBytes;
      if (done - shown < 0.02) return;
      shown = done;
      told(done);
    };
    await unpack(body, into, wanted, { onBytes, signal }).catch((error: unknown) => {
      throw error instanceof ArchiveFault ? new ArchiveFault(`${wanted.name} ${wanted.version} was refused: ${error.message}`) : error;
    });
  }

  /** In its place, unless somebody else was quicker with the very same. */
  async #put(beside: string, to: string, anew: boolean): Promise<void> {
    const aside = `${beside.slice(0, -'.part'.length)}0.part`;
    // Asked for anew: what is there may be damaged, so it makes room.
    const moved =
      anew &&
      (await rename(to, aside).then(
        () => true,
        () => false,
      ));
    try {
      await rename(beside, to);
    } catch (error) {
      if (!(await isFolder(to))) throw error;
    } finally {
      if (moved) await rm(aside, { recursive: true, force: true });
    }
  }

  /** Removes what others that died left unfinished. */
  async #clear(): Promise<void> {
    for (const name of await readdir(this.#facts.folder)) {
      const pid = Number(unfinished.exec(name)?.[2] ?? process.pid);
      if (pid !== process.pid && !isAlive(pid)) await rm(nodePath.join(this.#facts.folder, name), { recursive: true, force: true });
    }
  }

  async #failure(error: unknown, { name, version }: StoredAgent, signal: AbortSignal): Promise<unknown> {
    if (signal.aborted)
      return new LassoError('CANCELLED', `Fetching ${name} was cancelled; nothing of it is left.`, 'Run it again when you like.');
    if (error instanceof LassoError) return error;
    const what = `${name} ${version} could not be installed: ${messageOf(error)}`;
    const free = await statfs(this.#facts.folder).catch(() => undefined);
    const room = free === undefined ? '' : ` ${Math.round((free.bavail * free.bsize) / 1024 / 1024)} MB are free.`;
    const hint =
      error instanceof ArchiveFault
        ? 'Nothing of it was kept. Try again; if it stays so, whatever stands for the registry (a mirror, a proxy) changes packages.'
        : error instanceof RegistryFault
          ? 'Check the network, the proxy and the registry (`npm config get registry`, or mirrors.npm in config.toml), then try again.'
          : /ENOSPC|EDQUOT/.test(messageOf(error))
            ? `The disk is full.${room} Make room, or point LASSO_CACHE_DIR elsewhere.`
            : `See that ${this.#facts.folder} can be written.`;
    return new LassoError('IMAGE_BUILD_FAILED', what, hint, { cause: error });
  }
}

/** the registry did not give it */
class RegistryFault extends Error {}

/** `bin/NAME`, which is the same for every agent, whatever its package calls it. */
async function makeProgram(folder: string, name: AgentName, { program, interpreter }: AgentBuild): Promise<void> {
  await lstat(nodePath.join(folder, program));
  await mkdir(nodePath.join(folder, 'bin'), { mode: 0o755 });
  const file = nodePath.join(folder, 'bin', name);
  if (interpreter === undefined) return symlink(`../${program}`, file);
  await lstat(nodePath.join(folder, interpreter));
  const text = `#!${guestPaths.agents}/${name}/${interpreter}\nimport('../${program}');\n`;
  await writeFile(file, text, { flag: 'wx', flush: true });
  await chmod(file, 0o555);
}

/** Whatever this process's own mask is, everybody may read what is here. */
async function widen(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = nodePath.join(entry.parentPath, entry.name);
    if (entry.isDirectory()) await chmod(path, 0o755);
    else if (entry.isFile()) await chmod(path, ((await lstat(path)).mode & 0o111) === 0 ? 0o444 : 0o555);
  }
}

const isFolder = async (path: string): Promise<boolean> => (await lstat(path).catch(() => undefined))?.isDirectory() === true;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
