/** Agents as tables, what they are told, and what becomes of their files, as lines a person reads. Texts of files are hostile. */
import type { AgentCheckRow, AgentFileChange, AgentFinding, AgentInfo } from '../../../protocol/agent.ts';
import type { AgentPlan } from '../../../protocol/agent-operations.ts';
import type { OperationResult } from '../../../protocol/operations.ts';
import type { Colour, Paint } from '../console.ts';
import { lineChanges } from './line-changes.ts';
import { type Cell, columns, visible } from './text.ts';
import type { View } from './view.ts';

/** LASSO's own notes: nobody compares them line by line */
const notes = '.lasso/agents.json';

const words: Readonly<Record<AgentFileChange['change'], readonly [string, Colour]>> = {
  create: ['create', 'green'],
  update: ['change', 'yellow'],
  delete: ['delete', 'red'],
  same: ['same', 'dim'],
  refused: ['left alone', 'red'],
};

/** Every file with its difference, then what is to be known before one agrees. */
export function planText({ files, findings }: AgentPlan, paint: Paint): string {
  return files.map((file) => fileText(file, paint)).join('') + findingsText(findings, paint);
}

/** One line for each file that changed. */
export function writtenText({ files }: AgentPlan): string {
  const done: Readonly<Record<string, string>> = { create: 'wrote', update: 'changed', delete: 'deleted' };
  return files.map(({ path, change }) => (done[change] === undefined ? '' : `${done[change]}  ${visible(path)}\n`)).join('');
}

function fileText({ path, change, before, after, reason }: AgentFileChange, paint: Paint): string {
  const [word, colour] = words[change];
  const head = `${paint(colour, word)}  ${paint('bold', visible(path))}${reason === undefined ? '' : `: ${visible(reason)}`}\n`;
  if (path === notes || change === 'same' || change === 'refused') return head;
  const lines = lineChanges(before ?? '', after ?? '').map(({ kind, text }) => {
    if (kind === 'same') return `    ${visible(text)}\n`;
    if (kind === 'gap') return `${paint('dim', '    …')}\n`;
    return kind === 'added' ? `${paint('green', `  + ${visible(text)}`)}\n` : `${paint('red', `  - ${visible(text)}`)}\n`;
  });
  return `${head}${lines.join('')}\n`;
}

const severities = { error: 'red', warning: 'yellow', information: 'dim' } as const;

export function findingsText(findings: readonly AgentFinding[], paint: Paint): string {
  return findings
    .map(({ severity, file, message, hint }) => {
      const place = file === undefined ? '' : `${visible(file)}: `;
      return `${paint(severities[severity], severity)}  ${place}${visible(message)}\n${hint === undefined ? '' : `  ${visible(hint)}\n`}`;
    })
    .join('');
}

const standings: Readonly<Record<AgentInfo['standing'], readonly [string, Colour]>> = {
  absent: ['-', 'dim'],
  current: ['current', 'green'],
  drifted: ['profile has changed', 'yellow'],
  edited: ['was edited', 'yellow'],
};

export function agentTable({ agents }: OperationResult<'agentList'>, { paint }: Pick<View, 'paint'>): string {
  const head = ['AGENT', 'USED HERE', 'FILES', 'PROFILE', 'IN SANDBOXES', 'ON THIS MACHINE'].map((text): Cell => ({
    text,
    paint: (shown) => paint('bold', shown),
  }));
  const rows = agents.map(({ name, detected, standing, profile, version, ready, installed }): readonly Cell[] => {
    const [word, colour] = standings[standing];
    const store = version === undefined ? '-' : `${version}${ready ? '' : ' (fetched when first used)'}`;
    return [
      { text: name },
      { text: detected[0] === undefined ? '-' : detected.slice(0, 2).join(', ') },
      { text: word, paint: (shown) => paint(colour, shown) },
      { text: profile ?? '-' },
      { text: store },
      { text: installed ?? '-' },
    ];
  });
  return columns([head, ...rows]);
}

export function agentConfigText(
  { files, managed, command, findings }: OperationResult<'agentConfig'>,
  { paint }: Pick<View, 'paint'>,
): string {
  const all = [...files, ...managed].map(({ path, text }) => {
    const lines = text.replace(/\n$/, '').split('\n');
    return `${paint('bold', visible(path))}\n${lines.map((line) => `  ${visible(line)}\n`).join('')}\n`;
  });
  const started =
    command.length === 0 ? 'LASSO does not start it in sandboxes.\n' : `Started in sandboxes as: ${visible(command.join(' '))}\n`;
  return `${all.join('')}${started}${findingsText(findings, paint)}`;
}

const looks: Readonly<Record<AgentCheckRow['status'], Colour>> = { ok: 'green', problem: 'red', absent: 'dim' };

export function agentCheckText({ rows, sound }: OperationResult<'agentCheck'>, { paint }: Pick<View, 'paint'>): string {
  if (rows.length === 0) return 'No agent is known to be used in this folder.\n';
  const lines = rows.map(({ agent, file, by, status, message }): readonly Cell[] => [
    { text: status, paint: (shown) => paint(looks[status], shown) },
    { text: agent },
    { text: file },
    { text: by },
    { text: message },
  ]);
  const hints = [...new Set(rows.flatMap(({ status, hint }) => (status === 'problem' && hint !== undefined ? [hint] : [])))];
  return `${columns(lines)}${hints.map((hint) => `  ${visible(hint)}\n`).join('')}${sound ? '' : paint('red', 'Something is wrong.\n')}`;
}
