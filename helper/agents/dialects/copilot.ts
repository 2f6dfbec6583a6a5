/**
 * GitHub Copilot in a repository and its CLI 1.0: instructions, hooks, the few settings a repository may make, and an
 * administrator's settings and hooks. A broken hooks file is passed over without a word.
 */
import type { Agent, JsonObject, ManagedFile, Rendered } from '../agent.ts';
import type { ArgumentRule, Brief } from '../brief.ts';
import { findingsOf } from './findings.ts';
import { githubHooks, hookSeconds, sandboxGuard } from './hooks.ts';
import { instructionBlock } from './instructions.ts';
import { beginningsOf } from './shell-patterns.ts';

const speech = {
  agent: 'copilot',
  title: 'GitHub Copilot',
  denies: false,
  allowList: false,
  arguments: 'none',
  asks: false,
  hosts: 'closed',
  hides: false,
  closes: false,
  hook: 'if-trusted',
  model: 'copilot',
} as const;

export const copilot: Agent = {
  name: 'copilot',
  title: speech.title,
  traces: ['.github/copilot-instructions.md', '.github/copilot', '.github/instructions', '.github/hooks'],
  program: 'copilot',
  render,
  managed,
  run: {
    command: (words, brief) => [
      '/opt/lasso/copilot/bin/copilot',
      '--plugin-dir=/etc/github-copilot/lasso',
      ...permissions(brief),
      ...words,
    ],
    environment: { COPILOT_AUTO_UPDATE: 'false' },
    seeds: { '.copilot/config.json': JSON.stringify({ trustedFolders: ['/workspace'] }) },
    key: { variable: 'COPILOT_GITHUB_TOKEN', hosts: 'copilot', header: 'authorization', prefix: 'github_pat_' },
    notes: ['Copilot honours settings of an administrator only where they are root’s, so it gets LASSO’s rules as words of its command.'],
  },
};

function render(brief: Brief): Rendered {
  const { blocked } = brief.network;
  return {
    files: [
      instructionBlock('.github/copilot-instructions.md', brief),
      githubHooks,
      ...(blocked.length === 0
        ? []
        : [{ kind: 'values', path: '.github/copilot/settings.json', form: 'json', value: { deniedUrls: blocked } } as const]),
    ],
    findings: findingsOf(speech, brief),
  };
}

/**
 * An administrator's settings are no use: where they are not root's, as in most sandboxes, Copilot shuts itself. Its hooks of an
 * administrator are honoured only where they are root's, so the same hook is a plugin that is named on the command line.
 */
function managed(): readonly ManagedFile[] {
  const hooks: JsonObject = {
    version: 1,
    hooks: { preToolUse: [{ type: 'command', bash: sandboxGuard('copilot'), timeoutSec: hookSeconds }] },
  };
  const file = (path: string, value: JsonObject): ManagedFile => ({
    path: `/etc/github-copilot/${path}`,
    text: `${JSON.stringify(value, undefined, 2)}\n`,
  });
  return [
    file('lasso/plugin.json', { name: 'lasso', version: '1.0.0', description: 'Asks LASSO before a tool is used' }),
    file('lasso/hooks.json', hooks),
    file('policy.d/lasso.json', hooks),
  ];
}

/** What it may do unasked, and what it may not; deny holds over every other word. */
function permissions({ commands, files, network }: Brief): readonly string[] {
  const shell = (rule: ArgumentRule): readonly string[] => beginningsOf(rule).map((text) => `shell(${text}:*)`);
  const program = (name: string): string => `shell(${name}:*)`;
  const closed = [...files.hidden, ...files.readonly, ...files.guarded].filter((pattern) => /^[^*?[\]]*[^*?[\]/]$/.test(pattern));
  const denied = [
    ...commands.denied.map(program),
    ...commands.deniedArguments.flatMap(shell),
    ...(files.writable ? closed.map((path) => `write(${path})`) : ['write']),
  ];
  return [
    ...(commands.allowed === null
      ? ['--allow-all']
      : [
          '--allow-all-paths',
          '--allow-all-urls',
          '--allow-tool=write',
          ...commands.allowed.map((name) => `--allow-tool=${program(name)}`),
        ]),
    ...denied.map((tool) => `--deny-tool=${tool}`),
    ...network.blocked.map((host) => `--deny-url=${host}`),
  ];
}
