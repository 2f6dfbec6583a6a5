/**
 * The one table of verbs. A verb exists here or nowhere: RPC methods, CLI commands, their help and completions are derived
 * from it, and `core/operations` must implement every verb that the helper runs or it does not compile.
 */
import { z } from 'zod';
import { agentName } from './agent.ts';
import { agentOperations } from './agent-operations.ts';
import { approval, proposedChange } from './approval.ts';
import { commandExit } from './events.ts';
import { forwardOperations } from './forward-operations.ts';
import { mcpOperations } from './mcp-operations.ts';
import { operation } from './operation.ts';
import { profileMode, profileName } from './profile/profile.ts';
import { policyChange, profileOperations } from './profile-operations.ts';
import { recordOperations } from './record-operations.ts';
import { backendName, isolation, linkKind, sandboxInfo, terminalInfo } from './sandbox.ts';
import { secretOperations } from './secret-operations.ts';

const sandboxRef = z.string().describe('sandbox: its id, the start of it, or its name');
/** 64 hex digits a client makes up, then presents on a second connection that becomes the byte stream */
const streamToken = z.string().regex(/^[0-9a-f]{64}$/);
/** end the program when the stream goes without `terminalDetach`, as closing a window does */
const hangup = z.boolean().default(false);
const request = z.string().max(64).optional().describe('name under which progress of this request is told');
const size = { rows: z.number().int().min(1).max(1000).default(24), columns: z.number().int().min(1).max(1000).default(80) };

/** what every verb that makes a sandbox takes */
const creation = {
  profile: z.string().optional().describe('profile: a name or a file (default: that of your settings, else standard)'),
  dir: z.string().optional().describe('folder that becomes /workspace (default: the current one)'),
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'lower-case letters, digits and dashes, 40 at most')
    .optional()
    .describe('name of the sandbox (default: made from the folder)'),
  backend: backendName.optional().describe('docker, podman or bubblewrap (default: the first that works)'),
  isolation: isolation.optional().describe('container, gvisor or kata (default: what the profile says)'),
  link: linkKind.optional().describe('how the guest talks to the helper (default: what suits the engine)'),
  mount: z.array(z.string()).default([]).describe('extra mount SRC:DST[:ro]; may be given again'),
  env: z.array(z.string()).default([]).describe('environment variable NAME=VALUE, or NAME to pass on; may be given again'),
  agent: z.string().max(40).optional().describe('agent this sandbox is for; one that `lasso agent list` knows is installed in it'),
  ignoreWorkspaceProfile: z.boolean().default(false).describe('start without the profile the folder itself brings'),
};
const shortWithoutAgent = { p: 'profile', d: 'dir', n: 'name', b: 'backend', I: 'isolation', v: 'mount', e: 'env' } as const;
const creationShort = { ...shortWithoutAgent, a: 'agent' } as const;

export const doctorCheck = z.object({
  name: z.string(),
  status: z.enum(['ok', 'warning', 'problem', 'absent']),
  message: z.string(),
  hint: z.string().optional(),
});

export const operations = {
  hello: operation({
    summary: 'Exchange versions',
    effect: 'read',
    runs: 'helper',
    params: z.object({ version: z.string(), build: z.string().describe('digest of the caller’s bundle') }),
    result: z.object({
      version: z.string(),
      build: z.string(),
      pid: z.number().int(),
      sandboxes: z.number().int().describe('running or suspended'),
    }),
  }),
  quit: operation({
    summary: 'Ask the helper to leave; refused while sandboxes run',
    effect: 'write',
    runs: 'helper',
    params: z.object({}),
    result: z.object({}),
  }),
  up: operation({
    summary: 'Make sure this folder has a running sandbox, and say which',
    effect: 'write',
    runs: 'helper',
    cli: {
      name: 'up',
      short: creationShort,
      hidden: ['request'],
      json: true,
      quiet: true,
      examples: ['lasso up', 'lasso up --profile strict --dir ~/src/app'],
    },
    params: z.object({ ...creation, request }),
    result: z.object({ sandbox: sandboxInfo, created: z.boolean() }),
  }),
  down: operation({
    summary: 'Stop and remove every sandbox of this folder',
    effect: 'write',
    runs: 'helper',
    cli: { name: 'down', short: { d: 'dir' }, json: true, quiet: true, examples: ['lasso down', 'lasso down --dir ~/src/app'] },
    params: z.object({ dir: creation.dir }),
    result: z.object({ removed: z.array(z.string()) }),
  }),
  shell: operation({
    summary: 'Open a shell in a new sandbox; the sandbox goes when the shell ends',
    effect: 'write',
    runs: 'face',
    cli: {
      name: 'shell',
      positionals: ['profile'],
      rest: 'command',
      short: { ...creationShort, k: 'keep' },
      examples: ['lasso shell', 'lasso shell strict', 'lasso shell -d ~/src/app -- vim README.md'],
    },
    params: z.object({
      ...creation,
      keep: z.boolean().default(false).describe('keep the sandbox when the shell ends'),
      command: z.array(z.string()).default([]).describe('program to run instead of the shell'),
    }),
    result: commandExit,
  }),
  run: operation({
    summary: 'Run a coding agent in a new sandbox; the sandbox goes when the agent ends, what the agent keeps stays',
    effect: 'write',
    runs: 'face',
    cli: {
      name: 'run',
      positionals: ['agent'],
      rest: 'words',
      short: { ...shortWithoutAgent, m: 'mode', k: 'keep' },
      examples: ['lasso run claude', 'lasso run codex --profile strict --mode assist', 'lasso run claude -- -p "make the tests pass"'],
    },
    params: z.object({
      ...creation,
      agent: agentName.describe('agent to run'),
      mode: profileMode.optional().describe('observe, assist or autonomous (default: what the profile says)'),
      keep: z.boolean().default(false).describe('keep the sandbox when the agent ends'),
      words: z.array(z.string()).default([]).describe('arguments for the agent'),
    }),
    result: commandExit,
  }),
  learn: operation({
    summary: 'Run a program, let through what its profile does not list, and propose the least profile that would have allowed it',
    effect: 'weaken',
    runs: 'face',
    cli: {
      name: 'learn',
      rest: 'command',
      short: { ...creationShort, s: 'save' },
      examples: ['lasso learn -- npm test', 'lasso learn -p strict -s my-app -- make', 'lasso learn'],
    },
    params: z.object({
      ...creation,
      save: profileName.optional().describe('name of the profile to save (default: it is only shown)'),
      command: z.array(z.string()).default([]).describe('program to run instead of a shell'),
    }),
    result: commandExit,
  }),
  learningStart: operation({
    summary: 'Let a running sandbox do what its profile does not list, and count it; what is refused by name stays refused',
    effect: 'weaken',
    runs: 'helper',
    params: z.object({ sandbox: sandboxRef }),
    result: sandboxInfo,
  }),
  learningEnd: operation({
    summary: 'Hold a sandbox to its profile again, and propose what it needed besides',
    effect: 'write',
    runs: 'helper',
    params: z.object({
      sandbox: sandboxRef,
      name: profileName.optional().describe('name of the profile to propose (default: one that is free)'),
    }),
    result: z.object({
      lessons: z.number().int().describe('programs, questions and hosts it needed'),
      change: proposedChange.optional().describe('absent when nothing was needed, or no profile can say it'),
    }),
  }),
  attach: operation({
    summary: 'Return to a sandbox’s terminal, with its scrollback; Ctrl-] then d leaves it running',
    effect: 'write',
    runs: 'face',
    cli: {
      name: 'attach',
      positionals: ['sandbox'],
      short: { t: 'terminal', a: 'agent' },
      examples: ['lasso attach', 'lasso attach app -t t2', 'lasso attach app --new', 'lasso attach app --agent claude'],
    },
    params: z.object({
      sandbox: sandboxRef.optional(),
      terminal: z.string().optional().describe('terminal id (default: the first)'),
      new: z.boolean().default(false).describe('open another terminal'),
      agent: agentName.optional().describe('agent of the sandbox to return to, or to start where it does not run'),
    }),
    result: commandExit,
  }),
  create: operation({
    summary: 'Make a sandbox and leave it running',
    effect: 'write',
    runs: 'helper',
    cli: {
      name: 'create',
      positionals: ['profile'],
      short: creationShort,
      hidden: ['request', 'ephemeral'],
      json: true,
      quiet: true,
      examples: ['lasso create', 'lasso create strict -d ~/src/app -n app', 'lasso create -v ~/data:/data:ro'],
    },
    mcp: [
      {
        name: 'sandbox_create',
        description:
          'Make another sandbox of this project folder and leave it running. Seldom needed: the other tools make the first one themselves. Each sandbox has its own processes, /tmp and home; the project in /workspace is the same folder in all of them.',
        parameters: [],
      },
    ],
    params: z.object({ ...creation, ephemeral: z.boolean().default(false).describe('remove it when its last terminal ends'), request }),
    result: sandboxInfo,
  }),
  hold: operation({
    summary: 'Keep a sandbox for as long as this request lasts; when whoever asked is gone, it is removed',
    effect: 'write',
    runs: 'helper',
    params: z.object({ sandbox: sandboxRef }),
    result: z.object({}),
  }),
  start: operation({
    summary: 'Start a stopped sandbox again, with the same profile, folder and id',
    effect: 'write',
    runs: 'helper',
    cli: { name: 'start', positionals: ['sandbox'], hidden: ['request'], json: true, quiet: true, examples: ['lasso start app'] },
    params: z.object({ sandbox: sandboxRef, request }),
    result: sandboxInfo,
  }),
  exec: operation({
    summary: 'Run one command in a sandbox; its exit code becomes ours',
    effect: 'write',
    runs: 'helper',
    cli: {
      name: 'exec',
      positionals: ['sandbox'],
      rest: 'command',
      restUnless: 'line',
      short: { c: 'line', w: 'cwd', e: 'env', t: 'timeoutSeconds' },
      hidden: ['stdio', 'stderr', 'stdin'],
      json: true,
      examples: ['lasso exec app -- npm test', 'lasso exec app -c "npm ci && npm test"', 'echo hi | lasso exec app -- cat'],
    },
    mcp: [
      {
        name: 'sandbox_exec',
        description:
          'Run a command in a locked-down sandbox that has the project folder at /workspace. Use it instead of a shell of the host for builds, tests, git and everything else. Give either `command` (a program and its arguments, no shell) or `line` (for a shell: pipes, &&, redirections). Answers with the exit code, stdout and stderr. What the profile does not allow is refused with its rule and the reason: tell the person instead of looking for a way round.',
        parameters: ['sandbox', 'command', 'line', 'cwd', 'timeoutSeconds'],
        ownSandbox: true,
      },
    ],
    params: z
      .object({
        sandbox: sandboxRef,
        command: z.array(z.string()).default([]).describe('program and its arguments'),
        line: z.string().optional().describe('line for a shell instead of a program; judged before anything of it runs'),
        cwd: z.string().optional().describe('folder in the sandbox (default: /workspace)'),
        env: z.array(z.string()).default([]).describe('environment variable NAME=VALUE; may be given again'),
        timeoutSeconds: z.number().positive().max(86_400).optional().describe('kill it after so many seconds'),
        stdin: z.boolean().default(false).describe('whether stdin is fed; otherwise it reads as empty'),
        stdio: streamToken.optional().describe('stream for stdin and stdout; without it output is captured'),
        stderr: streamToken.optional(),
      })
      .refine(({ command, line }) => command.length > 0 !== (line !== undefined), { path: ['command'], message: 'say which command' }),
    result: z.object({
      exit: commandExit,
      stdout: z.string().optional().describe('captured, UTF-8, up to 1 MiB'),
      stderr: z.string().optional(),
      truncated: z.boolean().optional(),
    }),
  }),
  terminalOpen: operation({
    summary: 'Open a terminal in a running sandbox',
    effect: 'write',
    runs: 'helper',
    params: z.object({
      sandbox: sandboxRef,
      command: z.array(z.string()).default([]),
      cwd: z.string().optional(),
      ...size,
      stream: streamToken,
      hangup,
    }),
    result: z.object({ sandbox: z.string(), terminal: terminalInfo }),
  }),
  terminalAttach: operation({
    summary: 'Look at a terminal again: its screen and scrollback first, then what follows',
    effect: 'write',
    runs: 'helper',
    params: z.object({ sandbox: sandboxRef, terminal: z.string().optional(), ...size, stream: streamToken, hangup }),
    result: z.object({ sandbox: z.string(), terminal: terminalInfo }),
  }),
  terminalResize: operation({
    summary: 'Tell a terminal its new size',
    effect: 'write',
    runs: 'helper',
    params: z.object({ sandbox: sandboxRef, terminal: z.string(), ...size }),
    result: z.object({}),
  }),
  terminalDetach: operation({
    summary: 'Say good-bye before leaving a terminal: its program goes on',
    effect: 'write',
    runs: 'helper',
    params: z.object({ sandbox: sandboxRef, terminal: z.string(), stream: streamToken }),
    result: z.object({}),
  }),
  terminalWait: operation({
    summary: 'Wait until a terminal’s program ends',
    effect: 'read',
    runs: 'helper',
    params: z.object({ sandbox: sandboxRef, terminal: z.string() }),
    result: commandExit,
  }),
  status: operation({
    summary: 'List sandboxes, or show one',
    effect: 'read',
    runs: 'helper',
    cli: {
      name: 'status',
      aliases: ['ps'],
      positionals: ['sandbox'],
      json: true,
      quiet: true,
      examples: ['lasso ps', 'lasso status app --json'],
    },
    mcp: [
      {
        name: 'sandbox_status',
        description:
          'Show one sandbox: its state, why it stopped, its profile and mode, and what is weaker there than the profile prefers.',
        parameters: ['sandbox'],
      },
      { name: 'sandbox_list', description: 'List the sandboxes these tools have made for this project folder.', parameters: [] },
    ],
    params: z.object({ sandbox: sandboxRef.optional() }),
    result: z.object({ sandboxes: z.array(sandboxInfo) }),
  }),
  stop: operation({
    summary: 'Stop a sandbox (or `all`): nothing of it stays in the engine, its entry and record stay',
    effect: 'write',
    runs: 'helper',
    cli: {
      name: 'stop',
      positionals: ['sandbox'],
      short: { t: 'graceSeconds' },
      json: true,
      quiet: true,
      examples: ['lasso stop app', 'lasso stop all'],
    },
    mcp: [
      {
        name: 'sandbox_stop',
        description: 'Stop a sandbox and everything that runs in it. The project folder stays as it is.',
        parameters: ['sandbox', 'graceSeconds'],
      },
    ],
    params: z.object({
      sandbox: sandboxRef.describe('sandbox: its id, the start of it, its name, or `all`'),
      graceSeconds: z.number().min(0).max(60).default(3).describe('seconds between asking and killing'),
    }),
    result: z.object({ stopped: z.array(z.string()) }),
  }),
  remove: operation({
    summary: 'Stop a sandbox (or `all`) and forget it; its record stays',
    effect: 'write',
    runs: 'helper',
    cli: {
      name: 'rm',
      positionals: ['sandbox'],
      short: { f: 'force' },
      json: true,
      quiet: true,
      examples: ['lasso rm app', 'lasso rm all'],
    },
    params: z.object({
      sandbox: sandboxRef.describe('sandbox: its id, the start of it, its name, or `all`'),
      force: z.boolean().default(false).describe('forget it even when its engine cannot be reached'),
    }),
    result: z.object({ removed: z.array(z.string()) }),
  }),
  mode: operation({
    summary: 'Change how much an agent may do by itself, at once, in a sandbox that runs',
    effect: 'weaken',
    runs: 'helper',
    cli: { name: 'mode', positionals: ['sandbox', 'mode'], json: true, quiet: true, examples: ['lasso mode app observe'] },
    params: z.object({ sandbox: sandboxRef, mode: profileMode.describe('observe, assist or autonomous') }),
    result: sandboxInfo,
  }),
  reload: operation({
    summary: 'Read the profile of a running sandbox again, and hold it to that at once',
    effect: 'weaken',
    runs: 'helper',
    cli: { name: 'reload', positionals: ['sandbox'], json: true, quiet: true, examples: ['lasso reload app'] },
    params: z.object({ sandbox: sandboxRef }),
    result: z.object({
      sandbox: sandboxInfo,
      changes: z.array(policyChange).describe('what holds now'),
      afterRestart: z.array(policyChange).describe('what holds when it is started anew'),
    }),
  }),
  approvals: operation({
    summary: 'List what waits for a person’s word',
    effect: 'read',
    runs: 'helper',
    cli: { name: 'approvals', short: { w: 'watch' }, json: true, quiet: true, examples: ['lasso approvals', 'lasso approvals --watch'] },
    params: z.object({ watch: z.boolean().default(false).describe('be there to answer: show each question as it comes, until stopped') }),
    result: z.object({ approvals: z.array(approval) }),
  }),
  attend: operation({
    summary: 'Be there to answer: what would be refused for want of a person is asked while this request lasts',
    effect: 'weaken',
    runs: 'helper',
    params: z.object({}),
    result: z.object({}),
  }),
  approve: operation({
    summary: 'Say yes to what waits for a person’s word',
    effect: 'weaken',
    runs: 'helper',
    cli: {
      name: 'approve',
      positionals: ['id', 'for'],
      json: true,
      examples: ['lasso approve 1f2e3d4c', 'lasso approve 1f2e3d4c session'],
    },
    params: z.object({
      id: z.string().describe('question, as `lasso approvals` shows it'),
      for: z.enum(['once', 'session', 'always']).default('once').describe('how long the yes lasts'),
    }),
    result: approval.extend({
      change: proposedChange.optional().describe('with “always”: the profile that would no longer ask; nothing is written yet'),
    }),
  }),
  deny: operation({
    summary: 'Say no to what waits for a person’s word',
    effect: 'write',
    runs: 'helper',
    cli: { name: 'deny', positionals: ['id'], json: true, examples: ['lasso deny 1f2e3d4c'] },
    params: z.object({ id: z.string().describe('question, as `lasso approvals` shows it') }),
    result: approval,
  }),
  prebuild: operation({
    summary: 'Build the image sandboxes start from; an unchanged build does nothing',
    effect: 'write',
    runs: 'helper',
    cli: {
      name: 'prebuild',
      short: { b: 'backend', f: 'force', a: 'agent' },
      hidden: ['request'],
      json: true,
      quiet: true,
      examples: ['lasso prebuild', 'lasso prebuild --agent claude', 'lasso prebuild --backend podman --force'],
    },
    params: z.object({
      backend: creation.backend,
      force: z.boolean().default(false).describe('build again even if nothing changed'),
      agent: agentName.optional().describe('with this agent in it'),
      request,
    }),
    result: z.object({
      backend: backendName,
      image: z.string().nullable().describe('digest; null where the backend needs no image'),
      built: z.boolean(),
    }),
  }),
  doctor: operation({
    summary: 'Check this machine: engines, isolation, limits, folders, and what to do about each problem',
    effect: 'read',
    runs: 'helper',
    cli: { name: 'doctor', json: true, examples: ['lasso doctor', 'lasso doctor --json'] },
    params: z.object({}),
    result: z.object({ checks: z.array(doctorCheck), healthy: z.boolean() }),
  }),
  ...agentOperations,
  ...forwardOperations,
  ...mcpOperations,
  ...profileOperations,
  ...recordOperations,
  ...secretOperations,
  version: operation({
    summary: 'Print the version',
    effect: 'read',
    runs: 'face',
    cli: { name: 'version', json: true, examples: ['lasso version'] },
    params: z.object({}),
    result: z.object({ version: z.string(), node: z.string(), platform: z.string() }),
  }),
  completions: operation({
    summary: 'Print a completion script for bash, zsh or fish',
    effect: 'read',
    runs: 'face',
    cli: {
      name: 'completions',
      positionals: ['shell'],
      examples: ['lasso completions bash > ~/.local/share/bash-completion/completions/lasso'],
    },
    params: z.object({ shell: z.enum(['bash', 'zsh', 'fish']) }),
    result: z.object({ script: z.string() }),
  }),
} as const;

export type Operations = typeof operations;
export type OperationName = keyof Operations;
/** as sent: defaults may be left out */
export type OperationInput<N extends OperationName> = z.input<Operations[N]['params']>;
/** as received: defaults filled in */
export type OperationParams<N extends OperationName> = z.output<Operations[N]['params']>;
export type OperationResult<N extends OperationName> = z.output<Operations[N]['result']>;
export type HelperOperationName = { [N in OperationName]: Operations[N]['runs'] extends 'helper' ? N : never }[OperationName];

/** JSON-RPC method of an operation */
export const rpcMethod = <N extends OperationName>(name: N): `lasso/${N}` => `lasso/${name}`;
