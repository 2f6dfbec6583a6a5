/** What engines promise below the core, on real private ones: hardening as the engine itself reports it, ownership, ends, leftovers. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import Docker from 'dockerode';
import type { Backend, RunningSandbox, SandboxSpec } from '../../helper/backends/backend.ts';
import { Engine, type EngineBackend } from '../../helper/backends/engine.ts';
import { docker } from '../../helper/backends/docker.ts';
import { engineOptions } from '../../helper/backends/index.ts';
import { podman } from '../../helper/backends/podman.ts';
import { runChild } from '../../helper/base/child.ts';
import { silentLog } from '../../helper/base/log.ts';
import { foldersOf, type Host } from '../../helper/base/platform.ts';
import { openStdioLink } from '../../helper/guest/open.ts';
import { ensureImage, readRecipe, type Recipe } from '../../helper/images/index.ts';
import { canStartEngines, mountsBelow, startDocker, startPodman, type TestEngine } from '../kit/engines.ts';

const root = join(import.meta.dirname, '..', '..');
const guestProgram = join(root, 'dist', 'guest', `guest-linux-${process.arch}`);
const cacheFolder = join(process.env['LASSO_CACHE_DIR'] ?? join(root, '.cache'), 'images');
const skip = canStartEngines() ? false : 'private engines need root on Linux';
const mebibyte = 2 ** 20;

const kinds = [
  { kind: docker, start: () => startDocker() },
  { kind: podman, start: () => startPodman({ service: true }) },
] as const;

for (const { kind, start } of kinds) {
  describe(`a sandbox on ${kind.title}`, { skip }, () => {
    const place = mkdtempSync(join(tmpdir(), 'lasso-engines-'));
    let engine: TestEngine;
    let backend: EngineBackend;
    let recipe: Recipe;
    let image: string;
    let api: Docker;

    before(async () => {
      engine = await start();
      backend = backendOn(engine, place);
      api = new Docker({ host: undefined, socketPath: engine.socket });
      recipe = await readRecipe({ imagesFolder: join(root, 'images'), guestProgram, environment: {} });
      image = (await ensure()).digest;
    });
    after(async () => {
      await backend.dispose();
      await engine.stop();
      // A promise that was broken half-way may have left views.
      for (const target of mountsBelow(place)) await runChild('umount', ['--lazy', target], { timeoutMs: 5000 });
      rmSync(place, { recursive: true });
    });
    const ensure = (): ReturnType<typeof ensureImage> =>
      ensureImage({
        engine: backend.images,
        recipe,
        force: false,
        cacheFolder,
        environment: engine.environment,
        onProgress: () => undefined,
      });
    const containers = async (): Promise<readonly string[]> => (await api.listContainers({ all: true })).map(({ Id }) => Id);

    test('an unchanged image is not built again, and is named by its digest', async () => {
      assert.deepEqual(await ensure(), { digest: image, built: false });
      assert.match(image, /^sha256:[0-9a-f]{64}$/);
    });

    test('a probe says what works', async () => {
      const probe = await backend.probe();
      assert.equal(probe.available, true, probe.reason);
      assert.deepEqual([probe.rootless, probe.remote, probe.links], [false, false, ['socket', 'stdio']]);
      assert.deepEqual(
        probe.isolations.map(({ level, available }) => [level, available]),
        [
          ['container', true],
          ['gvisor', true],
          ['kata', false],
        ],
      );
    });

    test('is as locked down as the engine itself reports', async () => {
      const running = await backend.start(specIn(place, { image }));
      try {
        const { HostConfig: host, Config: config, State: state } = await api.getContainer(running.engineId).inspect();
        const limits = [host.Memory, host.MemorySwap, host.PidsLimit, host.NanoCpus];
        assert.deepEqual(limits, [256 * mebibyte, 256 * mebibyte, 64, 1_500_000_000]);
        assert.deepEqual([host.Privileged, host.ReadonlyRootfs, host.NetworkMode], [false, true, 'none']);
        // Podman says shareable, which only another container could use.
        assert.match(host.IpcMode ?? '', /^(private|shareable)$/);
        assert.deepEqual([host.CapAdd ?? [], host.LogConfig?.Type, config.User], [[], 'none', '1000:1000']);
        assert.equal(state.Running, true);
        const status = readFileSync(`/proc/${state.Pid}/status`, 'utf8');
        assert.match(status, /^CapBnd:\t0{16}$/m);
        assert.match(status, /^CapEff:\t0{16}$/m);
        assert.match(status, /^NoNewPrivs:\t1$/m);
        assert.match(status, /^Seccomp:\t2$/m);
        assert.match(status, /^Uid:\t1000\t1000\t1000\t1000$/m);
        const rlimits = readFileSync(`/proc/${state.Pid}/limits`, 'utf8');
        // Pid 1's own: it holds several files for each program, and lowers the limit for what it starts.
        assert.match(rlimits, /^Max open files +8192 +8192/m);
        assert.match(rlimits, /^Max file size +10485760 +10485760/m);
        assert.match(rlimits, /^Max core file size +0 +0/m);
        assert.deepEqual(devicesOf(state.Pid), ['lo']);
        const mounts = readFileSync(`/proc/${state.Pid}/mountinfo`, 'utf8')
          .split('\n')
          .map((line) => line.split(' '));
        const options = (target: string): string => mounts.find((fields) => fields[4] === target)?.[5] ?? '';
        assert.match(options('/'), /^ro/);
        assert.match(options('/workspace'), /nosuid.*nodev/);
        for (const target of ['/tmp', '/var/tmp', '/run', '/home/agent', '/dev/shm'])
          assert.match(options(target), /nosuid.*nodev/, target);
        for (const name of ['passwd', 'group', 'hosts', 'resolv.conf', 'hostname', 'ssl/certs/ca-certificates.crt'])
          assert.match(options(`/etc/${name}`), /^ro/, name);
        assert.ok(!mounts.some((fields) => /\.sock/.test(fields[4] ?? '')));
      } finally {
        await running.remove();
      }
    });

    test('leaves files in the workspace to whom the workspace belongs, and nothing when it is removed', async () => {
      const spec = specIn(place, { image, folder: 'odd, "name": ü' });
      const running = await backend.start(spec);
      assert.equal(await exitOf(running, 'umask; echo made > file; mkdir folder; id -u; ls -ln; test "$(stat -c %u .)" = 1000'), 0);
      const made = ['file', 'folder'].map((name) => statSync(join(spec.workspace.source, name)));
      assert.deepEqual(
        made.map(({ uid, gid }) => [uid, gid]),
        [
          [0, 0],
          [0, 0],
        ],
      );
      assert.deepEqual(
        (await backend.find(spec.owner)).map(({ id, running: runs }) => [id, runs]),
        [[spec.id, true]],
      );
      assert.deepEqual(await backend.find('another owner'), []);
      await Promise.all([running.remove(), running.remove()]);
      await running.remove();
      await running.ended;
      assert.deepEqual(await containers(), []);
      assert.deepEqual(mountsBelow(place), []);
      assert.deepEqual(readdirSync(spec.scratch), []);
    });

    test('that is killed for memory says so, and the next one starts', async () => {
      const running = await backend.start(specIn(place, { image }));
      assert.notEqual(await exitOf(running, 'head -c 400M /dev/zero | tail > /dev/null; exit 9'), 0);
      assert.ok(((await running.memoryKills()) ?? 0) > 0);
      await running.remove();
      const next = await backend.start(specIn(place, { image }));
      assert.equal(await exitOf(next, 'true'), 0);
      await next.remove();
    });

    test('whose pid 1 is killed has ended, and can still be removed', async () => {
      const running = await backend.start(specIn(place, { image }));
      const { State } = await api.getContainer(running.engineId).inspect();
      assert.ok(State.Pid > 1);
      process.kill(State.Pid, 'SIGKILL');
      const end = await running.ended;
      assert.deepEqual([end.code, end.signal], [null, 9]);
      await running.remove();
      assert.deepEqual(await containers(), []);
    });

    test('that cannot start leaves nothing, and says why', async () => {
      const missing = specIn(place, { image: `sha256:${'0'.repeat(64)}` });
      await assert.rejects(backend.start(missing), { code: 'IMAGE_MISSING' });
      const odd = specIn(place, { image });
      const target = { source: place, target: '/mnt/a,b', readonly: true };
      await assert.rejects(backend.start({ ...odd, mounts: [target] }), { code: 'MOUNT_REFUSED' });
      const unmapped = backendOn(engine, place, '/nowhere/idmap');
      await assert.rejects(unmapped.start(specIn(place, { image })), { code: 'CANNOT_ENFORCE' });
      await unmapped.dispose();
      assert.deepEqual(await containers(), []);
      assert.deepEqual(mountsBelow(place), []);
    });

    test('that another helper left is taken over, or discarded with its mounts', async () => {
      const spec = specIn(place, { image });
      await backend.start(spec);
      const other = backendOn(engine, place);
      const [found] = await other.find(spec.owner);
      assert.ok(found);
      const adopted = await other.adopt(found, spec);
      assert.ok(adopted);
      assert.equal(adopted.stdio, null);
      await other.discard(found, spec.scratch);
      await adopted.ended;
      await other.discard(found, spec.scratch);
      assert.equal(await other.adopt(found, spec), null);
      assert.deepEqual(mountsBelow(place), []);
      await other.dispose();
    });

    test('in gVisor runs with a stdio link', async () => {
      const running = await backend.start({ ...specIn(place, { image }), isolation: 'gvisor' });
      assert.equal(await exitOf(running, 'dmesg 2>/dev/null | grep -qi gvisor; test -w /workspace'), 0);
      await running.remove();
      assert.deepEqual(await containers(), []);
    });

    test('whose engine dies has ended, with the reason', async () => {
      const spec = specIn(place, { image });
      const running = await backend.start(spec);
      assert.ok(engine.pid);
      process.kill(engine.pid, 'SIGKILL');
      const end = await running.ended;
      assert.match(end.message ?? '', new RegExp(`${kind.title} stopped answering`));
      await assert.rejects(running.remove(), { code: /^(NO_ENGINE|ENGINE_LOST)$/ });
      await assert.rejects(backend.start(spec), { code: /^(NO_ENGINE|ENGINE_LOST)$/ });
      assert.deepEqual(
        mountsBelow(place).filter((target) => target.startsWith(spec.scratch)),
        [],
      );
      assert.equal((await backend.probe()).failure, 'absent');
    });
  });
}

function backendOn(
  engine: TestEngine,
  place: string,
  idmapProgram = join(root, 'dist', 'idmap', `idmap-linux-${process.arch}`),
): EngineBackend {
  const environment = { ...engine.environment, LASSO_HOME: join(place, 'home'), LASSO_RUNTIME_DIR: join(place, 'run') };
  const host: Host = { platform: 'linux', environment, home: place, uid: 0, gid: 0, user: 'root', temporary: tmpdir() };
  const options = engineOptions({ host, folders: foldersOf(host), log: silentLog, idmapProgram, lossMs: 1500 });
  return new Engine('CONTAINER_HOST' in engine.environment ? podman : docker, options);
}

function specIn(place: string, options: { readonly image: string; readonly folder?: string }): SandboxSpec {
  const base = mkdtempSync(join(place, 'sandbox-'));
  const folder = (name: string): string => {
    mkdirSync(join(base, name));
    return join(base, name);
  };
  const etc = folder('etc');
  const files = { passwd: 'agent:x:1000:1000::/home/agent:/bin/sh\n', group: 'agent:x:1000:\n', hosts: '127.0.0.1 localhost\n' };
  for (const [name, text] of Object.entries({ ...files, 'resolv.conf': '', hostname: 'box\n', 'ca-certificates.crt': '' }))
    writeFileSync(join(etc, name), text);
  return {
    id: base.slice(-6).toLowerCase().padStart(12, '0'),
    name: 'sample',
    owner: 'the tests',
    image: options.image,
    isolation: 'container',
    guestProgram,
    link: { kind: 'stdio', directory: folder('link'), token: '0'.repeat(64) },
    identity: { uid: 1000, gid: 1000, hostUid: 0, hostGid: 0 },
    workspace: { source: folder(options.folder ?? 'work'), target: '/workspace', readonly: false },
    overlays: [],
    provided: [],
    home: null,
    mounts: [],
    environment: { PATH: '/usr/bin:/bin' },
    etc,
    scratch: folder('scratch'),
    hostname: 'box',
    limits: {
      memoryBytes: 256 * mebibyte,
      cpus: 1.5,
      pids: 64,
      openFiles: 512,
      fileSizeBytes: 10 * mebibyte,
      temporaryBytes: 16 * mebibyte,
      homeBytes: 16 * mebibyte,
    },
    waived: [],
    labels: {},
  };
}

/** Exit status of a shell script run by the guest. */
async function exitOf(running: Awaited<ReturnType<Backend['start']>>, script: string): Promise<number> {
  const link = await openStdioLink({ stdio: stdioOf(running), graceMs: 0, log: silentLog });
  const environment = { PATH: '/usr/bin:/bin' };
  const child = await link.spawn({
    ...{ argv: ['sh', '-c', script], file: '/bin/sh', cwd: '/workspace', environment },
    ...{ terminal: null, stdin: false, separateStderr: false },
  });
  child.stdio.resume();
  return (await child.exited).status;
}

function stdioOf(running: RunningSandbox): NonNullable<RunningSandbox['stdio']> {
  assert.ok(running.stdio);
  return running.stdio;
}

const devicesOf = (pid: number): readonly string[] =>
  readFileSync(`/proc/${pid}/net/dev`, 'utf8')
    .split('\n')
    .flatMap((line) => /^\s*([^:\s]+):/.exec(line)?.[1] ?? []);
