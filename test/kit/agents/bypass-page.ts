/** The page about known ways round agents' own rules, out of what was measured. */

/** labels of the ways that came through, for one agent */
export interface Outcome {
  readonly title: string;
  readonly version: string;
  readonly own: ReadonlySet<string>;
  readonly hook: ReadonlySet<string>;
  readonly sandbox: ReadonlySet<string>;
  /** of those, in a sandbox whose profile lists the folders as read-only */
  readonly kept: ReadonlySet<string>;
}

export function bypassPage(ways: readonly string[], outcomes: readonly Outcome[], measured: Date): string {
  const count = (set: ReadonlySet<string>): string => `${set.size} of ${ways.length}`;
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = (columns: number): string => `|${'---|'.repeat(columns)}`;
  return [
    '# How far agents’ own rules go',
    '',
    `There are many ways to run a command that was forbidden. Here are ${ways.length} known ones, to run \`curl\` or \`rm\` where the profile`,
    'forbids both, or to do the same without them, played to real agents by a scripted model. The rules are those LASSO writes for each',
    'agent. “Its own rules”: those alone, above everything the agent or a project can say. “With the hook”: besides, the agent asks LASSO',
    'before each tool, and the sandbox lets everything through. “In the sandbox”: all of it, as `lasso run` has it. Counted is what took',
    'effect: a page that was reached, a folder that was gone. What a sandbox still lets through does to a folder of the workspace, by a',
    'program that may run, what may be done there: it is moved away. Who wants a folder to stay does not forbid `rm`, but lists it in',
    '`workspace.readonly`; that is the last column.',
    '',
    row(['agent', 'version', 'its own rules let through', 'with the hook', 'in the sandbox', 'folders read-only']),
    rule(6),
    ...outcomes.map(({ title, version, own, hook, sandbox, kept }) =>
      row([title, version, count(own), count(hook), count(sandbox), count(kept)]),
    ),
    '',
    `Measured on ${measured.toISOString().slice(0, 10)} on Linux with \`npm run agents-report\`. Rules in text are a help to an agent that means well; the`,
    'sandbox is the boundary.',
    '',
    '## What stopped each',
    '',
    row(['way', ...outcomes.map(({ title }) => title)]),
    rule(outcomes.length + 1),
    ...ways.map((way) => row([way, ...outcomes.map((outcome) => stoppedBy(way, outcome))])),
    '',
  ].join('\n');
}

/** The first that stopped it. */
function stoppedBy(way: string, { own, hook, sandbox, kept }: Outcome): string {
  if (!own.has(way)) return 'rules';
  if (!hook.has(way)) return 'hook';
  if (!sandbox.has(way)) return 'sandbox';
  return kept.has(way) ? '**nothing**' : 'read-only';
}
