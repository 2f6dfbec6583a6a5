/** What `lasso doctor` found, problems with what to do about them. */
import type { OperationResult } from '../../../protocol/operations.ts';
import type { Paint } from '../console.ts';
import { visible } from './text.ts';

type Report = OperationResult<'doctor'>;

const marks = {
  ok: ['green', 'ok     '],
  warning: ['yellow', 'warning'],
  problem: ['red', 'problem'],
  absent: ['dim', 'absent '],
} as const satisfies Readonly<Record<Report['checks'][number]['status'], readonly [Parameters<Paint>[0], string]>>;

export function doctorReport({ checks, healthy }: Report, paint: Paint): string {
  const lines = checks.map(({ name, status, message, hint }) => {
    const [colour, word] = marks[status];
    const advice = hint === undefined ? '' : `         ${paint('cyan', visible(hint))}\n`;
    return `${paint(colour, word)}  ${paint('bold', visible(name))}: ${visible(message)}\n${advice}`;
  });
  return `${lines.join('')}\n${healthy ? 'LASSO can run sandboxes here.' : 'LASSO cannot run sandboxes here yet.'}\n`;
}
