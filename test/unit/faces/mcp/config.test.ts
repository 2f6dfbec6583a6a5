/** What is printed for each agent is what that agent reads, whatever the folder is called. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse as parseToml } from 'smol-toml';
import { parse as parseYaml } from 'yaml';
import { configFor, programFor } from '../../../../helper/faces/mcp/config.ts';
import { agentNames, type AgentName } from '../../../../helper/protocol/agent.ts';

const program = ['/opt/node "x"/node', '/opt/lasso/dist/lasso.js'] as const;
const dir = '/src/it\'s "a" \\ folder\u007f\n';
const args = ['/opt/lasso/dist/lasso.js', 'mcp', '--dir', dir, '--profile', 'strict'];
const [command] = program;

const servers: Readonly<Record<Exclude<AgentName, 'aider'>, readonly [file: string, value: unknown]>> = {
  claude: ['.mcp.json', { mcpServers: { lasso: { type: 'stdio', command, args } } }],
  opencode: ['opencode.json', { mcp: { lasso: { type: 'local', command: [command, ...args], enabled: true } } }],
  codex: ['~/.codex/config.toml', { mcp_servers: { lasso: { command, args } } }],
  copilot: ['.mcp.json', { mcpServers: { lasso: { type: 'stdio', command, args, tools: ['*'] } } }],
  gemini: ['.gemini/settings.json', { mcpServers: { lasso: { command, args } } }],
  vscode: ['.vscode/mcp.json', { servers: { lasso: { type: 'stdio', command, args } } }],
  cursor: ['.cursor/mcp.json', { mcpServers: { lasso: { command, args } } }],
  goose: [
    '~/.config/goose/config.yaml',
    { extensions: { lasso: { name: 'lasso', type: 'stdio', cmd: command, args, enabled: true, timeout: 300 } } },
  ],
};

const read = (file: string, text: string): unknown => {
  if (file.endsWith('.toml')) return JSON.parse(JSON.stringify(parseToml(text)));
  return file.endsWith('.yaml') ? parseYaml(text) : JSON.parse(text);
};

for (const agent of agentNames) {
  if (agent === 'aider') continue;
  test(`${agent} reads what is printed for it`, () => {
    const { file, text } = configFor(agent, { program, dir, profile: 'strict' });
    assert.deepEqual([file, read(file, text)], servers[agent]);
  });
}

test('Aider is told to be run in a sandbox itself', () => {
  assert.throws(() => configFor('aider', { program, dir: undefined, profile: undefined }), { code: 'UNSUPPORTED' });
});

test('a folder that was not said is left to where the agent starts the server', () => {
  const { text } = configFor('claude', { program: ['lasso'], dir: undefined, profile: undefined });
  assert.deepEqual(JSON.parse(text), { mcpServers: { lasso: { type: 'stdio', command: 'lasso', args: ['mcp'] } } });
});

test('the program is called by its name where the PATH has it, and by its place otherwise', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lp-'));
  try {
    mkdirSync(join(folder, 'bin'));
    writeFileSync(join(folder, 'bin', 'lasso'), '');
    chmodSync(join(folder, 'bin', 'lasso'), 0o755);
    assert.deepEqual(programFor(program, { PATH: `/nowhere:${folder}/bin` }, 'linux'), ['lasso']);
    assert.deepEqual(programFor(program, { PATH: `/nowhere:bin::.` }, 'linux'), program);
    assert.deepEqual(programFor(program, {}, 'linux'), program);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
