/**
 * OpenAI Codex 0.169: a permissions profile, rules by the first words of a command, hooks, requirements of an administrator. Never a
 * sandbox_mode beside a permissions profile, and no path that may be missing as “read”: it would not start.
 */
import { stringify } from 'smol-toml';
import type { Agent, JsonObject, ManagedFile, Rendered } from '../agent.ts';
import type { ArgumentRule, Brief } from '../brief.ts';
import { globsOf } from './file-patterns.ts';
import { findingsOf } from './findings.ts';
import { hookSeconds, sandboxGuard, workspaceGuard } from './hooks.ts';
import { instructionBlock } from './instructions.ts';
import { prefixOf } from './shell-patterns.ts';

const speech = {
  agent: 'codex',
  title: 'Codex',
  denies: true,
  allowList: false,
  arguments: 'behind',
  asks: true,
  hosts: 'both',
  hides: true,
  closes: false,
  hook: 'if-trusted',
  model: 'openai',
} as const;

export const codex: Agent = {
  name: 'codex',
  title: speech.title,
  traces: ['.codex'],
  program: 'codex',
  render,
  managed,
  run: {
    command: (words) => ['/opt/lasso/codex/bin/codex', ...words],
    environment: { CODEX_HOME: '/home/agent/.codex' },
    seeds: {
      '.codex/config.toml': stringify({
        check_for_update_on_startup: false,
        analytics: { enabled: false },
        projects: { '/workspace': { trust_level: 'trusted' } },
      }),
    },
    key: { variable: 'OPENAI_API_KEY', hosts: 'openai', header: 'authorization', prefix: 'sk-proj-' },
    notes: ['Codex’s own sandbox is off: it cannot be made inside LASSO’s, which is the boundary.'],
  },
};

function render(brief: Brief): Rendered {
  const { network, files } = brief;
  const hosts: JsonObject = Object.fromEntries([
    ...network.allowed.map((host): [string, string] => [host, 'allow']),
    ...network.blocked.map((host): [string, string] => [host, 'deny']),
  ]);
  const value: JsonObject = {
    ...(network.mode === 'full' ? {} : { web_search: 'disabled' }),
    default_permissions: 'lasso',
    features: { network_proxy: true },
    permissions: {
      lasso: {
        filesystem: {
          ':root': 'read',
          // Outside of macOS it looks for what a pattern means before it starts.
          glob_scan_max_depth: 10,
          ':workspace_roots': {
            '.': files.writable ? 'write' : 'read',
            ...Object.fromEntries(files.hidden.flatMap(globsOf).map((glob) => [glob, 'deny'])),
          },
        },
        network:
          network.mode === 'none'
            ? { enabled: false }
            : { enabled: true, domains: { ...(network.mode === 'full' ? { '*': 'allow' } : {}), ...hosts } },
      },
    },
  };
  const hooks = { PreToolUse: [{ matcher: '.*', hooks: [{ type: 'command', command: workspaceGuard('codex'), timeout: hookSeconds }] }] };
  return {
    files: [
      instructionBlock('AGENTS.md', brief),
      { kind: 'values', path: '.codex/config.toml', form: 'toml', value },
      { kind: 'values', path: '.codex/hooks.json', form: 'json', value: { hooks } },
      { kind: 'whole', path: '.codex/rules/lasso.rules', text: rulesText(brief), comment: '#' },
    ],
    findings: findingsOf(speech, brief),
  };
}

/** What an administrator requires holds over every file and flag; LASSO asks where the profile says so. */
function managed({ commands }: Brief): readonly ManagedFile[] {
  const refused = [...commands.denied.map((program) => ({ program, words: '', rule: '' })), ...commands.deniedArguments];
  const requirements = {
    features: { hooks: true },
    rules: {
      prefix_rules: refused.map((rule) => ({
        pattern: prefixOf(rule).map((word) => (typeof word === 'string' ? { token: word } : { any_of: word })),
        decision: 'forbidden',
        justification: justification(rule),
      })),
    },
    hooks: {
      managed_dir: '/etc/codex',
      PreToolUse: [{ matcher: '.*', hooks: [{ type: 'command', command: sandboxGuard('codex'), timeout: hookSeconds }] }],
    },
  };
  const config = {
    sandbox_mode: 'danger-full-access',
    approval_policy: 'never',
    check_for_update_on_startup: false,
    analytics: { enabled: false },
  };
  return [
    { path: '/etc/codex/requirements.toml', text: `${stringify(requirements)}\n` },
    { path: '/etc/codex/managed_config.toml', text: `${stringify(config)}\n` },
  ];
}

/** One rule a line; each carries a command it must and one it must not match, which Codex tries before it starts. */
function rulesText({ commands }: Brief): string {
  const line = (rule: ArgumentRule, decision: 'forbidden' | 'prompt'): string => {
    const pattern = prefixOf(rule);
    const example = pattern.map((word) => (typeof word === 'string' ? word : (word[0] ?? '')));
    const fields = { pattern, decision, justification: justification(rule), match: [example], not_match: [['echo', ...example]] };
    return `prefix_rule(${Object.entries(fields)
      .map(([key, value]) => `${key} = ${JSON.stringify(value)}`)
      .join(', ')})`;
  };
  return [
    ...commands.denied.map((program) => line({ program, words: '', rule: '' }, 'forbidden')),
    ...commands.deniedArguments.map((rule) => line(rule, 'forbidden')),
    ...commands.asked.map((rule) => line(rule, 'prompt')),
    '',
  ].join('\n');
}

const justification = ({ program, words }: ArgumentRule): string =>
  `LASSO: the profile does not let “${`${program} ${words}`.trim()}” run by itself`;
