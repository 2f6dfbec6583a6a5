/**
 * A LASSO of a test's own: private folders, the real helper as built, the real client. `dispose` ends all of it and fails
 * when anything is left.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { CommandExit } from '../../helper/protocol/events.ts';
import type { OperationInput, OperationResult } from '../../helper/protocol/operations.ts';
import type { SandboxInfo } from '../../helper/protocol/sandbox.ts';
import { foldersOf, type Folders, type Host } from '../../helper/base/platform.ts';
import { connectHelper, type HelperConnection } from '../../helper/faces/client/connection.ts';
import { runChild, type ChildResult } from '../../helper/base/child.ts';
import { root } from './sources.ts';
import { openedTerminal, type TestTerminal } from './terminal.ts';

/** the command line as built */
export const lassoProgram = process.env['LASSO_PROGRAM'] ?? join(root, 'dist', 'lasso.js');

export interface LassoOptions {
  /** environment the helper gets on top of a bare one: which engines there are */
  readonly environment?: Readonly<Record<string, string>>;
  /** program that is asked for the helper, and becomes it (default: the command line as built) */
  readonly program?: string;
}

export class TestLasso {
  readonly root: string;
  readonly folders: Folders;
  readonly host: Host;
  readonly environment: Readonly<Record<string, string>>;
  readonly #program: string;
  #connection: HelperConnection | undefined;

  constructor(options: LassoOptions = {}) {
    this.#program = options.program ?? lassoProgram;
    this.root = mkdtempSync(join(tmpdir(), 'l-'));
    this.environment = {
      PATH: process.env['PATH'] ?? '/usr/bin:/bin',
      HOME: homedir(),
      LANG: 'C.UTF-8',
      TMPDIR: tmpdir(),
      // A test's sandboxes must not see the engines of whoever runs it.
      DOCKER_HOST: 'unix:///nonexistent/docker.sock',
      CONTAINER_HOST: 'unix:///nonexistent/podman.sock',
      SECRET_OF_THE_HOST: 'do-not-pass',
      LASSO_IDLE_MS: '2000',
      ...(process.env['LASSO_TEST_RUN'] === undefined ? {} : { LASSO_TEST_RUN: process.env['LASSO_TEST_RUN'] }),
      LASSO_CACHE_DIR: process.env['LASSO_CACHE_DIR'] ?? join(root, '.cache', 'lasso'),
      ...options.environment,
      LASSO_HOME: join(this.root, 'home'),
      LASSO_RUNTIME_DIR: join(this.root, 'run'),
    };
    this.host = {
      platform: process.platform,
      environment: this.environment,
      home: homedir(),
      uid: process.getuid?.(),
      gid: process.getgid?.(),
      user: 'tester',
      temporary: tmpdir(),
    };
    this.folders = foldersOf(this.host);
  }

  /** Connects, starting the helper if need be. */
  async connect(): Promise<HelperConnection> {
    if (this.#connection) return this.#connection;
    const told = await runChild(process.execPath, [this.#program, 'helper', 'ensure', '--json'], {
      timeoutMs: 60_000,
      environment: this.environment,
    });
    assert.equal(told.code, 0, told.stderr);
    const { version, build } = parsed(told.stdout);
    const connection = await connectHelper({ host: this.host, folders: this.folders, version, build, spawn: null });
    this.#connection = connection;
    void connection.closed.then(() => {
      if (this.#connection === connection) this.#connection = undefined;
    });
    return connection;
  }

  async create(params: OperationInput<'create'>): Promise<SandboxInfo> {
    return (await this.connect()).call('create', params);
  }

  /** Runs a command and captures what it says. */
  async exec(
    sandbox: string,
    command: readonly string[],
    more: Partial<OperationInput<'exec'>> = {},
  ): Promise<OperationResult<'exec'> & { stdout: string; stderr: string }> {
    const result = await (await this.connect()).call('exec', { sandbox, command: [...command], ...more });
    return { ...result, stdout: result.stdout ?? '', stderr: result.stderr ?? '' };
  }

  /** Runs a command over streams, with `input` on its stdin. */
  async stream(sandbox: string, command: readonly string[], input: Buffer): Promise<{ exit: CommandExit; stdout: Buffer; stderr: Buffer }> {
    const connection = await this.connect();
    const [stdio, stderr] = [randomBytes(32).toString('hex'), randomBytes(32).toString('hex')];
    const called = connection.call('exec', { sandbox, command: [...command], stdin: true, stdio, stderr });
    const [out, err] = await Promise.all([connection.openStream(stdio), connection.openStream(stderr)]);
    err.end();
    out.end(input);
    const [stdoutBytes, stderrBytes, { exit }] = await Promise.all([readAll(out), readAll(err), called]);
    return { exit, stdout: stdoutBytes, stderr: stderrBytes };
  }

  /** Opens a terminal with the sandbox's shell. */
  async terminal(sandbox: string, size: { rows: number; columns: number }): Promise<TestTerminal> {
    const connection = await this.connect();
    const token = randomBytes(32).toString('hex');
    const called = connection.call('terminalOpen', { sandbox, ...size, stream: token });
    const stream = await connection.openStream(token);
    return openedTerminal(connection, sandbox, (await called).terminal.id, stream);
  }

  async attach(sandbox: string, terminal: string, size = { rows: 30, columns: 100 }): Promise<TestTerminal> {
    const connection = await this.connect();
    const token = randomBytes(32).toString('hex');
    const called = connection.call('terminalAttach', { sandbox, terminal, ...size, stream: token });
    const stream = await connection.openStream(token);
    return openedTerminal(connection, sandbox, (await called).terminal.id, stream);
  }

  /** Runs the command line itself. */
  cli(
    argv: readonly string[],
    more: { input?: string; cwd?: string; environment?: Readonly<Record<string, string>>; timeoutMs?: number } = {},
  ): Promise<ChildResult> {
    return runChild(process.execPath, [lassoProgram, ...argv], {
      timeoutMs: more.timeoutMs ?? 120_000,
      limitBytes: 64 * 1024 * 1024,
      environment: { ...this.environment, ...more.environment },
      cwd: more.cwd ?? this.root,
      ...(more.input === undefined ? {} : { input: more.input }),
    });
  }

  profile(name: string, text: string): string {
    const folder = join(this.folders.home, 'profiles');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, `${name}.toml`), text);
    return name;
  }

  helperPid(): Promise<number> {
    return this.connect().then(({ pid }) => pid);
  }

  helperLog(): string {
    try {
      return readFileSync(this.folders.log, 'utf8');
    } catch {
      return '';
    }
  }

  /** Lets go of the connection, as a client that goes away does. */
  disconnect(): void {
    this.#connection?.dispose();
    this.#connection = undefined;
  }

  /** Removes every sandbox and ends the helper. */
  async quit(): Promise<void> {
    const connection = await this.connect();
    const { pid } = connection;
    await connection.call('remove', { sandbox: 'all' });
    await connection.call('quit', {}).catch(() => undefined);
    await connection.closed;
    this.#connection = undefined;
    await gone(pid);
  }

  /** Ends all of it, and looks for what is left. */
  async dispose(): Promise<void> {
    await this.quit();
    const left = readdirSync(this.folders.runtime).filter((name) => /^[0-9a-f]{12}$/.test(name));
    const log = this.helperLog();
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter((line) => line.includes(this.root));
    if (mounts.length === 0) rmSync(this.root, { recursive: true, force: true });
    assert.deepEqual({ left, mounts }, { left: [], mounts: [] }, `left behind; the helper’s log:\n${log}`);
  }
}

/** Waits until no process has this id. */
export async function gone(pid: number): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail(`process ${pid} is still there`);
}

async function readAll(stream: Duplex): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function parsed(text: string): { readonly version: string; readonly build: string } {
  const value: unknown = JSON.parse(text);
  assert.ok(typeof value === 'object' && value !== null && 'version' in value && 'build' in value);
  return { version: String(value.version), build: String(value.build) };
}
