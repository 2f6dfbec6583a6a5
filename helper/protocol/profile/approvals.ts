/** `[approvals]`: what happens where a rule says *ask*. */
import { z } from 'zod';

export const approvals = z.strictObject({
  timeout_seconds: z
    .number()
    .int()
    .min(0)
    .max(3600)
    .default(120)
    .describe('seconds to wait for an answer before it is a no; 0 asks nobody and refuses at once')
    .meta({ examples: [60] }),
  longest: z
    .enum(['once', 'session', 'always'])
    .default('always')
    .describe('the longest a yes may last: this time, this sandbox, or as a change of the profile that a person accepts')
    .meta({ examples: ['session'] }),
});
