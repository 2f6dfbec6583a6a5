/** What every part of the extension is given. It holds no state besides what its members hold. */
import type * as vscode from 'vscode';
import type { ApprovalList } from './approvals/list.ts';
import type { Documents } from './documents.ts';
import type { Helper } from './helper.ts';
import type { Log } from './log.ts';
import type { ProfileList } from './profiles/list.ts';
import type { SandboxList } from './sandboxes/list.ts';

export interface Context {
  readonly helper: Helper;
  readonly sandboxes: SandboxList;
  readonly profiles: ProfileList;
  readonly approvals: ApprovalList;
  readonly documents: Documents;
  readonly log: Log;
  /** path of the `lasso` program that comes with the extension */
  readonly program: string;
  /** remembers choices of this workspace */
  readonly memory: vscode.Memento;
}
