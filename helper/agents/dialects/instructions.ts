/**
 * What an agent is told in words: short, plain, and what it can do instead. The same text for every agent, so that two that read
 * one file agree. It says of itself that it protects nothing.
 */
import type { GeneratedFile } from '../agent.ts';
import type { ArgumentRule, Brief } from '../brief.ts';

/** A part of a file that somebody else may write too. */
export const instructionBlock = (path: string, brief: Brief): GeneratedFile => ({
  kind: 'block',
  path,
  text: instructions(brief),
  comment: 'html',
});

/** Markdown, ends in a line end. */
export function instructions({ profile, commands, files, network, rules }: Brief): string {
  const lines = [
    ...commandLines(commands),
    ...fileLines(files),
    networkLine(network),
    ...rules.map(({ text, severity }) => (severity === 'critical' ? `Important: ${oneLine(text)}` : oneLine(text))),
  ];
  return [
    '## Working under LASSO',
    '',
    `This project is worked on in a LASSO sandbox, under its profile “${profile.name}”. The sandbox refuses what the profile refuses;`,
    'these lines only tell you beforehand, and protect nothing themselves.',
    '',
    '- A refusal begins with “LASSO:” and says why. Trying again, or the same thing in another way, does not help: do what it',
    '  suggests, or tell the user what you would need and go on with the rest.',
    ...lines.map((line) => `- ${line}`),
    '',
  ].join('\n');
}

function commandLines({ denied, deniedArguments, asked, allowed, workspaceOnly, operators }: Brief['commands']): readonly string[] {
  return [
    ...(allowed === null ? [] : [allowed.length === 0 ? 'No command runs.' : `Only these commands run: ${codes(allowed)}.`]),
    ...(denied.length === 0 ? [] : [`These commands do not run, nor does anything that stands in for them: ${codes(denied)}.`]),
    ...(deniedArguments.length === 0 ? [] : [`These uses are refused however they are written: ${codes(said(deniedArguments))}.`]),
    ...(workspaceOnly.length === 0
      ? []
      : [`These run only on files inside the workspace, never on its root or \`.git\`: ${codes(workspaceOnly)}.`]),
    ...(asked.length === 0 ? [] : [`A person is asked before these run, so they may take a while: ${codes(said(asked))}.`]),
    ...(operators ? [] : ['Commands are given one at a time: no pipes, redirections or lists.']),
  ];
}

function fileLines({ writable, hidden, readonly, guarded }: Brief['files']): readonly string[] {
  const closed = [...readonly, ...guarded];
  return [
    ...(writable ? [] : ['Nothing in the workspace can be changed; describe changes instead of making them.']),
    ...(hidden.length === 0
      ? []
      : [`Files of these kinds are hidden and look empty or closed, whatever they hold; never fill them in: ${codes(hidden)}.`]),
    ...(closed.length === 0 || !writable
      ? []
      : [`These can be read, and neither changed nor made; propose such a change to the user: ${codes(closed)}.`]),
  ];
}

function networkLine({ mode, allowed, blocked, asksUnlisted }: Brief['network']): string {
  const never = blocked.length === 0 ? '' : ` Never: ${codes(blocked)}.`;
  const others = asksUnlisted ? 'A person is asked about any other host.' : 'Nothing else is reached.';
  if (mode === 'none') return 'There is no network: nothing can be downloaded or sent.';
  if (mode === 'full') return `Public hosts can be reached, private networks cannot.${never}`;
  return allowed.length === 0 && !asksUnlisted
    ? 'No host can be reached.'
    : `These hosts can be reached: ${codes(allowed)}. ${others}${never}`;
}

const said = (rules: readonly ArgumentRule[]): readonly string[] =>
  rules.map(({ program, words }) => (words === '' ? program : `${program} ${words}`));
const codes = (names: readonly string[]): string => names.map((name) => `\`${oneLine(name).replaceAll('`', '')}\``).join(', ');
/** A profile’s own text may hold anything; it stays in its line and opens no mark. */
const oneLine = (text: string): string =>
  text
    .replace(/[\s\p{C}]+/gu, ' ')
    .replaceAll('<', '‹')
    .replaceAll('>', '›')
    .trim();
