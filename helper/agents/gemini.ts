/**
 * Gemini CLI 0.61: settings, a policy file they point at (its own folder for those is not read), GEMINI.md. The rule of the highest
 * priority holds. A broken policy file is dropped with a word nobody sees.
 */
import { stringify } from 'smol-toml';
import type { Agent, JsonObject, ManagedFile, Rendered } from './agent.ts';
import type { Brief } from './brief.ts';
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

export const gemini: Agent = {
  name: 'gemini',
  title: speech.title,
  traces: ['GEMINI.md', '.gemini', '.geminiignore'],
  program: 'gemini',
  render,
  managed,
  run: {
    command: (words) => ['/opt/lasso/gemini/bin/gemini', ...words],
    environment: { GEMINI_CLI_TRUST_WORKSPACE: 'true', GEMINI_TELEMETRY_ENABLED: 'false' },
    seeds: { '.gemini/settings.json': JSON.stringify({ security: { auth: { selectedType: 'gemini-api-key' } } }) },
    key: { variable: 'GEMINI_API_KEY', hosts: 'google-ai', header: 'x-goog-api-key', prefix: 'AIza' },
    notes: [],
  },
};

const quiet = { privacy: { usageStatisticsEnabled: false }, telemetry: { enabled: false } };

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

/** A policy named in the system's settings needs no owner to be believed, as the one beside them does. */
function managed(brief: Brief): readonly ManagedFile[] {
  const value: JsonObject = {
    adminPolicyPaths: ['/etc/gemini-cli/lasso'],
    ...quiet,
    general: { enableAutoUpdate: false, enableAutoUpdateNotification: false },
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
  const shell = 'run_shell_command';
  const deny = (rule: JsonObject): JsonObject => ({
    ...rule,
    decision: 'deny',
    priority: 900,
    denyMessage: 'LASSO: the profile does not allow this',
  });
  const readers = ['read_file', 'read_many_files', 'grep_search', 'glob', 'list_directory'];
  const writers = ['write_file', 'replace'];
  const closed = [...files.hidden, ...files.readonly, ...files.guarded];
  const program = (names: readonly string[]): string => `(\\S*/)?(${names.map(escaped).join('|')})(\\s|"|$)`;
  const rules: readonly JsonObject[] = [
    ...(commands.denied.length === 0 ? [] : [deny({ toolName: shell, commandRegex: program(commands.denied) })]),
    ...commands.deniedArguments.map((rule) => deny({ toolName: shell, commandRegex: regexOf(rule) })),
    ...(inside
      ? []
      : commands.asked.map((rule) => ({ toolName: shell, commandRegex: regexOf(rule), decision: 'ask_user', priority: 800 }))),
    ...(files.hidden.length === 0 ? [] : [deny({ toolName: readers, argsPattern: files.hidden.map(pathRegexOf).join('|') })]),
    ...(closed.length === 0 || !files.writable ? [] : [deny({ toolName: writers, argsPattern: closed.map(pathRegexOf).join('|') })]),
    ...(files.writable ? [] : [deny({ toolName: writers })]),
    ...(network.mode === 'none' ? [deny({ toolName: 'web_fetch' })] : []),
    // A search is made by the model’s service, outside of any sandbox.
    ...(network.mode === 'full' ? [] : [deny({ toolName: 'google_web_search' })]),
    ...(commands.allowed === null
      ? []
      : [
          ...(commands.allowed.length === 0
            ? []
            : [
                {
                  toolName: shell,
                  commandRegex: program(commands.allowed),
                  decision: inside ? 'allow' : 'ask_user',
                  priority: 200,
                  ...(inside ? { allowRedirection: true } : {}),
                },
              ]),
          { toolName: shell, decision: 'deny', priority: 100, denyMessage: 'LASSO: the profile lets only listed commands run' },
        ]),
    ...(inside ? [{ toolName: '*', decision: 'allow', priority: 10, allowRedirection: true }] : []),
  ];
  return `${stringify({ rule: rules })}\n`;
}

const hooks = (command: string): JsonObject => ({
  BeforeTool: [{ matcher: '.*', hooks: [{ name: 'lasso', type: 'command', command, timeout: hookSeconds * 1000 }] }],
});
