/** What every backend is given of the machine and of this user. */
import type { Log } from '../base/log.ts';
import type { Folders, Host } from '../base/platform.ts';

export interface BackendOptions {
  readonly host: Host;
  readonly folders: Folders;
  readonly log: Log;
}
