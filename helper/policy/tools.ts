/**
 * What a profile says to a tool that an agent wants to use: the same answer as for a command, a file or a connection that comes
 * to it in another way. Pure and total; every text may be hostile, and what cannot be told is refused.
 */
import type { Verdict } from '../protocol/verdict.ts';
import { judgeCommand, judgeFile } from './commands/judge.ts';
import { absolutePath, type CommandPlace, isWithin } from './commands/paths.ts';
import { type FileRule, fileRuleFor, preparedRules } from './files/rules.ts';
import type { CommandRules } from './commands/rules.ts';
import { judgeUrl } from './network/urls.ts';
import type { Policy } from './policy.ts';

/** one thing a tool would do; a tool may do several */
export type ToolQuestion =
  /** `cwd`: absolute, where the agent says one */
  | { readonly kind: 'command'; readonly text: string; readonly cwd?: string }
  /** absolute paths, or relative to the folder of the place */
  | { readonly kind: 'read' | 'write'; readonly paths: readonly string[] }
  | { readonly kind: 'url'; readonly url: string }
  /** nothing that a profile is about */
  | { readonly kind: 'other'; readonly tool: string }
  /** part of a sentence, `its command is missing` */
  | { readonly kind: 'unclear'; readonly why: string };

export type ToolRules = Pick<Policy, 'files' | 'network' | 'workspaceWritable'> & { readonly commands: CommandRules };

/** `exec` is a yes as far as the text tells: what it starts is judged when it starts. */
export function judgeTool(question: ToolQuestion, rules: ToolRules, place: CommandPlace): Verdict {
  switch (question.kind) {
    case 'command': {
      const here = question.cwd?.startsWith('/') === true ? { ...place, cwd: question.cwd } : place;
      return judgeCommand(question.text, rules.commands, here).verdict;
    }
    case 'read':
    case 'write': {
      const prepared = preparedRules(rules.files);
      return severest(question.paths.map((path) => judgePath(question.kind, path, prepared, rules, place)));
    }
    case 'url':
      return judgeUrl(question.url, undefined, rules.network);
    case 'other':
      return { decision: 'allow', stage: 'tool', reason: 'Nothing in the profile is about this tool.' };
    case 'unclear':
      return { decision: 'deny', stage: 'unclear', reason: `What this tool would do cannot be told: ${question.why}.` };
  }
}

const severity: Readonly<Record<Verdict['decision'], number>> = { deny: 3, ask: 2, exec: 1, allow: 0 };

/** The first of those that allow least. */
export function severest(verdicts: readonly Verdict[]): Verdict {
  const nothing: Verdict = { decision: 'allow', stage: 'tool', reason: 'It names nothing that the profile is about.' };
  return verdicts.reduce(
    (worst, verdict) => (severity[verdict.decision] > severity[worst.decision] ? verdict : worst),
    verdicts[0] ?? nothing,
  );
}

function judgePath(does: 'read' | 'write', path: string, prepared: readonly FileRule[], rules: ToolRules, place: CommandPlace): Verdict {
  if (path === '' || /[\0-\x1f\x7f]/.test(path))
    return deny('unclear', 'What this tool would do cannot be told: its path is no plain text.');
  const whole = absolutePath(path, place.cwd, place.home) ?? path;
  if (does === 'write' && rules.commands.mode === 'observe')
    return deny('mode', `In observe mode nothing is written, and this would write “${path}”; switch the mode.`, 'mode');
  const folder = [place.workspace, ...(place.mounts ?? [])].find((own) => isWithin(whole, own));
  const inner = folder === undefined ? '' : whole.slice(folder.length + 1);
  const found = inner === '' ? undefined : fileRuleFor(inner, prepared);
  if (found?.kind === 'hidden')
    return deny('hidden', `“${path}” is hidden by the profile (“${found.pattern.text}”); do without it.`, found.rule);
  if (does === 'write' && found !== undefined) {
    const why = found.kind === 'guarded' ? 'guarded by the profile' : 'read-only by the profile';
    return deny('closed', `“${path}” is ${why} (“${found.pattern.text}”); leave it as it is.`, found.rule);
  }
  if (does === 'write' && folder === place.workspace && !rules.workspaceWritable)
    return deny('closed', 'The profile lets nobody change this workspace; say what you would change instead.', 'workspace.mode');
  return judgeFile(does, path, rules.commands, place);
}

function deny(stage: string, reason: string, rule?: string): Verdict {
  return { decision: 'deny', stage, reason, ...(rule === undefined ? {} : { rule }) };
}
