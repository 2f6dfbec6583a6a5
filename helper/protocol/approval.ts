/** A question for a person: may this happen, and for how long does the answer hold. */
import { z } from 'zod';

export const approvalAnswer = z.enum(['once', 'session', 'always', 'deny']);
export type ApprovalAnswer = z.infer<typeof approvalAnswer>;

export const approval = z.object({
  id: z.string().describe('8 hex digits'),
  sandbox: z.string().describe('id of the sandbox that asks'),
  name: z.string().describe('its name'),
  kind: z.enum(['command', 'connection']),
  what: z.string().describe('command line or address; hostile text'),
  where: z.string().describe('folder in the sandbox, or program that connects'),
  why: z.string().describe('the verdict’s reason'),
  rule: z.string().optional().describe('key path of the rule that asks'),
  origin: z.string().optional().describe('FILE:LINE of the rule'),
  answers: z.array(z.enum(['once', 'session', 'always'])).describe('the yeses it takes, shortest first'),
  askedAt: z.string(),
  expiresAt: z.string(),
});
export type Approval = z.infer<typeof approval>;

/** what a lasting yes would change in a profile; written only by `profileSave`, and only when a person has seen it */
export const proposedChange = z.object({
  profile: z.string().describe('name under which it is to be saved'),
  file: z.string().describe('file it is about'),
  before: z.string().describe('its text; empty where there is no such file yet'),
  after: z.string(),
});
export type ProposedChange = z.infer<typeof proposedChange>;
