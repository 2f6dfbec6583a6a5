/**
 * VS Code's own agent mode: settings of a workspace, hooks, instructions. From its documentation of October 2026; none of it could
 * be tried. `false` in a list of approvals means that a person is asked, and refuses nothing.
 */
import type { Agent, JsonObject, Rendered } from '../agent.ts';
import type { Brief } from '../brief.ts';
import { globsOf } from './file-patterns.ts';
import { findingsOf } from './findings.ts';
import { githubHooks } from './hooks.ts';
import { instructionBlock } from './instructions.ts';
import { regexOf } from './shell-patterns.ts';

const speech = {
  agent: 'vscode',
  title: 'VS Code',
  denies: false,
  allowList: false,
  arguments: 'none',
  asks: true,
  hosts: 'both',
  hides: false,
  closes: false,
  hook: 'if-trusted',
} as const;

export const vscode: Agent = {
  name: 'vscode',
  title: speech.title,
  traces: ['.vscode/mcp.json', '.github/copilot-instructions.md'],
  program: 'code',
  render,
};

function render(brief: Brief): Rendered {
  const { commands, files, network } = brief;
  const asked = [...commands.deniedArguments, ...commands.asked];
  const closed = [...files.hidden, ...files.readonly, ...files.guarded].flatMap(globsOf);
  const ask = (names: readonly string[]): JsonObject => Object.fromEntries(names.map((name) => [name, false]));
  const value: JsonObject = {
    'chat.tools.terminal.autoApprove': {
      ...ask(commands.denied),
      ...Object.fromEntries(asked.map((rule) => [`/\\b${regexOf(rule)}/`, { approve: false, matchCommandLine: true }])),
    },
    'chat.tools.edits.autoApprove': files.writable ? ask(closed) : ask(['**/*']),
    'chat.tools.urls.autoApprove': ask(network.blocked.map((host) => `https://${host}`)),
    'chat.agent.sandbox.enabled': 'on',
    'chat.agent.sandbox.allowUnsandboxedCommands': false,
    // What the profile leaves open is left unsaid: the user’s own settings may be stricter.
    ...(network.mode === 'none' ? { 'chat.agent.sandbox.network.allowNetwork': false } : {}),
    ...(network.mode === 'restricted' ? { 'chat.agent.sandbox.network.allowedDomains': network.allowed } : {}),
    ...(network.blocked.length === 0 ? {} : { 'chat.agent.sandbox.network.deniedDomains': network.blocked }),
  };
  return {
    files: [
      instructionBlock('.github/copilot-instructions.md', brief),
      { kind: 'values', path: '.vscode/settings.json', form: 'jsonc', value },
      githubHooks,
    ],
    findings: findingsOf(speech, brief),
  };
}
