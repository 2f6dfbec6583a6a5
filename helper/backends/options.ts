/** What every backend is given of the machine and of this user. */
import type { Log } from '../base/log.ts';
import type { Folders, Host } from '../base/platform.ts';

export interface BackendOptions {
  readonly host: Host;
  readonly folders: Folders;
  readonly log: Log;
  /** program that opens ports below 1024 of a sandbox's own network; undefined where there is none */
  readonly portsProgram?: string | undefined;
}
