/**
 * A script: what a model has an agent do, one step a turn. The step that is played is the number of results the agent has told so far,
 * so that nothing is kept between requests, and what is asked on the side shifts nothing.
 */
import type { Conversation } from './conversation.ts';

export type Step =
  | { readonly do: 'shell'; readonly line: string }
  | { readonly do: 'read'; readonly path: string }
  | { readonly do: 'write'; readonly path: string; readonly text: string }
  | { readonly do: 'fetch'; readonly url: string };

/** what a model answers with */
export type Act =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'call'; readonly tool: string; readonly input: Readonly<Record<string, unknown>> };

export const shell = (line: string): Step => ({ do: 'shell', line });
export const read = (path: string): Step => ({ do: 'read', path });
export const write = (path: string, text: string): Step => ({ do: 'write', path, text });
export const fetched = (url: string): Step => ({ do: 'fetch', url });

/** last words of every script */
export const lastWords = 'All steps are played.';

export function nextAct(steps: readonly Step[], { tools, results }: Conversation): Act {
  // Titles, summaries and classifications are asked for without tools.
  if (tools.length === 0) return { kind: 'text', text: 'A title' };
  const step = steps[results.length];
  return step === undefined ? { kind: 'text', text: lastWords } : callOf(step, tools);
}

type Shape<Of extends Step> = readonly [tool: string, input: (step: Of) => Readonly<Record<string, unknown>>];
type ShellStep = Extract<Step, { do: 'shell' }>;
type ReadStep = Extract<Step, { do: 'read' }>;
type WriteStep = Extract<Step, { do: 'write' }>;
type FetchStep = Extract<Step, { do: 'fetch' }>;

const described = { description: 'A step of the script' };
/** by what each agent calls its tools, as its own requests tell; the first that is offered is used */
const shells: readonly Shape<ShellStep>[] = [
  ['Bash', ({ line }) => ({ command: line, ...described })],
  ['exec_command', ({ line }) => ({ cmd: line })],
  ['shell_command', ({ line }) => ({ command: line })],
  ['run_shell_command', ({ line }) => ({ command: line, ...described })],
  ['bash', ({ line }) => ({ command: line, ...described })],
];
const readers: readonly Shape<ReadStep>[] = [
  ['Read', ({ path }) => ({ file_path: path })],
  ['read', ({ path }) => ({ filePath: path })],
  ['read_file', ({ path }) => ({ file_path: path })],
  ['view', ({ path }) => ({ path })],
];
const writers: readonly Shape<WriteStep>[] = [
  ['Write', ({ path, text }) => ({ file_path: path, content: text })],
  ['write', ({ path, text }) => ({ filePath: path, content: text })],
  ['write_file', ({ path, text }) => ({ file_path: path, content: text })],
  ['create', ({ path, text }) => ({ path, file_text: text })],
];
const fetchers: readonly Shape<FetchStep>[] = [
  ['WebFetch', ({ url }) => ({ url, prompt: 'What does it say?' })],
  ['webfetch', ({ url }) => ({ url, format: 'text' })],
  ['web_fetch', ({ url }) => ({ url, prompt: `What does ${url} say?` })],
];

/** An agent without a tool for files or addresses is told to use its shell, as its model would. */
function callOf(step: Step, tools: readonly string[]): Act {
  switch (step.do) {
    case 'shell':
      return first(shells, step, tools) ?? { kind: 'text', text: `No shell among ${tools.join(', ')}` };
    case 'read':
      return first(readers, step, tools) ?? callOf(shell(`cat ${quoted(step.path)}`), tools);
    case 'write':
      return first(writers, step, tools) ?? callOf(shell(`printf %s ${quoted(step.text)} > ${quoted(step.path)}`), tools);
    case 'fetch':
      return first(fetchers, step, tools) ?? callOf(shell(`curl -sS -m 5 ${quoted(step.url)}`), tools);
  }
}

function first<Of extends Step>(shapes: readonly Shape<Of>[], step: Of, tools: readonly string[]): Act | undefined {
  const found = shapes.find(([tool]) => tools.includes(tool));
  return found === undefined ? undefined : { kind: 'call', tool: found[0], input: found[1](step) };
}

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;
