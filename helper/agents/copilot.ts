/**
 * GitHub Copilot in a repository and its CLI 1.0: instructions, hooks, the few settings a repository may make, and an
 * administrator's settings and hooks. A broken hooks file is passed over without a word.
 */
import type { Agent, JsonObject, ManagedFile, Rendered } from './agent.ts';
import type { ArgumentRule, Brief } from './brief.ts';
import { anchoredAt } from './file-patterns.ts';
import { findingsOf } from './findings.ts';
import { githubHooks, hookSeconds, sandboxGuard } from './hooks.ts';
import { instructionBlock } from './instructions.ts';
import { globsOf } from './shell-patterns.ts';

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
    command: (words) => ['/opt/lasso/copilot/bin/copilot', ...words],
    environment: { COPILOT_AUTO_UPDATE: 'false' },
    seeds: { '.copilot/config.json': JSON.stringify({ trustedFolders: ['/workspace'] }) },
    key: { variable: 'COPILOT_GITHUB_TOKEN', hosts: 'copilot', header: 'authorization', prefix: 'github_pat_' },
    notes: [],
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

/** Its mere presence takes `--allow-all` back, so what the profile allows is allowed here. Its hooks need no trust and nobody turns them off. */
function managed({ commands, files, network }: Brief): readonly ManagedFile[] {
  const uses = (rules: readonly ArgumentRule[]): readonly string[] =>
    rules.flatMap(globsOf).flatMap((text) => [`Shell(${text})`, `Shell(${text} *)`]);
  const plain = (programs: readonly string[]): readonly ArgumentRule[] => programs.map((program) => ({ program, words: '', rule: '' }));
  const closed = [...files.hidden, ...files.readonly, ...files.guarded];
  const settings: JsonObject = {
    permissions: {
      deny: [
        ...uses([...plain(commands.denied), ...commands.deniedArguments]),
        ...files.hidden.map((pattern) => `Read(${anchoredAt('/', pattern)})`),
        ...(files.writable ? closed.map((pattern) => `Edit(${anchoredAt('/', pattern)})`) : ['Edit(**)']),
        ...network.blocked.map((host) => `Domain(${host})`),
      ],
      allow: [
        ...(commands.allowed === null ? ['Shell(*)'] : uses(plain(commands.allowed))),
        'Read(**)',
        ...(files.writable ? ['Edit(**)'] : []),
        'Domain(*)',
      ],
    },
  };
  const hooks: JsonObject = {
    version: 1,
    hooks: { preToolUse: [{ type: 'command', bash: sandboxGuard('copilot'), timeoutSec: hookSeconds }] },
  };
  return [
    { path: '/etc/github-copilot/managed-settings.json', text: `${JSON.stringify(settings, undefined, 2)}\n` },
    { path: '/etc/github-copilot/policy.d/lasso.json', text: `${JSON.stringify(hooks, undefined, 2)}\n` },
  ];
}
