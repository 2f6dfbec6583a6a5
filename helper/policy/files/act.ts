/** What a profile says to reading or writing one file of a sandbox from outside, as the agent in it would. Pure and total. */
import type { ProfileMode } from '../../protocol/profile/profile.ts';
import type { Verdict } from '../../protocol/verdict.ts';
import { fileRuleFor, type FileRules, preparedRules } from './rules.ts';

export interface FileActRules {
  readonly files: FileRules;
  readonly mode: ProfileMode;
  /** whether the workspace may be changed at all */
  readonly workspaceWritable: boolean;
}

/** @param path absolute path in the sandbox, without `.`, `..` and doubled slashes; where its links lead the sandbox itself holds to the rules */
export function judgeFileAct(act: 'read' | 'write', path: string, rules: FileActRules, workspace: string): Verdict {
  if (act === 'write' && rules.mode === 'observe') return deny('mode', 'In observe mode nothing is written; a person can switch the mode.');
  const below = path.startsWith(`${workspace}/`) ? path.slice(workspace.length + 1) : undefined;
  if (below === undefined) return allowed;
  const rule = fileRuleFor(below, preparedRules(rules.files));
  if (rule?.kind === 'hidden') return deny(rule.rule, 'This file is hidden: it can be neither read nor changed here.');
  if (act === 'read') return allowed;
  if (rule?.kind === 'guarded') return deny(rule.rule, 'This file is guarded: the host may obey it, so only a person changes or makes it.');
  if (rule?.kind === 'readonly') return deny(rule.rule, 'This file is read-only here: only a person changes or makes it.');
  if (!rules.workspaceWritable) return deny('workspace.mode', 'The workspace is read-only here.');
  return allowed;
}

const allowed: Verdict = { decision: 'allow', stage: 'files', reason: 'No rule about files speaks against it.' };

const deny = (rule: string, reason: string): Verdict => ({ decision: 'deny', stage: 'files', reason, rule });
