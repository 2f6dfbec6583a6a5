/** What is left to a judge that is not there: program starts that nobody judges, and questions that nobody is asked. */
import type { Finding } from '../../protocol/finding.ts';
import type { KeyPath } from '../key-path.ts';
import type { Tree } from '../tree.ts';
import { type LintSubject, placeText, remark, treeAt } from './subject.ts';

export function questionFindings(subject: LintSubject): readonly Finding[] {
  return [...gateFindings(subject), ...approvalFindings(subject)];
}

function gateFindings({ profile, tree, edits }: LintSubject): readonly Finding[] {
  if (profile.exec_gate !== 'off') return [];
  const place = treeAt(tree, ['exec_gate']);
  if (place === undefined) return [];
  const undecided = profile.commands.undecided === 'exec' ? ', and commands that do not tell what they run are let through' : '';
  return remark(place, ['exec_gate'], {
    severity: 'warning',
    code: 'gate-off',
    message: `With exec_gate = "off" no program is judged when it starts: [commands] holds only for commands given to LASSO${undecided}`,
    hint: 'Use "preferred" where the machine may not be able to judge, or "required".',
    fixes: ['required', 'preferred'].map((choice) => edits.replaced(`Use "${choice}"`, place.origin.value, `"${choice}"`)),
  });
}

function approvalFindings({ profile, tree, edits }: LintSubject): readonly Finding[] {
  const seconds = profile.approvals.timeout_seconds;
  const timeout = treeAt(tree, ['approvals', 'timeout_seconds']);
  if (seconds !== 0 || timeout === undefined) return [];
  const commands = Object.keys(profile.commands.ask_args).flatMap((command) => {
    const path = ['commands', 'ask_args', command];
    const place = treeAt(tree, path);
    return place === undefined ? [] : [{ place, path, what: `${command} is asked about`, instead: undefined }];
  });
  const asks = [...commands, ...(profile.network.mode === 'none' ? [] : connectionQuestions(profile, tree))];
  const [first] = asks;
  if (first === undefined) return [];
  return [
    ...remark(timeout, ['approvals', 'timeout_seconds'], {
      severity: 'warning',
      code: 'never-asked',
      message: `With 0 nobody is asked, so what asks is refused: the first is ${placeText(first.place, timeout)}`,
      hint: 'Give people time to answer, or say deny there.',
      fixes: [edits.replaced('Use 120', timeout.origin.value, '120')],
    }),
    ...asks.flatMap(({ place, path, what, instead }) =>
      remark(place, path, {
        severity: 'warning',
        code: 'never-asked',
        message: `${what}, but nobody ever is: approvals.timeout_seconds is 0 (${placeText(timeout, place)}), so it is refused`,
        hint:
          instead === undefined
            ? 'Write it in commands.blocked_args, or give people time to answer.'
            : 'Say deny, or give people time to answer.',
        fixes: instead === undefined ? [] : [edits.replaced('Use "deny"', place.origin.value, instead)],
      }),
    ),
  ];
}

interface Question {
  readonly place: Tree;
  readonly path: KeyPath;
  readonly what: string;
  /** what may stand there in its place */
  readonly instead: string | undefined;
}

function connectionQuestions(profile: LintSubject['profile'], tree: LintSubject['tree']): readonly Question[] {
  const asking = profile.network.rules.flatMap(({ action }, index) => {
    const path = ['network', 'rules', index, 'action'];
    const place = action === 'ask' ? treeAt(tree, path) : undefined;
    return place === undefined ? [] : [{ place, path, what: 'This rule asks', instead: '"deny"' }];
  });
  const unlisted = profile.network.unlisted === 'ask' ? treeAt(tree, ['network', 'unlisted']) : undefined;
  if (unlisted === undefined) return asking;
  return [...asking, { place: unlisted, path: ['network', 'unlisted'], what: 'Unlisted hosts are asked about', instead: '"deny"' }];
}
