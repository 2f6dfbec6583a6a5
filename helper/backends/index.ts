/** Every backend there is, in the order in which they are tried. */
import { hostname, release } from 'node:os';
import { findProgram } from '../base/program.ts';
import type { Backend } from './backend.ts';
import { createBubblewrap } from './bubblewrap.ts';
import { docker } from './docker.ts';
import { Engine, type EngineBackend } from './engine.ts';
import type { EngineOptions } from './engine-kind.ts';
import { hardLimitsOf } from './hard-limits.ts';
import type { BackendOptions } from './options.ts';
import { podman } from './podman.ts';

export interface BackendsOptions extends BackendOptions {
  /** program that makes id-mapped mounts on this machine; undefined where there is none */
  readonly idmapProgram: string | undefined;
  /** how long an engine that went silent is waited for before its sandboxes count as lost */
  readonly lossMs?: number;
}

const usualLossMs = 10_000;

/** Docker, Podman, bubblewrap. */
export function backendsOf(options: BackendsOptions): readonly Backend[] {
  const engine = engineOptions(options);
  return [new Engine(docker, engine), new Engine(podman, engine), createBubblewrap(options)];
}

/** True for a backend that starts from images, and so can build them. */
export function hasImages(backend: Backend): backend is EngineBackend {
  return 'images' in backend;
}

/** What the engines are told of this machine. */
export function engineOptions(options: BackendsOptions): EngineOptions {
  const { host, folders, log } = options;
  const linux = host.platform === 'linux';
  const { PATH } = host.environment;
  return {
    host,
    kernel: release(),
    hostName: hostname(),
    runtimeFolder: folders.runtime,
    hardLimits: linux ? hardLimitsOf() : { openFiles: null, processes: null, fileSizeBytes: null },
    tools: { uid: host.uid, idmapProgram: options.idmapProgram, umountProgram: linux ? findProgram('umount', PATH) : undefined },
    log,
    lossMs: options.lossMs ?? usualLossMs,
  };
}
