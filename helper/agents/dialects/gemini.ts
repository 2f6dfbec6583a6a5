/**
 * Gemini CLI 0.61: settings, a policy file they point at (its own folder for those is not read), GEMINI.md. The rule of the highest
 * priority holds. A broken policy file is dropped with a word nobody sees.
 */
import { stringify } from 'smol-toml';
import type { Agent, JsonObject, ManagedFile, Rendered } from '../agent.ts';
import type { Brief } from '../brief.ts';
import { pathRegexOf } from './file-patterns.ts';
import { findingsOf } from './findings.ts';
import { hookSeconds, sandboxGuard, workspaceGuard } from './hooks.ts';
import { instructionBlock } from './instructions.ts';
import { escaped, regexOf } from './shell-patterns.ts';

const speech = {
  agent: 'gemini',
  title: 'Gemini CLI',
  denies: true,
  allowList: true,
  arguments: 'anywhere',
  asks: true,
  hosts: 'none',
  hides: true,
  closes: true,
  hook: 'if-trusted',
  model: 'google-ai',
} as const;

const quiet = { privacy: { usageStatisticsEnabled: false }, telemetry: { enabled: false } };
const general = { enableAutoUpdate: false, enableAutoUpdateNotification: false };
const hooks = (command: string): JsonObject => ({
  BeforeTool: [{ matcher: '.*', hooks: [{ name: 'lasso', type: 'command', command, timeout: hookSeconds * 1000 }] }],
});

export const gemini: Agent = {
  name: 'gemini',
  title: speech.title,
  traces: ['GEMINI.md', '.gemini', '.geminiignore'],
  program: 'gemini',
  render,
  managed,
  run: {
    command: (words) => ['/opt/lasso/gemini/bin/gemini', '--admin-policy', '/etc/gemini-cli/lasso', ...words],
    environment: { GEMINI_CLI_TRUST_WORKSPACE: 'true', GEMINI_TELEMETRY_ENABLED: 'false' },
    seeds: {
      '.gemini/settings.json': JSON.stringify({
        security: { auth: { selectedType: 'gemini-api-key' } },
        ...quiet,
        general,
        hooks: hooks(sandboxGuard('gemini')),
      }),
    },
    key: { variable: 'GEMINI_API_KEY', hosts: 'google-ai', header: 'x-goog-api-key', prefix: 'AIza' },
    notes: ['Gemini CLI honours settings of a system only where they are root’s, so its hook is in its own home, which it can change.'],
  },
};

function render(brief: Brief): Rendered {
  const { hidden } = brief.files;
  const value: JsonObject = { policyPaths: ['.gemini/lasso'], ...quiet, hooks: hooks(workspaceGuard('gemini')) };
  return {
    files: [
      instructionBlock('GEMINI.md', brief),
      { kind: 'values', path: '.gemini/settings.json', form: 'jsonc', value },
      { kind: 'whole', path: '.gemini/lasso/lasso.toml', text: policy(brief, false), comment: '#' },
      ...(hidden.length === 0 ? [] : [{ kind: 'block', path: '.geminiignore', text: `${hidden.join('\n')}\n`, comment: '#' } as const]),
    ],
    findings: findingsOf(speech, brief),
  };
}

/**
 * Its own folder of policies and its system settings are honoured only where all of it is root's, which no sandbox without root can
 * show; the policy is named on the command line as well, and the hook is in the seed.
 */
function managed(brief: Brief): readonly ManagedFile[] {
  const value: JsonObject = {
    adminPolicyPaths: ['/etc/gemini-cli/lasso'],
    ...quiet,
    general,
    security: { folderTrust: { enabled: false } },
    hooks: hooks(sandboxGuard('gemini')),
  };
  return [
    { path: '/etc/gemini-cli/settings.json', text: `${JSON.stringify(value, undefined, 2)}\n` },
    { path: '/etc/gemini-cli/lasso/lasso.toml', text: policy(brief, true) },
  ];
}

/** `inside`: LASSO asks where the profile says so, and what is not denied runs unasked. */
function policy({ commands, files, network }: Brief, inside: boolean): string {
  const closed = [...files.hidden, ...files.readonly, ...files.guarded];
  const open = inside ? { decision: 'allow', allowRedirection: true } : { decision: 'ask_user' };
  const rules: readonly JsonObject[] = [
    ...(commands.denied.length === 0 ? [] : [deny({ toolName: shell, commandPrefix: commands.denied })]),
    ...(commands.denied.length === 0 ? [] : [deny({ toolName: shell, commandRegex: byPath(commands.denied) })]),
    ...commands.deniedArguments.map((rule) => deny({ toolName: shell, commandRegex: regexOf(rule) })),
    ...(inside
      ? []
      : commands.asked.map((rule) => ({ toolName: shell, commandRegex: regexOf(rule), decision: 'ask_user', priority: 800 }))),
    ...atPaths(files.hidden).map((argsPattern) => deny({ toolName: ['read_file', 'list_directory'], argsPattern })),
    ...(files.writable ? atPaths(closed).map((argsPattern) => deny({ toolName: writers, argsPattern })) : [deny({ toolName: writers })]),
    ...(network.mode === 'none' ? [deny({ toolName: 'web_fetch' })] : []),
    // A search is made by the model’s service, outside of any sandbox.
    ...(network.mode === 'full' ? [] : [deny({ toolName: 'google_web_search' })]),
    ...(commands.allowed === null ? [] : [{ ...deny({ toolName: shell }), priority: 100 }]),
    ...(commands.allowed === null || commands.allowed.length === 0
      ? []
      : [{ toolName: shell, commandPrefix: commands.allowed, priority: 200, ...open }]),
    ...(inside ? [{ toolName: '*', priority: 10, ...open }] : []),
  ];
  return `${stringify({ rule: rules })}\n`;
}

const shell = 'run_shell_command';
const writers = ['write_file', 'replace'];
const deny = (rule: JsonObject): JsonObject => ({
  ...rule,
  decision: 'deny',
  priority: 900,
  denyMessage: 'LASSO: the profile does not allow this',
});
const byPath = (programs: readonly string[]): string => `[^\\s"]*/(${programs.map(escaped).join('|')})(\\s|"|$)`;

/** A longer expression than 2048 characters would be dropped. */
function atPaths(patterns: readonly string[]): readonly string[] {
  const size = 16;
  return Array.from({ length: Math.ceil(patterns.length / size) }, (_, index) => {
    const some = patterns.slice(index * size, (index + 1) * size).map(pathRegexOf);
    return `"(file_path|dir_path)":"([^"]*/|)(${some.join('|')})("|/)`;
  });
}
