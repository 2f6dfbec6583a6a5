/** What policy says about one intent. A verdict is a value, also when it is a refusal; a reason is one sentence a person can act on. */
import { z } from 'zod';

/** `exec`: it cannot be told from the text, and is judged when each program starts */
export const decision = z.enum(['allow', 'deny', 'ask', 'exec']);
export type Decision = z.infer<typeof decision>;

export const verdict = z.object({
  decision,
  reason: z.string().describe('why, in one sentence that says what to do about it'),
  stage: z.string().describe('which part of the judgement decided, kebab-case'),
  rule: z.string().optional().describe('key path of the rule in the effective profile, commands.blacklist[3]'),
  range: z.object({ start: z.number().int(), end: z.number().int() }).optional().describe('part of the text it is about, UTF-16 offsets'),
});
export type Verdict = z.infer<typeof verdict>;
