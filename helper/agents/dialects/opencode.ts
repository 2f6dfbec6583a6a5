/**
 * OpenCode 1.18: opencode.json, a plugin, AGENTS.md. The last rule that matches holds, so ours go behind the user’s own. It has no
 * sandbox, and a plugin that does not load is passed over without a word, so the plugin needs nothing but Node’s own modules.
 */
import type { Agent, JsonObject, ManagedFile, Rendered } from '../agent.ts';
import type { ArgumentRule, Brief } from '../brief.ts';
import { textsOf } from './file-patterns.ts';
import { findingsOf } from './findings.ts';
import { hookSeconds, sandboxGuard, workspaceGuard } from './hooks.ts';
import { instructionBlock } from './instructions.ts';
import { globsOf } from './shell-patterns.ts';

const speech = {
  agent: 'opencode',
  title: 'OpenCode',
  denies: true,
  allowList: true,
  arguments: 'anywhere',
  asks: true,
  hosts: 'none',
  hides: true,
  closes: true,
  hook: 'kept',
} as const;

export const opencode: Agent = {
  name: 'opencode',
  title: speech.title,
  traces: ['opencode.json', 'opencode.jsonc', '.opencode'],
  program: 'opencode',
  render,
  managed,
  run: {
    command: (words) => ['/opt/lasso/opencode/bin/opencode', ...words],
    environment: {
      OPENCODE_DISABLE_AUTOUPDATE: '1',
      OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
      OPENCODE_DISABLE_MODELS_FETCH: '1',
      OPENCODE_DISABLE_SHARE: '1',
    },
    seeds: {},
    key: { variable: 'ANTHROPIC_API_KEY', hosts: 'anthropic', header: 'x-api-key', prefix: 'sk-ant-api03-' },
    notes: [],
  },
};

function render(brief: Brief): Rendered {
  const value = { autoupdate: false, share: 'disabled', permission: permission(brief, 'ask') };
  return {
    files: [
      instructionBlock('AGENTS.md', brief),
      {
        kind: 'values',
        path: 'opencode.json',
        form: 'jsonc',
        value,
        last: [['permission'], ['permission', 'bash'], ['permission', 'read'], ['permission', 'edit']],
      },
      { kind: 'whole', path: '.opencode/plugin/lasso.js', text: plugin(workspaceGuard('opencode')), comment: '//' },
    ],
    findings: findingsOf(speech, brief),
  };
}

/**
 * Merged with the project's own, whose keys keep their places: a `*` of ours would come last and undo every denial, so what OpenCode
 * allows by itself is left unsaid. LASSO asks where the profile says so.
 */
function managed(brief: Brief): readonly ManagedFile[] {
  const value: JsonObject = {
    autoupdate: false,
    share: 'disabled',
    plugin: ['/etc/opencode/lasso.js'],
    permission: { ...permission(brief, 'allow'), external_directory: 'allow', doom_loop: 'allow' },
  };
  return [
    { path: '/etc/opencode/opencode.json', text: `${JSON.stringify(value, undefined, 2)}\n` },
    { path: '/etc/opencode/lasso.js', text: plugin(sandboxGuard('opencode')) },
  ];
}

function permission({ commands, files, network }: Brief, asked: 'ask' | 'allow'): JsonObject {
  const rows = (texts: readonly string[], action: string): JsonObject => Object.fromEntries(texts.map((text) => [text, action]));
  const uses = (rules: readonly ArgumentRule[]): readonly string[] => rules.flatMap(globsOf).map((text) => `${text} *`);
  const bash: JsonObject = {
    ...(commands.allowed === null
      ? {}
      : {
          '*': 'deny',
          ...rows(
            commands.allowed.map((program) => `${program} *`),
            'allow',
          ),
        }),
    ...rows(uses(commands.asked), asked),
    ...rows(uses(commands.deniedArguments), 'deny'),
    ...rows(
      commands.denied.flatMap((program) => [`${program} *`, `*/${program} *`]),
      'deny',
    ),
  };
  const closed = [...files.hidden, ...files.readonly, ...files.guarded].flatMap(textsOf);
  return {
    ...(Object.keys(bash).length === 0 ? {} : { bash }),
    ...(files.hidden.length === 0 ? {} : { read: rows(files.hidden.flatMap(textsOf), 'deny') }),
    ...(files.writable ? (closed.length === 0 ? {} : { edit: rows(closed, 'deny') }) : { edit: 'deny' }),
    ...(network.mode === 'none' ? { webfetch: 'deny' } : {}),
    // A search is made by a service, outside of any sandbox.
    ...(network.mode === 'full' ? {} : { websearch: 'deny' }),
  };
}

/** Asks before every use of a tool. Only a clear yes lets it run; what is thrown is told to the model. */
const plugin = (command: string): string => `import { spawnSync } from 'node:child_process';

export const Lasso = async ({ directory }) => ({
  'tool.execute.before': async (input, output) => {
    const asked = spawnSync('/bin/sh', ['-c', ${JSON.stringify(command)}], {
      cwd: directory,
      input: JSON.stringify({ tool: input.tool, args: output.args, cwd: directory }),
      encoding: 'utf8',
      timeout: ${hookSeconds * 1000},
    });
    if (asked.status !== 0) throw new Error(String(asked.stderr ?? '').trim() || 'LASSO: nobody could say whether this may be done');
  },
});
`;
