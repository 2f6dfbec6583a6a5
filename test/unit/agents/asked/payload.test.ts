/** What agents' hooks are told, as questions: the words of every agent are understood, and what cannot be told is unclear. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { payloadLimit, toolUseOf } from '../../../../helper/agents/asked/payload.ts';
import type { ToolQuestion } from '../../../../helper/policy/tools.ts';

type Asked = readonly ToolQuestion[];
const command = (text: string, cwd?: string): Asked => [{ kind: 'command', text, ...(cwd === undefined ? {} : { cwd }) }];
const read = (...paths: readonly string[]): Asked => [{ kind: 'read', paths }];
const write = (...paths: readonly string[]): Asked => [{ kind: 'write', paths }];
const url = (...urls: readonly string[]): Asked => urls.map((one) => ({ kind: 'url', url: one }));
const other = (tool: string): Asked => [{ kind: 'other', tool }];

const claude = (tool: string, input: unknown) => ({
  ...{ session_id: 's', transcript_path: '/t', cwd: '/workspace', permission_mode: 'default', hook_event_name: 'PreToolUse' },
  ...{ tool_name: tool, tool_input: input, tool_use_id: 'u' },
});
const copilot = (tool: string, args: unknown) => ({ timestamp: 1, cwd: '/workspace', toolName: tool, toolArgs: args });
const bare = (tool: string, input: unknown) => ({ tool_name: tool, tool_input: input });
const patch =
  '*** Begin Patch\n*** Add File: a.txt\n+x\n*** Update File: b.txt\n*** Move to: c.txt\n@@\n-y\n*** Delete File: d.txt\n*** End Patch';
const patched = write('/workspace/a.txt', '/workspace/b.txt', '/workspace/c.txt', '/workspace/d.txt');

const told: readonly (readonly [what: string, payload: unknown, asked: Asked])[] = [
  ['Claude’s shell', claude('Bash', { command: 'ls -l', description: 'd' }), command('ls -l', '/workspace')],
  ['Claude’s monitor', claude('Monitor', { command: 'tail -f x', description: 'd' }), command('tail -f x', '/workspace')],
  ['Claude’s reading', claude('Read', { file_path: '/workspace/.env', limit: 3 }), read('/workspace/.env')],
  ['Claude’s writing', claude('Write', { file_path: '/workspace/a', content: 'rm -rf /' }), write('/workspace/a')],
  ['Claude’s edit', claude('Edit', { file_path: 'a', old_string: 'x', new_string: 'y' }), write('/workspace/a')],
  ['Claude’s edits', claude('MultiEdit', { file_path: '/w/a', edits: [{ old_string: 'x', new_string: 'y' }] }), write('/w/a')],
  ['Claude’s notebooks', claude('NotebookEdit', { notebook_path: '/w/a.ipynb', new_source: 'x' }), write('/w/a.ipynb')],
  ['Claude’s search for names', claude('Glob', { pattern: '**/*.ts' }), read('/workspace')],
  ['Claude’s search in files', claude('Grep', { pattern: 'x', path: '.env' }), read('/workspace/.env')],
  ['Claude’s search in files by a filter', claude('Grep', { pattern: 'x', glob: '.env' }), read('/workspace/.env')],
  ['Claude’s fetching', claude('WebFetch', { url: 'https://a.example/x', prompt: 'http://b.example' }), url('https://a.example/x')],
  ['Claude’s search of the web', claude('WebSearch', { query: 'x' }), other('WebSearch')],
  ['Claude’s lists', claude('TodoWrite', { todos: [] }), other('TodoWrite')],
  ['a tool of a server', claude('mcp__shop__bash', { command: 'rm -rf /' }), other('mcp__shop__bash')],
  ['Codex’s shell, told like Claude’s', claude('Bash', { command: 'ls' }), command('ls', '/workspace')],
  ['Codex’s own shell', claude('exec_command', { cmd: 'ls', workdir: '/tmp' }), command('ls', '/tmp')],
  ['Codex’s shell in a folder of the folder', claude('exec_command', { cmd: 'ls', workdir: 'sub' }), command('ls', '/workspace/sub')],
  [
    'Codex’s list of arguments',
    claude('shell', { command: ['bash', '-lc', "echo 'a b'"] }),
    command("bash -lc 'echo '\\''a b'\\'''", '/workspace'),
  ],
  ['Codex’s patch', claude('apply_patch', { command: patch }), patched],
  ['Codex’s patch as a text', claude('apply_patch', patch), patched],
  ['Codex’s patch as arguments', claude('apply_patch', { command: ['apply_patch', patch] }), patched],
  ['Copilot’s shell, in a text', copilot('bash', '{"command":"ls","description":"d"}'), command('ls', '/workspace')],
  ['Copilot’s shell', copilot('bash', { command: 'ls' }), command('ls', '/workspace')],
  ['Copilot’s look', copilot('view', '{"path":"/workspace/a"}'), read('/workspace/a')],
  ['Copilot’s file', copilot('create', { path: '/workspace/a', file_text: 'x' }), write('/workspace/a')],
  ['Copilot’s editor', copilot('str_replace_editor', { command: 'view', path: 'a' }), read('/workspace/a')],
  ['Copilot’s editor at work', copilot('str_replace_editor', { command: 'create', path: 'a' }), write('/workspace/a')],
  ['Copilot’s patch', copilot('apply_patch', patch), patched],
  ['Copilot’s fetching', copilot('web_fetch', { url: 'https://a.example' }), url('https://a.example')],
  ['Copilot’s words', copilot('report_intent', { intent: 'x' }), other('report_intent')],
  ['Gemini’s shell', claude('run_shell_command', { command: 'ls', dir_path: 'sub' }), command('ls', '/workspace/sub')],
  ['Gemini’s reading', claude('read_file', { file_path: 'a' }), read('/workspace/a')],
  ['Gemini’s reading of many', claude('read_many_files', { include: ['a', '.env'] }), read('/workspace/a', '/workspace/.env')],
  ['Gemini’s search', claude('grep_search', { pattern: 'x', dir_path: 'sub' }), read('/workspace/sub')],
  ['Gemini’s edit', claude('replace', { file_path: '/w/a', old_string: 'x', new_string: 'y' }), write('/w/a')],
  [
    'Gemini’s fetching',
    claude('web_fetch', { prompt: 'sum up https://a.example/x and http://b.example:1/' }),
    url('https://a.example/x', 'http://b.example:1/'),
  ],
  ['Cursor’s shell', { hook_event_name: 'beforeShellExecution', command: 'ls', cwd: '/w' }, command('ls', '/w')],
  [
    'Cursor’s reading',
    { hook_event_name: 'beforeReadFile', file_path: '/w/a', content: 'x', attachments: [{ type: 'rule', file_path: '/w/b' }] },
    read('/w/a', '/w/b'),
  ],
  [
    'Cursor’s server',
    { hook_event_name: 'beforeMCPExecution', tool_name: 'read', tool_input: '{"x":1}', command: 'npx shop' },
    other('read'),
  ],
  [
    'Cursor’s tool',
    { hook_event_name: 'preToolUse', tool_name: 'Shell', tool_input: { command: 'ls', working_directory: '/w' } },
    command('ls', '/w'),
  ],
  ['Cursor’s removal', { hook_event_name: 'preToolUse', tool_name: 'Delete', tool_input: { path: '/w/a' } }, write('/w/a')],
  ['Goose’s shell', { hook_event_name: 'PreToolUse', tool_name: 'developer__shell', tool_input: { command: 'ls' } }, command('ls')],
  ['Goose’s editor', bare('developer__text_editor', { command: 'write', path: '/w/a', file_text: 'x' }), write('/w/a')],
  ['Goose’s other tools', bare('memory__remember', { data: 'x' }), other('memory__remember')],
  ['OpenCode’s shell', bare('bash', { command: 'ls', workdir: '/w' }), command('ls', '/w')],
  ['OpenCode’s shell, as its plugin tells', { tool: 'bash', args: { command: 'ls' }, cwd: '/w' }, command('ls', '/w')],
  ['OpenCode’s reading', bare('read', { filePath: '/w/a' }), read('/w/a')],
  ['OpenCode’s patch', bare('patch', { patchText: '--- a/x\n+++ b/x\n@@\n' }), write('x')],
  ['OpenCode’s fetching', bare('webfetch', { url: 'https://a.example', format: 'text' }), url('https://a.example')],
  ['VS Code’s terminal', bare('run_in_terminal', { command: 'ls', explanation: 'e', isBackground: false }), command('ls')],
  ['VS Code’s task', bare('create_and_run_task', { task: { label: 'l', command: 'make', args: ['a b'] } }), command("make 'a b'")],
  ['VS Code’s reading', bare('read_file', { filePath: 'file:///w/a%20b' }), read('/w/a b')],
  [
    'VS Code’s edits',
    bare('multi_replace_string_in_file', { replacements: [{ filePath: '/w/a' }, { filePath: '/w/b' }] }),
    write('/w/a', '/w/b'),
  ],
  ['VS Code’s patch', bare('apply_patch', { input: '*** Begin Patch\n*** Update File: /w/a\n*** End Patch' }), write('/w/a')],
  [
    'VS Code’s pages',
    bare('fetch_webpage', { urls: ['https://a.example', 'b.example/x'], query: 'q' }),
    url('https://a.example', 'https://b.example/x'),
  ],
  ['VS Code’s other tools', bare('get_errors', { filePaths: ['/w/.env'] }), other('get_errors')],
  ['a payload with a mark of its encoding', '\uFEFF{"tool_name":"Bash","tool_input":{"command":"ls"}}', command('ls')],
];

const textOf = (payload: unknown): string => (typeof payload === 'string' ? payload : JSON.stringify(payload));

suite('a hook’s payload is understood', () => {
  for (const [what, payload, asked] of told) test(what, () => assert.deepEqual(toolUseOf(textOf(payload)).questions, asked));
});

const unclear: readonly (readonly [what: string, payload: unknown])[] = [
  ['nothing', ''],
  ['no JSON', 'ls -l'],
  ['a list', '[]'],
  ['null', 'null'],
  ['half of it', '{"tool_name":"Bash","tool_input":{"command":"ls"'],
  ['two of it', '{"tool_name":"Bash"}{"tool_name":"Read"}'],
  ['too much', `{"tool_name":"TodoWrite","x":"${'x'.repeat(payloadLimit)}"}`],
  ['no tool', { tool_input: { command: 'ls' } }],
  ['a tool that is no text', { tool_name: ['Bash'], tool_input: {} }],
  ['a tool without a name', { tool_name: '', tool_input: {} }],
  ['two tools', { tool_name: 'TodoWrite', toolName: 'Bash', tool_input: { command: 'ls' } }],
  ['two inputs', { tool_name: 'Bash', tool_input: { command: 'ls' }, toolArgs: { command: 'rm x' } }],
  ['a shell without a command', bare('Bash', {})],
  ['a shell with two', bare('Bash', { command: 'ls', cmd: 'rm x' })],
  ['a shell with nothing to run', bare('Bash', { command: ' ' })],
  ['a shell with a number', bare('Bash', { command: 7 })],
  ['a shell with an empty list', bare('shell', { command: [] })],
  ['a shell with a list of other things', bare('shell', { command: ['ls', 7] })],
  ['a shell with no input', { tool_name: 'Bash' }],
  ['a shell whose input is no object', copilot('bash', 'ls')],
  ['reading without a file', bare('Read', {})],
  ['reading of a number', bare('Read', { file_path: 7 })],
  ['writing without a file', bare('Write', { content: 'x' })],
  ['writing to an endless path', bare('Write', { file_path: 'x'.repeat(5000) })],
  ['too many files', bare('read_many_files', { paths: Array.from({ length: 2000 }, (_, index) => `f${index}`) })],
  ['fetching from nowhere', bare('WebFetch', { prompt: 'what is new' })],
  ['fetching from a number', bare('WebFetch', { url: 7 })],
  ['a patch without files', bare('apply_patch', { input: 'hello' })],
  ['a patch that is none', bare('apply_patch', {})],
  ['a task without a command', bare('create_and_run_task', { task: { args: ['x'] } })],
  ['what only an ancestor has', '{"tool_name":"Bash","tool_input":{"__proto__":{"command":"ls"}}}'],
];

suite('a hook’s payload is unclear with', () => {
  for (const [what, payload] of unclear)
    test(what, () => {
      const { questions } = toolUseOf(textOf(payload));
      assert.equal(questions.length, 1);
      assert.equal(questions[0]?.kind, 'unclear');
    });
});

test('names of tools count however they are written', () => {
  for (const name of ['run_shell_command', 'runShellCommand', 'RUN-SHELL-COMMAND', 'functions.run_shell_command'])
    assert.equal(toolUseOf(JSON.stringify(bare(name, { command: 'ls' }))).questions[0]?.kind, 'command', name);
});

test('any text and any JSON is answered with at least one question', () => {
  const keys = fc.constantFrom(
    'tool_name',
    'toolName',
    'tool_input',
    'toolArgs',
    'command',
    'file_path',
    'paths',
    'url',
    'edits',
    'cwd',
    'task',
    'input',
  );
  const names = fc.constantFrom(
    'Bash',
    'Read',
    'Write',
    'WebFetch',
    'apply_patch',
    'create_and_run_task',
    'Grep',
    '__proto__',
    'constructor',
  );
  const anything = fc.oneof(names, fc.string({ unit: 'binary' }), fc.jsonValue({ maxDepth: 3 }), fc.array(fc.string()));
  const payload = fc.dictionary(keys, fc.oneof(anything, fc.dictionary(keys, anything)));
  const holds = (text: string): void => {
    const { questions } = toolUseOf(text);
    assert.ok(questions.length > 0);
  };
  fc.assert(fc.property(fc.string({ unit: 'binary' }), holds));
  fc.assert(
    fc.property(payload, (value) => holds(JSON.stringify(value))),
    { numRuns: 500 },
  );
});

test('hostile sizes take no longer than long texts do', () => {
  const deep = `{"tool_name":"Bash","tool_input":${'['.repeat(1_000_000)}`;
  const quotes = JSON.stringify(bare('shell', { command: Array.from({ length: 100_000 }, () => "'") }));
  const lines = JSON.stringify(bare('apply_patch', { input: `*** Begin Patch\n${'*** Add File: \n'.repeat(200_000)}` }));
  const headers = JSON.stringify(bare('patch', { input: '--- "'.repeat(500_000) }));
  for (const text of [deep, quotes, lines, headers]) assert.ok(toolUseOf(text).questions.length > 0);
});
