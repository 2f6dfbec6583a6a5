/**
 * The helper as a process: becomes the one helper of this user or leaves quietly, serves until nobody needs it, and ends in
 * order on a signal. A fault nobody caught is written down and ends it: half a helper governs nothing.
 */
import type { Log } from '../../base/log.ts';
import type { Folders, Host } from '../../base/platform.ts';
import type { Random } from '../../base/random.ts';
import type { OperationHost } from '../../core/operations/contract.ts';
import { claimHelper, type HelperClaim } from './claim.ts';
import { serveRpc, type RegisterLanguage } from './server.ts';

/** why the helper ends */
export type LeaveReason = 'idle' | 'quit' | 'signal' | 'fault';

/** the core, opened by the helper once it is the only one */
export interface HelperCore extends OperationHost {
  /** Ends what must not go on without a helper, and closes records; resolves when the process may exit. */
  close(reason: LeaveReason): Promise<void>;
}

export interface HelperOptions {
  readonly host: Host;
  readonly folders: Folders;
  readonly version: string;
  readonly build: string;
  readonly random: Random;
  readonly log: Log;
  readonly language: RegisterLanguage;
  /** Opens the core; clients that are waiting are answered when it resolves, so long reconciling belongs behind it. */
  readonly open: () => Promise<HelperCore>;
  readonly idleMs?: number;
}

export const defaultIdleMs = 5000;
/** longest orderly end, in milliseconds */
const closeMs = 20_000;
/** longest end after a fault */
const faultCloseMs = 2000;
const faultExit = 70;

/** Runs the helper in this process; resolves with its exit status when it has ended. The caller exits with it. */
export async function runHelper(options: HelperOptions): Promise<number> {
  const { log } = options;
  process.umask(0o077);
  const claim = await claimHelper(options);
  if (claim === null) {
    log.info('another helper serves this user already');
    return 0;
  }
  log.info(`helper ${options.version} (${options.build}), process ${process.pid}, generation ${claim.announcement.generation}`);
  return govern(options, claim);
}

async function govern(options: HelperOptions, claim: HelperClaim): Promise<number> {
  const { log } = options;
  const leaving = watchProcess(log);
  let core: HelperCore | undefined;
  let server: { dispose(): void } | undefined;
  try {
    core = await options.open();
    server = serveRpc({
      ...options,
      claim,
      core,
      idleMs: options.idleMs ?? idleMsOf(options.host),
      onIdle: (reason) => leaving.leave(reason),
    });
  } catch (error) {
    log.error('the helper could not start', error);
    leaving.leave('fault');
  }
  const reason = await leaving.reason;
  log.info(`helper ends: ${reason}`);
  claim.close();
  const closed = await within(reason === 'fault' ? faultCloseMs : closeMs, close(core, server, reason));
  if (closed !== true) log.error('the helper could not end in order', closed === false ? 'it took too long' : closed);
  leaving.dispose();
  log.info('helper ended');
  return reason === 'fault' || closed !== true ? faultExit : 0;
}

async function close(core: HelperCore | undefined, server: { dispose(): void } | undefined, reason: LeaveReason): Promise<void> {
  try {
    await core?.close(reason);
  } finally {
    server?.dispose();
  }
}

function watchProcess(log: Log): { readonly reason: Promise<LeaveReason>; leave(reason: LeaveReason): void; dispose(): void } {
  let leave: (reason: LeaveReason) => void = () => undefined;
  const reason = new Promise<LeaveReason>((resolve) => {
    leave = resolve;
  });
  const onSignal = (): void => leave('signal');
  const onFault = (error: unknown): void => {
    log.error('unhandled error', error);
    leave('fault');
  };
  // A closing terminal is no reason to leave sandboxes alone.
  const onHangUp = (): void => log.info('SIGHUP ignored');
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal).on('SIGHUP', onHangUp);
  process.on('uncaughtException', onFault).on('unhandledRejection', onFault);
  const dispose = (): void => {
    process.off('SIGTERM', onSignal).off('SIGINT', onSignal).off('SIGHUP', onHangUp);
    process.off('uncaughtException', onFault).off('unhandledRejection', onFault);
  };
  return { reason, leave, dispose };
}

/** True when done, false when too late, or what it failed with. */
async function within(ms: number, work: Promise<void>): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } catch (error) {
    return error;
  } finally {
    clearTimeout(timer);
  }
}

function idleMsOf(host: Host): number {
  const given = Number(host.environment['LASSO_IDLE_MS'] ?? '');
  return Number.isInteger(given) && given > 0 ? given : defaultIdleMs;
}
