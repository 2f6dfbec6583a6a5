/** What is written down. One record a line; `helper/audit/FORMAT.md` says how lines are chained. */
import { z } from 'zod';
import { verifyStatusNames } from './verify-status.ts';

export const recordType = z.enum([
  'chain',
  'lifecycle',
  'command',
  'terminal',
  'violation',
  'gap',
  'file',
  'network',
  'secret',
  'approval',
  'policy',
]);
export type RecordType = z.infer<typeof recordType>;

export const recordOutcome = z.enum(['intent', 'success', 'error', 'blocked', 'unknown']);
export type RecordOutcome = z.infer<typeof recordOutcome>;

/** who asked: a face and the user behind it, the agent inside, or LASSO itself */
export const actor = z.object({
  kind: z.enum(['user', 'agent', 'system']),
  face: z.enum(['cli', 'editor', 'mcp', 'http', 'helper', 'guest']),
  user: z.string().optional().describe('login name on the host'),
});
export type Actor = z.infer<typeof actor>;

/** values a record's detail may hold; a secret's value is never among them */
export type RecordValue = string | number | boolean | null | readonly RecordValue[] | { readonly [key: string]: RecordValue };

/** what a caller hands to the log; the log adds sequence, times and the chain */
export interface RecordEntry {
  readonly type: RecordType;
  readonly action: string;
  readonly outcome: RecordOutcome;
  readonly actor: Actor;
  readonly target?: string;
  readonly detail?: { readonly [key: string]: RecordValue };
}

/** a line as read back; hostile text until verified, and data in every viewer even then */
export const recordLine = z.looseObject({
  v: z.literal(3),
  seq: z.number().int().min(0),
  epoch: z.number().int().min(0).describe('which key sealed it'),
  ts: z.string().describe('ISO 8601, UTC, milliseconds'),
  mono: z.number().describe('monotonic milliseconds since the writer’s boot clock began'),
  sandbox: z.string(),
  type: z.string(),
  action: z.string(),
  outcome: z.string(),
  actor: z.unknown(),
  target: z.string().optional(),
  detail: z.record(z.string(), z.unknown()).optional(),
  prev: z.string().describe('SHA-256 of the line before; 64 zeros for the first'),
  mac: z.string().describe('HMAC-SHA256, hex'),
});
export type RecordLine = z.infer<typeof recordLine>;

export { verifyStatuses, type VerifyStatus } from './verify-status.ts';
export const verifyStatus = z.enum(verifyStatusNames);

export const verifyProblem = z.object({
  code: z.enum([
    'edited',
    'order',
    'sequence',
    'epoch',
    'version',
    'malformed',
    'foreign',
    'rotation',
    'truncated',
    'replaced',
    'missing',
    'checkpoint',
    'empty',
    'no-key',
    'torn-tail',
    'unfinished',
    'gap',
    'clock',
    'removed',
  ]),
  level: z.enum(['error', 'note']).describe('a note alone leaves a record valid'),
  file: z.string(),
  line: z.number().int().optional().describe('1-based, in its file'),
  seq: z.number().int().optional().describe('number of the record'),
  since: z.string().optional().describe('time of the last record before it that stands, ISO 8601'),
  message: z.string(),
});
export const verifyReport = z.object({
  status: verifyStatus,
  valid: z.boolean().describe('intact, or unanchored'),
  sandbox: z.string().optional(),
  files: z.array(z.string()).describe('of the chain, oldest first'),
  records: z.number().int(),
  verified: z.number().int().describe('records whose own mac was checked with their key'),
  anchored: z.number().int().describe('records up to the newest checkpoint that agrees'),
  anchoredAt: z.string().optional().describe('time of that checkpoint'),
  head: z.string().optional().describe('digest of the last line that stands'),
  firstAt: z.string().optional(),
  lastAt: z.string().optional(),
  problems: z.array(verifyProblem),
});
export type VerifyReport = z.infer<typeof verifyReport>;
export type VerifyProblem = z.infer<typeof verifyProblem>;
