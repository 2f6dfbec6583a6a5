/**
 * Podman's API service, started by us where none listens: a child that ends with us, on a socket in our own runtime folder. Where
 * we are killed, the next helper ends it. The containers it starts do not end with it.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import nodePath from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { LassoError } from '../protocol/errors.ts';
import { endLeftServices, forgetService, noteService } from './left-services.ts';

export interface ServiceOptions {
  /** absolute path of podman */
  readonly program: string;
  /** arguments before `system service` */
  readonly arguments: readonly string[];
  /** folder of ours for the socket, and its name there */
  readonly folder: string;
  readonly name: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

const startMs = 15_000;
const wordsLimit = 4096;

export class PodmanService {
  readonly socket: string;
  readonly #child: ChildProcess;
  #words = '';

  private constructor(child: ChildProcess, socket: string) {
    this.#child = child;
    this.socket = socket;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#words = (this.#words + text).slice(-wordsLimit);
    });
    child.on('error', (error) => {
      this.#words = error.message;
    });
  }

  /** @throws LassoError ENGINE_FAILED when it does not come up */
  static async start(options: ServiceOptions): Promise<PodmanService> {
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
    await endLeftServices(options.folder);
    const socket = nodePath.join(options.folder, `${options.name}-${process.pid}.sock`);
    rmSync(socket, { force: true });
    const child = spawn(options.program, [...options.arguments, 'system', 'service', '--time', '0', `unix://${socket}`], {
      stdio: ['ignore', 'ignore', 'pipe'],
      // Where a container meets its memory limit, its monitor leaves a file in the folder the service was started in.
      cwd: options.folder,
      // With these the program would be a client of another service instead of being one.
      env: { ...options.environment, CONTAINER_HOST: undefined, CONTAINER_CONNECTION: undefined },
    });
    const service = new PodmanService(child, socket);
    if (child.pid !== undefined) await noteService(socket, child.pid);
    for (const endMs = performance.now() + startMs; performance.now() < endMs && service.alive; await delay(20)) {
      if (existsSync(socket) && (await answers(socket))) return service;
    }
    await service.dispose();
    throw new LassoError('ENGINE_FAILED', `Podman's service did not start: ${service.#words.trim()}`, 'Try `podman info`.');
  }

  get alive(): boolean {
    return this.#child.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async dispose(): Promise<void> {
    if (this.alive) {
      const gone = new Promise((resolve) => this.#child.once('exit', resolve));
      this.#child.kill('SIGTERM');
      const patience = setTimeout(() => this.#child.kill('SIGKILL'), 3000);
      await gone;
      clearTimeout(patience);
    }
    await forgetService(this.socket);
  }
}

/** A program in `folder` that runs `program` with `options` first: what an engine can name as a runtime. */
export function writeRuntimeWrapper(folder: string, name: string, program: string, options: readonly string[]): string {
  const file = nodePath.join(folder, name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const quoted = [program, ...options].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  writeFileSync(file, `#!/bin/sh\nexec ${quoted} "$@"\n`, { mode: 0o700 });
  chmodSync(file, 0o700);
  return file;
}

function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(socket);
    connection.once('connect', () => {
      connection.destroy();
      resolve(true);
    });
    connection.once('error', () => resolve(false));
  });
}
