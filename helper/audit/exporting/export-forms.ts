/** The forms in which a record is exported, by name. */
import type { OperationParams } from '../../protocol/operations.ts';
import { csvForm } from './export-csv.ts';
import type { ExportForm } from './export-line.ts';
import { ocsfForm } from './export-ocsf.ts';

export type ExportFormat = OperationParams<'auditExport'>['format'];

export function exportForm(format: ExportFormat, helperVersion: string): ExportForm {
  switch (format) {
    case 'csv':
      return csvForm;
    case 'jsonl':
      return { head: '', each: ({ text }) => `${text}\n`, between: '', foot: '' };
    case 'json':
      // A record stands there as it was written: numbers and escapes are not made anew.
      return {
        head: '[\n',
        each: ({ record, ...line }) => (record === undefined ? JSON.stringify({ unreadable: line }) : line.text),
        between: ',\n',
        foot: '\n]\n',
      };
    case 'ocsf':
      return ocsfForm(helperVersion);
  }
}
