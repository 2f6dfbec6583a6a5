/** What verification found, for people: whether a record stands, what proves it and up to when, and exactly what is wrong where. */
import type { VerifyProblem, VerifyReport } from '../../../protocol/record.ts';
import { verifyStatuses, type VerifyStatus } from '../../../protocol/verify-status.ts';
import type { Colour, Paint } from '../console.ts';
import { visible } from './text.ts';

const colours: Readonly<Record<VerifyStatus, Colour>> = {
  tampered: 'red',
  truncated: 'red',
  'no-key': 'red',
  torn: 'yellow',
  unanchored: 'yellow',
  intact: 'green',
};

export function verifiedText(reports: readonly VerifyReport[], paint: Paint): string {
  if (reports.length === 0) return 'There is no record to verify.\n';
  return reports.map((report) => reportText(report, paint)).join('');
}

function reportText(report: VerifyReport, paint: Paint): string {
  const { status, valid, sandbox, files, problems } = report;
  const verdict = paint(colours[status], valid ? 'valid  ' : 'INVALID');
  const name = visible(sandbox ?? files[0] ?? 'record');
  const lines = [`${verdict}  ${name}: ${status}, ${verifyStatuses[status].means}`, ...proofOf(report)];
  return [...lines, ...problems.map((problem) => problemText(problem, paint))].map((line) => `${line}\n`).join('');
}

/** Which part is proven by what, up to when. */
function proofOf({ records, verified, anchored, anchoredAt, firstAt, lastAt }: VerifyReport): readonly string[] {
  if (records === 0) return [];
  const span = firstAt === undefined || lastAt === undefined ? '' : `, from ${visible(firstAt)} to ${visible(lastAt)}`;
  const keys = verified === 0 ? 'none was checked with its key' : `${verified} checked with their keys`;
  const covered =
    anchoredAt === undefined
      ? 'no checkpoint covers any of them'
      : `the first ${anchored} covered by checkpoints, the newest of ${visible(anchoredAt)}`;
  return [`  ${records} records${span}`, `  ${keys}; ${anchored === records ? covered.replace('the first', 'all') : covered}`];
}

function problemText({ code, level, file, line, seq, since, message }: VerifyProblem, paint: Paint): string {
  const where = line === undefined ? file : `${file}:${line}`;
  const number = seq === undefined ? '' : ` (record ${seq})`;
  const before = level === 'note' || since === undefined ? '' : ` What is before it stands up to ${visible(since)}.`;
  return `  ${paint(level === 'note' ? 'dim' : 'red', code)}  ${visible(where)}${number}: ${visible(message)}${before}`;
}
