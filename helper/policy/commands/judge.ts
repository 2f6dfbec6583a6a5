/**
 * What a profile says to a command: a line of shell text, or the arguments of one program. Pure and total: whatever the text
 * holds, the answer is a verdict and never an exception, and what the text does not tell is never allowed.
 */
import { forEachChild, parse, type SyntaxNode } from 'unbash';
import type { Verdict } from '../../protocol/verdict.ts';
import type { CommandRules } from './rules.ts';

/** where a command would run, as paths of the sandbox */
export interface CommandPlace {
  readonly workspace: string;
  readonly cwd: string;
  readonly home: string;
}

/** one line of an explanation */
export interface CommandStage {
  readonly stage: string;
  readonly text: string;
}

export interface CommandJudgement {
  readonly verdict: Verdict;
  /** every program the line was found to start, in the order of the text, each once */
  readonly programs: readonly string[];
  readonly stages: readonly CommandStage[];
}

const defaultPlace: CommandPlace = { workspace: '/workspace', cwd: '/workspace', home: '/home/agent' };

/** Judges a line as a shell would get it; `text` may be hostile. */
export function judgeCommand(text: string, rules: CommandRules, place: CommandPlace = defaultPlace): CommandJudgement {
  const programs: string[] = [];
  const verdicts: Verdict[] = [];
  const visit = (node: SyntaxNode): void => {
    if (node.type === 'Command' && node.name !== undefined) {
      programs.push(node.name.value);
      verdicts.push(judgeProgram([node.name.value], rules, place));
    }
    forEachChild(node, visit);
  };
  visit(parse(text));
  const verdict = verdicts.find(({ decision }) => decision === 'deny') ?? {
    decision: 'allow',
    reason: 'Nothing forbids it.',
    stage: 'allowed',
  };
  return { verdict, programs: [...new Set(programs)], stages: [{ stage: verdict.stage, text: verdict.reason }] };
}

/** Judges one program by its arguments, the program itself first; they may be hostile. */
export function judgeProgram(argv: readonly string[], rules: CommandRules, place: CommandPlace = defaultPlace): Verdict {
  const name = (argv[0] ?? '').split('/').at(-1) ?? '';
  const at = rules.blacklist.indexOf(name);
  if (rules.list === 'blacklist' && at >= 0)
    return { decision: 'deny', reason: `${name} is on the profile’s blacklist.`, stage: 'list', rule: `commands.blacklist[${at}]` };
  if (rules.list === 'whitelist' && !rules.whitelist.includes(name))
    return { decision: 'deny', reason: `${name} is not on the profile’s whitelist.`, stage: 'list', rule: 'commands.whitelist' };
  return { decision: 'allow', reason: `${name} may run in ${place.workspace}.`, stage: 'allowed' };
}
