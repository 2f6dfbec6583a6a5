/** What a person is asked about the profile a folder brings: the words, and the answers that make sense. Pure; all of it is hostile text. */
import type { WorkspaceProfile } from '../../helper/protocol/profile-operations.ts';
import { shortened, unlinked, visible } from '../visible.ts';
import { changeLines } from './compared.ts';
import { baseName } from './values.ts';

export const answers = { use: 'Use It', changes: 'Show Changes', without: 'Start Without It', never: 'Never' } as const;
export type Answer = (typeof answers)[keyof typeof answers];

export interface Question {
  readonly message: string;
  readonly detail: string;
  readonly buttons: readonly Answer[];
}

const lineLimit = 12;
const lengthLimit = 160;

/** @param starting a sandbox waits for the answer */
export function questionOn(folder: string, workspace: WorkspaceProfile, starting: boolean): Question {
  const name = unlinked(visible(baseName(folder)));
  const { state, files, findings } = workspace;
  const start = starting ? [answers.without] : [];
  const lines = changeLines(workspace.changes);
  const errors = findings
    .filter(({ severity }) => severity === 'error')
    .map(({ message }) => `• ${shortened(visible(message), lengthLimit)}`);
  const where = files.length === 0 ? [] : ['', `Read from: ${files.map(({ file }) => visible(inFolder(file))).join(', ')}`];
  switch (state) {
    case 'broken':
      return {
        message: `The profile that “${name}” brings has errors.`,
        detail: ['It cannot be used as it is.', '', ...atMost(errors), ...where].join('\n'),
        buttons: [answers.changes, ...start, answers.never],
      };
    case 'gone':
      return {
        message: `“${name}” no longer brings the profile you agreed to.`,
        detail: 'Somebody deleted it. What it took away would be allowed again. “Use It” agrees to that.',
        buttons: [answers.use, answers.changes, ...start],
      };
    case 'changed':
      return {
        message: `The profile that “${name}” brings has changed since you agreed to it.`,
        detail: [...tightens(lines), ...where].join('\n'),
        buttons: [answers.use, answers.changes, ...start, answers.never],
      };
    case 'none':
    case 'new':
    case 'approved':
    case 'declined':
      return {
        message: `“${name}” brings a profile of its own. Use it?`,
        detail: [...tightens(lines), ...where].join('\n'),
        buttons: [answers.use, answers.changes, ...start, answers.never],
      };
  }
}

/** A text for one side of the comparison: every file under its name. */
export function textOf({ files }: WorkspaceProfile, side: 'approved' | 'now'): string {
  const parts = files.map(({ file, text, approved }) => {
    const body = side === 'now' ? text : approved;
    return body === undefined ? '' : files.length === 1 ? body : `# ${visible(file)}\n${body}\n`;
  });
  return parts.join('');
}

/** Where in the folder; the whole path only where it cannot be told. */
const inFolder = (file: string): string => file.slice(Math.max(0, file.lastIndexOf('.lasso')));

function tightens(lines: readonly string[]): readonly string[] {
  if (lines.length === 0) return ['It can only take things away from the profile you chose, and takes nothing away now.'];
  return [
    'It can only take things away from the profile you chose:',
    '',
    ...atMost(lines.map((line) => `• ${shortened(line, lengthLimit)}`)),
  ];
}

function atMost(lines: readonly string[]): readonly string[] {
  const rest = lines.length - lineLimit;
  return rest <= 0 ? lines : [...lines.slice(0, lineLimit), `• and ${rest} more`];
}
