/**
 * A record as text for reading: what verification found, then one line a record. Every field is hostile text; control and
 * direction characters are made visible. Pure.
 */
import type { OperationResult } from '../../helper/protocol/operations.ts';
import type { VerifyReport } from '../../helper/protocol/record.ts';
import { isRecord } from '../failure.ts';
import { visible } from '../visible.ts';

type View = OperationResult<'auditView'>;
type Verification = OperationResult<'auditVerify'>;

export function recordText(name: string, view: View, verification: Verification): string {
  const reports = verification.reports.filter(({ sandbox }) => sandbox === undefined || sandbox === view.sandbox);
  return [
    `Record of ${visible(name)} (${view.sandbox})`,
    ...reports.flatMap(verdict),
    '',
    ...view.records.map(({ line, text }) => row(line, text)),
    '',
  ].join('\n');
}

function verdict(report: VerifyReport): readonly string[] {
  const span = report.firstAt === undefined ? '' : `\n  from ${time(report.firstAt)} to ${time(report.lastAt ?? report.firstAt)} UTC`;
  const problems = report.problems.map(
    ({ code, line, message }) => `  ${code}${line === undefined ? '' : `, line ${line}`}: ${visible(message)}`,
  );
  return report.valid
    ? [`✔ Verified: ${report.verified} of ${report.records} records, unbroken chain${span}`, ...problems]
    : [`✘ NOT VALID: ${report.verified} of ${report.records} records verified`, ...problems];
}

function row(line: number, text: string): string {
  const value = parse(text);
  if (!isRecord(value)) return `${pad(line)}  ${visible(text)}`;
  const { ts, type, action, outcome, target, detail } = value;
  const what = [pad(line), time(word(ts)).padEnd(23), word(type).padEnd(9), word(action).padEnd(10), word(outcome).padEnd(7)].join('  ');
  const rest = [target === undefined ? '' : word(target), detail === undefined ? '' : visible(JSON.stringify(detail))];
  return `${what}  ${rest.filter((part) => part !== '').join('  ')}`.trimEnd();
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `2026-01-01 00:00:00.000`, easier on the eye; anything else stays as it is */
const time = (iso: string): string => iso.replace(/^(\d{4}-\d{2}-\d{2})T([\d:.]+)Z$/, '$1 $2');

const pad = (line: number): string => String(line).padStart(5);

const word = (value: unknown): string => visible(typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value));
