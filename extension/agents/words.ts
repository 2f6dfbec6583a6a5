/** What a person reads about agents' files: before they are written, after, and when they no longer match. Pure; names of files may be anything. */
import type { AgentFileChange, AgentFinding } from '../../helper/protocol/agent.ts';
import type { AgentPlan } from '../../helper/protocol/agent-operations.ts';
import { sentence, shortened, unlinked, visible } from '../visible.ts';

/** LASSO's own notes: nobody compares them */
const notes = '.lasso/agents.json';
const lengthLimit = 200;

/** Files a person is shown, because they change. */
export const changed = ({ files }: Pick<AgentPlan, 'files'>): readonly AgentFileChange[] =>
  files.filter(({ path, change }) => path !== notes && change !== 'same' && change !== 'refused');

export const refused = ({ files }: Pick<AgentPlan, 'files'>): readonly AgentFileChange[] =>
  files.filter(({ change }) => change === 'refused');

/** @param titles of the agents, as their makers write them */
export function question(plan: AgentPlan, titles: readonly string[], remove: boolean): string {
  const files = count(changed(plan).length, 'file');
  const left = refused(plan);
  const whom = titles.length === 0 ? '' : ` for ${listed(titles)}`;
  const what = remove
    ? `Take what LASSO wrote out of ${files}${whom}?`
    : `Write ${files}${whom}, as profile “${visible(plan.profile)}” says?`;
  return unlinked(left.length === 0 ? what : `${what} Left alone: ${left.map(({ path }) => visible(path)).join(', ')}.`);
}

export function done(plan: AgentPlan, remove: boolean): string {
  const files = count(changed(plan).length, 'file');
  return remove ? `What LASSO wrote is out of ${files}.` : `${files} written. Agents are held to it in a sandbox.`;
}

/** What cannot be told, and which files are left alone, as a document. */
export function remarks(plan: AgentPlan): string {
  const left = refused(plan).map(({ path, reason = '' }) => `- ${visible(path)} is left alone: ${visible(reason)}`);
  const lines = [...left, ...plan.findings.map(remark)];
  return lines.length === 0 ? '' : `# What to know before it is written\n\n${lines.join('\n')}\n`;
}

const remark = ({ severity, file, message, hint }: AgentFinding): string => {
  const place = file === undefined ? '' : `${visible(file)}: `;
  const word = severity === 'information' ? '' : `${severity}: `;
  return `- ${word}${place}${sentence(visible(message))}${hint === undefined ? '' : `\n  ${visible(hint)}`}`;
};

/** One line about files that no longer say what the profile says. */
export function drifted(files: readonly string[], profile: string, edited: boolean): string {
  const [first = '', ...more] = files.map((path) => visible(path));
  const names = more.length === 0 ? first : `${first} and ${count(more.length, 'more file')}`;
  const verb = more.length === 0 ? 'no longer matches' : 'no longer match';
  const why = edited ? ': somebody changed what LASSO wrote' : ', which has changed';
  return unlinked(shortened(`${names} ${verb} profile ${visible(profile)}${why}.`, lengthLimit));
}

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;
const listed = (titles: readonly string[]): string =>
  titles.length < 2 ? titles.join('') : `${titles.slice(0, -1).join(', ')} and ${titles.at(-1) ?? ''}`;
