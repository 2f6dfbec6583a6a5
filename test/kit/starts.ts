/** The program starts a sandbox’s record tells of. */
import assert from 'node:assert/strict';
import { z } from 'zod';
import type { OperationResult } from '../../helper/protocol/operations.ts';
import type { TestLasso } from './lasso.ts';

const line = z.object({
  seq: z.number(),
  type: z.string(),
  action: z.string(),
  outcome: z.string(),
  target: z.string().optional(),
  detail: z.record(z.string(), z.unknown()).optional(),
});
const detail = z.object({
  pid: z.number(),
  file: z.string(),
  cwd: z.string(),
  argv: z.array(z.string()),
  verdict: z.string(),
  stage: z.string().optional(),
  reason: z.string().optional(),
  rule: z.string().optional(),
  origin: z.string().optional(),
});

export type RecordedLine = z.infer<typeof line>;
export type RecordedStart = z.infer<typeof detail> & { readonly outcome: string; readonly target: string };

/** Every record of a sandbox; their numbers must have no gap. */
export async function recordsOf(lasso: TestLasso, sandbox: string): Promise<readonly RecordedLine[]> {
  const lines = (await recordTexts(lasso, sandbox)).map((text) => line.parse(JSON.parse(text)));
  lines.forEach(({ seq }, index) => assert.equal(seq, (lines[0]?.seq ?? 0) + index, 'a record is missing'));
  return lines;
}

/** Every line of a sandbox’s record, however many pieces it comes in. */
export async function recordTexts(lasso: TestLasso, sandbox: string): Promise<readonly string[]> {
  const connection = await lasso.connect();
  const texts: string[] = [];
  for (let [after, more]: [string | undefined, boolean] = [undefined, true]; more;) {
    const piece: OperationResult<'auditView'> = await connection.call('auditView', { sandbox, ...(after === undefined ? {} : { after }) });
    texts.push(...piece.records.map(({ text }) => text));
    ({ end: after, more } = piece);
  }
  return texts;
}

/** Program starts as they were decided, each with its file, arguments and verdict. */
export async function startsOf(lasso: TestLasso, sandbox: string): Promise<readonly RecordedStart[]> {
  const records = await recordsOf(lasso, sandbox);
  return records
    .filter(({ type, action }) => type === 'command' && action === 'start')
    .map(({ outcome, target = '', detail: told }) => ({ ...detail.parse(told), outcome, target }));
}

/** Fails unless the chain of a sandbox’s record verifies. */
export async function chainVerifies(lasso: TestLasso, sandbox: string): Promise<void> {
  const { valid, reports } = await (await lasso.connect()).call('auditVerify', { target: sandbox });
  assert.equal(valid, true, JSON.stringify(reports));
}
