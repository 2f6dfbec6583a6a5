/**
 * A line of shell that somebody wants run in a sandbox: judged as a whole before anything of it runs, because a shell inside
 * would have carried out its first half by the time the second is refused.
 */
import type { Actor } from '../protocol/record.ts';
import type { Verdict } from '../protocol/verdict.ts';
import { judgeCommand } from '../policy/commands/judge.ts';
import { LassoError } from '../protocol/errors.ts';
import { placeOf, rulesNow } from './rules-now.ts';
import type { Sandbox } from './sandbox.ts';
import { verdictDetail } from './verdict-detail.ts';

/** What policy says about it; refuses what its text alone forbids, on record. @throws LassoError COMMAND_DENIED with the part of the line, SANDBOX_NOT_RUNNING, RECORD_FAILED */
export async function requireLine(line: string, cwd: string | undefined, sandbox: Sandbox, actor: Actor): Promise<Verdict> {
  const live = sandbox.requireLive();
  const place = placeOf(sandbox.saved, cwd);
  const { verdict } = judgeCommand(line, rulesNow(sandbox.saved, live.policy), place);
  if (verdict.decision !== 'deny') return verdict;
  const { reason, rule, range } = verdict;
  const origin = rule === undefined ? undefined : live.originOf(rule);
  const detail = {
    ...{ line, cwd: place.cwd },
    ...verdictDetail(verdict, live),
    ...(range === undefined ? {} : { range: { start: range.start, end: range.end } }),
  };
  await sandbox.record.append({ type: 'command', action: 'exec', outcome: 'blocked', actor, target: line, detail });
  const by = origin ?? rule;
  const message = `The line is blocked${by === undefined ? '' : ` by ${by}`}: ${reason}`;
  throw new LassoError('COMMAND_DENIED', message, 'Ask `lasso why` what the profile says, or change the profile.', {
    details: [...markedPart(line, range)],
  });
}

const widthLimit = 120;

/** The row of the line the verdict is about, with the part underlined; hostile text, to be shown as such. */
export function markedPart(line: string, range: Verdict['range']): readonly string[] {
  if (range === undefined || range.end <= range.start) return [];
  const begin = line.lastIndexOf('\n', range.start - 1) + 1;
  const until = line.indexOf('\n', range.start);
  const row = line.slice(begin, until < 0 ? undefined : until);
  const [from, to] = [range.start - begin, Math.min(range.end - begin, row.length)];
  // Letters that are wider than one column, or not shown as they are, have nothing that could stand below them.
  if (row.length > widthLimit || !/^[\x20-\x7e]*$/.test(row)) return [`the part: ${row.slice(from, Math.min(to, from + widthLimit))}`];
  return [row, `${' '.repeat(from)}${'^'.repeat(Math.max(1, to - from))}`];
}
