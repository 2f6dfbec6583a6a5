/** What a link is opened with: who answers what the guest asks. What nobody answers is not asked. */
import type { Log } from '../base/log.ts';
import type { ExecGate } from './exec.ts';
import type { FileGate } from './files.ts';
import type { GuardGate, NetworkGate } from './network.ts';

export interface LinkSettings {
  /** how long the guest waits for a helper that is gone before it kills everything; 0: not at all */
  readonly graceMs: number;
  readonly log: Log;
  /** judges every program start; absent: none is asked about */
  readonly gate?: ExecGate;
  /** decides on names and connections; absent: the guest answers none and carries none */
  readonly network?: NetworkGate;
  /** answers hooks of agents; absent: each is refused */
  readonly guard?: GuardGate;
  /** says which files are closed; absent: none is, and none is told of */
  readonly files?: FileGate;
}
