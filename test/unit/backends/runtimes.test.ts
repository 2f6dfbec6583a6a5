import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IsolationSupport } from '../../../helper/backends/backend.ts';
import { docker } from '../../../helper/backends/docker.ts';
import type { EngineInfo } from '../../../helper/backends/connection.ts';
import { engineOptions } from '../../../helper/backends/index.ts';
import { silentLog } from '../../../helper/base/log.ts';
import { foldersOf, type Host } from '../../../helper/base/platform.ts';

const host: Host = { platform: 'linux', environment: {}, home: '/home/ann', uid: 1000, gid: 1000, user: 'ann', temporary: '/tmp' };
const options = engineOptions({ host, folders: foldersOf(host), log: silentLog, idmapProgram: undefined });

const info: EngineInfo = {
  version: '28.0.0',
  podman: false,
  rootless: false,
  userNamespaces: false,
  selinux: false,
  seccomp: true,
  runtimes: ['runc'],
  runtimeArguments: new Map(),
  kernel: '',
  system: '',
  hostName: '',
  cgroupVersion: 2,
  cgroupDriver: '',
  enforces: { memory: true, cpu: true, pids: true },
  storage: '',
};

test('an isolation level is a runtime of the engine, whatever exactly it is called', () => {
  const cases: readonly (readonly ['container' | 'gvisor' | 'kata', readonly string[], string | undefined])[] = [
    ['container', ['runc'], undefined],
    ['gvisor', ['runc', 'runsc'], 'runsc'],
    ['gvisor', ['runc', 'runsc-kvm'], 'runsc-kvm'],
    ['gvisor', ['runc'], undefined],
    ['kata', ['runc', 'io.containerd.kata.v2'], 'io.containerd.kata.v2'],
    ['kata', ['runc', 'kata-runtime'], 'kata-runtime'],
    ['kata', ['runc', 'runsc'], undefined],
  ];
  for (const [level, runtimes, runtime] of cases)
    assert.equal(docker.runtimeFor(level, { ...info, runtimes }), runtime, `${level} of ${runtimes.join()}`);
});

test('Kata is offered over its own link where the engine has it, and refused with what to do where it has not', () => {
  const kata = (runtimes: readonly string[]): IsolationSupport | undefined =>
    docker.isolations({ ...info, runtimes }, options, false).find(({ level }) => level === 'kata');
  assert.deepEqual(kata(['runc', 'io.containerd.kata.v2']), {
    level: 'kata',
    available: true,
    runtime: 'io.containerd.kata.v2',
    links: ['stdio'],
  });
  assert.equal(kata(['runc'])?.available, false);
  assert.match(kata(['runc'])?.reason ?? '', /Install Kata/);
});

test('gVisor that ignores control groups says which limits it does not keep', () => {
  const runtimeArguments = new Map([['runsc', ['--ignore-cgroups']]]);
  const found = docker
    .isolations({ ...info, runtimes: ['runsc'], runtimeArguments }, options, false)
    .find(({ level }) => level === 'gvisor');
  assert.deepEqual(
    found?.missing?.map(({ control }) => control),
    ['memory', 'cpu', 'pids'],
  );
});
