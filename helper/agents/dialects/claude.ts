/**
 * Claude Code 2.1: settings of a project, managed settings, rules in words. Deny wins over ask, ask over allow, from any file.
 * One bad value makes it drop a whole file without a word, so nothing is written here that it did not take when it was tried.
 */
import type { AgentFinding } from '../../protocol/agent.ts';
import type { Agent, GeneratedFile, JsonObject, ManagedFile, Rendered } from '../agent.ts';
import type { ArgumentRule, Brief } from '../brief.ts';
import { anchoredAt } from './file-patterns.ts';
import { findingsOf } from './findings.ts';
import { hookSeconds, sandboxGuard, workspaceGuard } from './hooks.ts';
import { instructions } from './instructions.ts';
import { globsOf } from './shell-patterns.ts';

const speech = {
  agent: 'claude',
  title: 'Claude Code',
  denies: true,
  allowList: true,
  arguments: 'anywhere',
  asks: true,
  hosts: 'both',
  hides: true,
  closes: true,
  hook: 'kept',
  model: 'anthropic',
} as const;

export const claude: Agent = {
  name: 'claude',
  title: speech.title,
  traces: ['CLAUDE.md', 'CLAUDE.local.md', '.claude', '.mcp.json'],
  program: 'claude',
  render,
  managed,
  run: {
    command: (words) => ['/opt/lasso/claude/bin/claude', ...words],
    environment: {
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_AUTOUPDATER: '1',
      DISABLE_TELEMETRY: '1',
      DISABLE_ERROR_REPORTING: '1',
      IS_SANDBOX: '1',
    },
    seeds: {
      '.claude.json': JSON.stringify({
        hasCompletedOnboarding: true,
        projects: { '/workspace': { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true } },
      }),
    },
    key: { variable: 'ANTHROPIC_API_KEY', hosts: 'anthropic', header: 'x-api-key', prefix: 'sk-ant-api03-' },
    notes: ['Claude Code’s own sandbox is off: it cannot be made inside LASSO’s, which is the boundary.'],
  },
};

function render(brief: Brief): Rendered {
  const value: JsonObject = {
    permissions: {
      deny: once(denied(brief, '')),
      ...(brief.commands.asked.length === 0 ? {} : { ask: once(brief.commands.asked.flatMap(uses)) }),
      ...(brief.commands.allowed === null ? {} : { allow: once(listed(brief, brief.commands.allowed)), defaultMode: 'dontAsk' }),
    },
    hooks: hooks(workspaceGuard('claude')),
    sandbox: {
      enabled: true,
      failIfUnavailable: true,
      allowUnsandboxedCommands: false,
      ...(brief.network.mode === 'full'
        ? {}
        : { network: { allowedDomains: brief.network.allowed, deniedDomains: brief.network.blocked } }),
    },
    env: { DISABLE_TELEMETRY: '1', DISABLE_ERROR_REPORTING: '1' },
  };
  const rules: GeneratedFile = { kind: 'whole', path: '.claude/rules/lasso.md', text: instructions(brief), comment: 'html' };
  return {
    files: [rules, { kind: 'values', path: '.claude/settings.json', form: 'json', value }],
    findings: [...findingsOf(speech, brief), ownSandbox],
  };
}

const ownSandbox: AgentFinding = {
  severity: 'information',
  code: 'own-sandbox',
  agent: 'claude',
  message:
    'Outside of LASSO’s sandboxes Claude Code works only with its own sandbox; on Linux that knows no patterns of files, which its other rules do',
  hint: 'Linux needs bubblewrap and socat for it.',
};

/** In a sandbox LASSO asks where the profile says so, so that nothing is asked twice; what the profile allows runs unasked. */
function managed(brief: Brief): readonly ManagedFile[] {
  const { allowed } = brief.commands;
  const tools = ['Bash', 'Read', 'Glob', 'Grep', 'WebFetch', ...(brief.files.writable ? ['Edit', 'Write', 'NotebookEdit'] : [])];
  const value: JsonObject = {
    permissions: {
      deny: once(denied(brief, '//workspace')),
      allow: allowed === null ? tools : once([...tools.slice(1), ...listed(brief, allowed)]),
      ...(allowed === null ? {} : { defaultMode: 'dontAsk' }),
    },
    hooks: hooks(sandboxGuard('claude')),
    sandbox: { enabled: false },
    env: { ...claude.run?.environment },
  };
  return [{ path: '/etc/claude-code/managed-settings.json', text: `${JSON.stringify(value, undefined, 2)}\n` }];
}

/** @param root where patterns of files are anchored; empty: the project */
function denied({ commands, files, network }: Brief, root: string): readonly string[] {
  return [
    ...[...commands.denied.map(anyUse), ...commands.deniedArguments].flatMap(uses),
    ...files.hidden.flatMap((pattern) => [`Read(${anchoredAt(root, pattern)})`, `Edit(${anchoredAt(root, pattern)})`]),
    ...[...files.readonly, ...files.guarded].map((pattern) => `Edit(${anchoredAt(root, pattern)})`),
    ...(files.writable ? [] : ['Edit', 'Write', 'NotebookEdit']),
    ...(network.mode === 'none' ? ['WebFetch'] : network.blocked.map((host) => `WebFetch(domain:${host})`)),
    // A search is made by the model’s service, outside of any sandbox.
    ...(network.mode === 'full' ? [] : ['WebSearch']),
  ];
}

const listed = ({ network, files }: Brief, allowed: readonly string[]): readonly string[] => [
  ...allowed.map((program) => `Bash(${program}:*)`),
  ...(files.writable ? ['Edit', 'Write', 'NotebookEdit'] : []),
  ...network.allowed.map((host) => `WebFetch(domain:${host})`),
];

/** Its published schema wants each rule of a list to be there once. */
const once = (rules: readonly string[]): readonly string[] => [...new Set(rules)];

const anyUse = (program: string): ArgumentRule => ({ program, words: '', rule: '' });
const uses = (rule: ArgumentRule): readonly string[] => globsOf(rule).flatMap((text) => [`Bash(${text})`, `Bash(${text} *)`]);

const hooks = (command: string): JsonObject => ({
  PreToolUse: [{ matcher: '*', hooks: [{ type: 'command', command, timeout: hookSeconds, onFailure: 'block' }] }],
});
