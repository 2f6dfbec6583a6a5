/** Records and the result of verifying them. A record is hostile text: shown, never obeyed, and odd lines are shown as they are. */
import type { OperationResult } from '../../../protocol/operations.ts';
import type { VerifyReport } from '../../../protocol/record.ts';
import type { Colour, Paint } from '../console.ts';
import { columns, jsonText, visible } from './text.ts';

const outcomeColours: Readonly<Record<string, Colour>> = {
  success: 'green',
  intent: 'dim',
  error: 'red',
  blocked: 'red',
  unknown: 'yellow',
};

export function auditView(records: OperationResult<'auditView'>['records'], paint: Paint): string {
  return columns(
    records.map(({ line, text }) => {
      const record = parsed(text);
      if (!record) return [{ text: `line ${line}` }, { text: `not a record: ${text}`, paint: (shown: string) => paint('red', shown) }];
      const outcome = word(record['outcome']);
      return [
        { text: `#${word(record['seq'])}`, paint: (shown: string) => paint('dim', shown) },
        { text: word(record['ts']) },
        { text: `${word(record['type'])} ${word(record['action'])}` },
        {
          text: outcome,
          paint: (shown: string) => paint(Object.hasOwn(outcomeColours, outcome) ? (outcomeColours[outcome] ?? 'yellow') : 'yellow', shown),
        },
        {
          text: [record['target'] === undefined ? '' : word(record['target']), detailOf(record['detail'])]
            .filter((part) => part !== '')
            .join('  '),
        },
      ];
    }),
  );
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function word(value: unknown): string {
  return typeof value === 'string' ? value : value === undefined ? '?' : jsonText(value);
}

function detailOf(detail: unknown): string {
  if (typeof detail !== 'object' || detail === null) return '';
  return Object.entries(detail)
    .map(([name, value]) => `${name}=${word(value)}`)
    .join(' ');
}

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
