/** The helper's half of the composition root: faces that serve, and the core behind them, introduced to each other. */
import { fileLog } from './base/log.ts';
import type { Folders, Host } from './base/platform.ts';
import type { Network } from './egress/contract.ts';
import { systemRandom } from './base/random.ts';
import { openCore, type ComposedCore } from './core/compose.ts';
import { openSoonerOrLater } from './core/late-core.ts';
import { runHelper } from './faces/rpc/daemon.ts';
import { registerLanguage } from './faces/rpc/language.ts';

export interface HelperProcess {
  readonly host: Host;
  readonly folders: Folders;
  readonly version: string;
  /** digest of the bundle */
  readonly build: string;
  /** folder of the installed package: profiles, images, guest binaries */
  readonly packageRoot: string;
  /** default: that of this machine */
  readonly network?: Network;
}

/** Serves until nobody needs a helper any more; resolves with the exit status. */
export async function becomeHelper({ host, folders, version, build, packageRoot, network }: HelperProcess): Promise<number> {
  const log = fileLog(folders.log, () => new Date());
  let core: ComposedCore | undefined;
  return await runHelper({
    host,
    folders,
    version,
    build,
    log,
    random: systemRandom,
    language: (connection) =>
      core
        ? registerLanguage(connection, {
            sources: core.sources,
            usualProfile: core.usualProfile,
            variables: variableNames(host.environment),
            log,
          })
        : { dispose: () => undefined },
    open: () =>
      openSoonerOrLater(async () => {
        core = await openCore({ host, folders, log, version, packageRoot, ...(network === undefined ? {} : { network }) });
        return core;
      }, log),
  });
}

/** Names only; those that sound like secrets first, since those are looked for. */
function variableNames(environment: Host['environment']): readonly string[] {
  const secret = (name: string): boolean => /TOKEN|SECRET|KEY|PASSWORD|CREDENTIAL/i.test(name);
  return Object.keys(environment).sort((a, b) => Number(secret(b)) - Number(secret(a)) || (a < b ? -1 : 1));
}
