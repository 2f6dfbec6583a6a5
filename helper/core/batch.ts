/**
 * Questions about one profile, one JSON object a line, each answered by the same object with the verdict in it. What a line
 * holds is hostile: a malformed one is answered with what is wrong, and never ends the batch.
 */
import { judgeCommand } from '../policy/commands/judge.ts';
import type { CommandRules } from '../policy/commands/rules.ts';
import { judgeUrl } from '../policy/network/urls.ts';
import type { NetworkRules } from '../policy/network/rules.ts';
import type { Verdict } from '../protocol/verdict.ts';

export interface BatchRules {
  readonly commands: CommandRules;
  readonly network: NetworkRules;
}

export function answeredLine(line: string, rules: BatchRules): string {
  const asked = objectOf(line);
  if (asked === undefined) return JSON.stringify({ error: 'This line is not a JSON object.' });
  const { cmd, url, method = 'GET' } = asked;
  if ((cmd === undefined) === (url === undefined)) return withError(asked, 'Ask about one thing: cmd or url.');
  if (cmd !== undefined) {
    if (typeof cmd !== 'string') return withError(asked, 'cmd is not a text.');
    const { verdict, programs } = judgeCommand(cmd, rules.commands);
    return withVerdict(asked, verdict, programs);
  }
  if (typeof url !== 'string' || typeof method !== 'string') return withError(asked, 'url and method are texts.');
  return withVerdict(asked, judgeUrl(url, method, rules.network), []);
}

type Question = Readonly<Record<string, unknown>>;

function objectOf(line: string): Question | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Question) : undefined;
  } catch {
    return undefined;
  }
}

const withError = (asked: Question, error: string): string => JSON.stringify({ ...asked, error });

const withVerdict = (asked: Question, { decision, reason, stage, rule }: Verdict, programs: readonly string[]): string =>
  JSON.stringify({ ...asked, verdict: decision, reason, stage, ...(rule === undefined ? {} : { rule }), programs });
