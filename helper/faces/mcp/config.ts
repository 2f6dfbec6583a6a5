/** What each agent needs in its own configuration to find LASSO’s tools. Printed for a person to put there; written by nobody here. */
import { existsSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import type { AgentName } from '../../protocol/agent.ts';
import { LassoError } from '../../protocol/errors.ts';

export interface ConfigWish {
  /** words that start the `lasso` program */
  readonly program: readonly [string, ...string[]];
  /** folder, where one was said; otherwise it is the one the agent starts the server in */
  readonly dir: string | undefined;
  readonly profile: string | undefined;
}

export interface ConfigSnippet {
  /** where it belongs: in the project, or below the home folder */
  readonly file: string;
  readonly text: string;
}

/** `lasso` where that is on the PATH, which is the same for everybody who shares a project; otherwise this very program. */
export function programFor(
  self: readonly [string, ...string[]],
  environment: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
): readonly [string, ...string[]] {
  const names = platform === 'win32' ? ['lasso.cmd', 'lasso.exe'] : ['lasso'];
  const folders = (environment['PATH'] ?? '').split(delimiter).filter(isAbsolute);
  return folders.some((folder) => names.some((name) => existsSync(join(folder, name)))) ? ['lasso'] : self;
}

/** @throws LassoError UNSUPPORTED for an agent that knows no such tools */
export function configFor(agent: AgentName, { program, dir, profile }: ConfigWish): ConfigSnippet {
  const [command, ...before] = program;
  const args = [
    ...[...before, 'mcp'],
    ...(dir === undefined ? [] : ['--dir', dir]),
    ...(profile === undefined ? [] : ['--profile', profile]),
  ];
  const stdio = { type: 'stdio', command, args };
  switch (agent) {
    case 'claude':
      return { file: '.mcp.json', text: json({ mcpServers: { lasso: stdio } }) };
    case 'opencode':
      return { file: 'opencode.json', text: json({ mcp: { lasso: { type: 'local', command: [command, ...args], enabled: true } } }) };
    case 'codex':
      return {
        file: '~/.codex/config.toml',
        text: `[mcp_servers.lasso]\ncommand = ${tomlText(command)}\nargs = [${args.map(tomlText).join(', ')}]\n`,
      };
    case 'copilot':
      return { file: '.mcp.json', text: json({ mcpServers: { lasso: { ...stdio, tools: ['*'] } } }) };
    case 'gemini':
      return { file: '.gemini/settings.json', text: json({ mcpServers: { lasso: { command, args } } }) };
    case 'vscode':
      return { file: '.vscode/mcp.json', text: json({ servers: { lasso: stdio } }) };
    case 'cursor':
      return { file: '.cursor/mcp.json', text: json({ mcpServers: { lasso: { command, args } } }) };
    case 'goose':
      return { file: '~/.config/goose/config.yaml', text: gooseText(command, args) };
    case 'aider':
      throw new LassoError(
        'UNSUPPORTED',
        'Aider has no tools of the Model Context Protocol.',
        'Run Aider itself in a sandbox, with `lasso shell`.',
      );
  }
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** A basic string of TOML: JSON’s, but for the one character JSON leaves alone. */
const tomlText = (text: string): string => JSON.stringify(text).replaceAll('\u007f', '\\u007F');

/** YAML takes JSON’s strings. */
function gooseText(command: string, args: readonly string[]): string {
  const lines = [
    'extensions:',
    '  lasso:',
    '    name: lasso',
    '    type: stdio',
    `    cmd: ${JSON.stringify(command)}`,
    `    args: ${JSON.stringify(args)}`,
    '    enabled: true',
    '    timeout: 300',
  ];
  return `${lines.join('\n')}\n`;
}
