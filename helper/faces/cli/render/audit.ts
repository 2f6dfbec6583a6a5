/** The result of verifying records. What was found in them is hostile text: shown, never obeyed. */
import type { VerifyReport } from '../../../protocol/record.ts';
import type { Paint } from '../console.ts';
import { visible } from './text.ts';

export function auditReport(reports: readonly VerifyReport[], paint: Paint): string {
  if (reports.length === 0) return 'There is no record to verify.\n';
  return reports
    .map(({ valid, sandbox, files, records, verified, lastAt, problems }) => {
      const name = visible(sandbox ?? files[0] ?? 'record');
      const verdict = valid ? paint('green', 'valid  ') : paint('red', 'INVALID');
      const last = lastAt === undefined ? '' : `, the last of ${visible(lastAt)}`;
      const lines = problems.map(({ code, file, line, message }) => {
        const where = line === undefined ? file : `${file}:${line}`;
        return `  ${paint('red', code)}  ${visible(where)}: ${visible(message)}\n`;
      });
      return `${verdict}  ${name}: ${verified} of ${records} records verified${last}\n${lines.join('')}`;
    })
    .join('');
}
