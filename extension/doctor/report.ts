/** Doctor's findings as Markdown. What the helper says is text, never markup: it is escaped. Pure. */
import type { OperationResult } from '../../helper/protocol/operations.ts';

type Report = OperationResult<'doctor'>;
type Check = Report['checks'][number];

const mark: Readonly<Record<Check['status'], string>> = { ok: '✓', warning: '⚠', problem: '✗', absent: '–' };
const engines = ['docker', 'podman', 'bubblewrap'];

export function doctorMarkdown({ checks, healthy }: Report): string {
  const head = healthy ? 'This machine can run sandboxes.' : 'Something here needs your attention.';
  const rows = checks.map((check) => `| ${mark[check.status]} | **${escaped(check.name)}** | ${explained(check)} |`);
  return ['# LASSO Doctor', '', head, '', '| | Check | Result |', '|---|---|---|', ...rows, ''].join('\n');
}

/** True when every engine that was looked for is unusable. */
export function lacksEngine({ checks }: Report): boolean {
  const found = checks.filter(({ name }) => engines.includes(name.toLowerCase()));
  return found.length > 0 && found.every(({ status }) => status === 'problem' || status === 'absent');
}

const explained = ({ message, hint }: Check): string =>
  hint === undefined ? escaped(message) : `${escaped(message)}<br>→ ${escaped(hint)}`;

const escaped = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/[\\`*_{}[\]()#+!|~-]/g, (sign) => `\\${sign}`)
    .replace(/\s+/g, ' ');
