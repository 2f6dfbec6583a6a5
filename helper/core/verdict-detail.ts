/** What policy said about a command, as the record tells it: with the rule, and the place where somebody wrote it. */
import type { RecordEntry } from '../protocol/record.ts';
import type { Verdict } from '../protocol/verdict.ts';
import type { Live } from './live.ts';

export function verdictDetail(
  { decision, stage, reason, rule }: Verdict,
  { originOf }: Pick<Live, 'originOf'>,
): NonNullable<RecordEntry['detail']> {
  const origin = rule === undefined ? undefined : originOf(rule);
  return { verdict: decision, stage, reason, ...(rule === undefined ? {} : { rule }), ...(origin === undefined ? {} : { origin }) };
}
