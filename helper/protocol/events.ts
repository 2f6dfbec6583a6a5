/** What the helper tells without being asked: changes of sandboxes, and the progress of a request under way. */
import { z } from 'zod';
import { approval, approvalAnswer } from './approval.ts';
import { sandboxInfo } from './sandbox.ts';

export const lassoEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('sandbox'), sandbox: sandboxInfo }),
  z.object({ type: z.literal('removed'), id: z.string() }),
  z.object({ type: z.literal('approval'), approval }),
  z.object({
    type: z.literal('approval-settled'),
    id: z.string(),
    answer: approvalAnswer.or(z.enum(['timeout', 'unattended', 'withdrawn'])),
  }),
  z.object({
    type: z.literal('blocked'),
    sandbox: z.string(),
    what: z.string().describe('command line or address that was refused last; hostile text'),
    reason: z.string(),
    rule: z.string().optional().describe('key path of the rule that decides'),
    origin: z.string().optional().describe('FILE:LINE of the rule'),
    count: z.number().int().min(1).describe('refused since the last such word about this sandbox'),
  }),
  z.object({
    type: z.literal('secret-wanted'),
    id: z.string(),
    name: z.string().describe('under which VS Code keeps it; answered with `secretAnswer`'),
  }),
  z.object({ type: z.literal('terminal-exit'), sandbox: z.string(), terminal: z.string(), exit: z.lazy(() => commandExit) }),
]);
export type LassoEvent = z.infer<typeof lassoEvent>;

/** how a command ended: its own exit code, or the signal that killed it */
export const commandExit = z.object({
  code: z.number().int().min(0).max(255).nullable(),
  signal: z.number().int().nullable(),
  reason: z.string().optional().describe('what LASSO knows beyond the status: `killed by the memory limit`, `timed out`'),
});
export type CommandExit = z.infer<typeof commandExit>;

/** typed progress of a long request; `request` is the id its caller put into the request */
export const progress = z.object({
  request: z.string(),
  message: z.string().describe('what is being done now, in the present tense'),
  detail: z.string().optional().describe('a line of the tool at work, for a log'),
  fraction: z.number().min(0).max(1).optional(),
});
export type Progress = z.infer<typeof progress>;

/** JSON-RPC method names that are not operations */
export const rpcNames = { event: 'lasso/event', progress: 'lasso/progress' } as const;
