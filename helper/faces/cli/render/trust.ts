/** What a folder brings, what it would take away, and what differs from what was agreed to, as lines a person reads. Texts are hostile. */
import type { OperationResult } from '../../../protocol/operations.ts';
import type { WorkspaceProfile } from '../../../protocol/profile-operations.ts';
import type { Paint } from '../console.ts';
import { lineChanges } from './line-changes.ts';
import { visible } from './text.ts';
import type { View } from './view.ts';

const states: Readonly<Record<WorkspaceProfile['state'], string>> = {
  none: 'This folder brings no profile.',
  new: 'This folder brings a profile of its own. Nobody has agreed to it yet.',
  changed: 'This folder’s profile has changed since it was agreed to.',
  gone: 'This folder’s profile, which was agreed to, is gone.',
  approved: 'This folder’s profile is agreed to: sandboxes here are held to it.',
  declined: 'This folder’s profile is declined as it is now: sandboxes here start without it.',
  broken: 'This folder’s profile cannot be used.',
};

export function workspaceText(workspace: WorkspaceProfile, { paint }: Pick<View, 'paint'>): string {
  const { state, digest, files, changes, findings } = workspace;
  const lines = [paint('bold', states[state])];
  for (const { file, text, approved } of files) lines.push(`  ${visible(file)}${text === '' && approved !== undefined ? ' (gone)' : ''}`);
  if (digest !== undefined && files.length > 0 && state !== 'gone') lines.push(paint('dim', `  ${digest}`));
  if (changes.length > 0) {
    lines.push('', state === 'gone' ? 'Without it, compared with before:' : 'What it changes in the profile you chose:');
    for (const { effect, text } of changes) lines.push(`  ${effect === 'changed' ? '' : `now ${effect}: `}${visible(text)}`);
  } else if (state === 'new' || state === 'changed' || state === 'approved') lines.push('', 'It changes nothing in the profile you chose.');
  for (const finding of findings) {
    const { severity, file, range, message, hint } = finding;
    const colour = severity === 'error' ? 'red' : severity === 'warning' ? 'yellow' : 'dim';
    const place = `${visible(file ?? '')}:${range.start.line + 1}:${range.start.character + 1}`;
    lines.push('', `${paint(colour, severity)}  ${place}  ${visible(message)}`, ...(hint === undefined ? [] : [`  ${visible(hint)}`]));
  }
  const differing = state === 'changed' || state === 'gone' ? files.filter(({ text, approved }) => approved !== text) : [];
  for (const { file, text, approved = '' } of differing) lines.push('', paint('bold', visible(file)), ...diffLines(approved, text, paint));
  return `${lines.join('\n')}\n`;
}

/** The files as they are, for who wants to read before agreeing. */
export function workspaceTexts({ files }: WorkspaceProfile, paint: Paint): string {
  return files
    .map(
      ({ file, text }) =>
        `${paint('bold', visible(file))}\n${text
          .split(/\r\n|\n|\r/)
          .map((line) => `  ${visible(line)}\n`)
          .join('')}`,
    )
    .join('\n');
}

function diffLines(before: string, after: string, paint: Paint): readonly string[] {
  return lineChanges(before, after).map(({ kind, text }) => {
    if (kind === 'same') return `    ${visible(text)}`;
    if (kind === 'gap') return paint('dim', '    …');
    return kind === 'added' ? paint('green', `  + ${visible(text)}`) : paint('red', `  - ${visible(text)}`);
  });
}

export const workspaceStatus = ({ state }: WorkspaceProfile): number => (state === 'broken' ? 1 : 0);

const locks: Readonly<Record<OperationResult<'profileLock'>['state'], string>> = {
  locked: 'locked',
  matches: 'matches',
  differs: 'differs',
  absent: 'no lock',
  removed: 'removed',
};

export function lockText(
  { file, state, profile, digest, changes }: OperationResult<'profileLock'>,
  { paint }: Pick<View, 'paint'>,
): string {
  const name = profile === undefined ? '' : `  ${visible(profile)} ${paint('dim', (digest ?? '').slice(0, 12))}`;
  const head = `${paint(state === 'differs' ? 'red' : 'bold', locks[state])}${name}  ${visible(file)}\n`;
  return head + changes.map((change) => `  ${visible(change)}\n`).join('');
}

export const lockStatus = ({ state }: OperationResult<'profileLock'>): number => (state === 'differs' || state === 'absent' ? 1 : 0);

export function initText({ files, workspace }: OperationResult<'folderInit'>, view: Pick<View, 'paint'>): string {
  const written = files.map((file) => `wrote  ${visible(file)}\n`).join('');
  return (
    written +
    (workspace.state === 'approved'
      ? 'You wrote it, so it is agreed to. Agree again with `lasso profile approve` after you edit it.\n'
      : workspaceText(workspace, view))
  );
}
