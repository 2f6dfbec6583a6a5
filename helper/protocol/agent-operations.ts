/** Verbs about coding agents: their files in a workspace, and running them in a sandbox. */
import { z } from 'zod';
import { agentCheckRow, agentFileChange, agentFinding, agentInfo, agentName } from './agent.ts';
import { operation } from './operation.ts';
import { sandboxInfo } from './sandbox.ts';

const dir = z.string().optional().describe('folder of the project (default: the current one)');
const profile = z.string().optional().describe('profile: a name or a file (default: that of your settings, else standard)');
const ignoreWorkspaceProfile = z.boolean().default(false).describe('without the profile the folder itself brings');
const agents = z.array(agentName).default([]).describe('agent; may be given again (default: those the folder uses)');

const planParams = {
  dir,
  profile,
  ignoreWorkspaceProfile,
  agents,
  remove: z.boolean().default(false).describe('take out what LASSO wrote, and leave everything else as it is'),
};
const plan = z.object({
  profile: z.string(),
  profileDigest: z.string().describe('SHA-256 of the effective profile, hex'),
  agents: z.array(agentName),
  files: z.array(agentFileChange),
  findings: z.array(agentFinding),
  digest: z.string().describe('SHA-256 over what is to be done, hex; stands for exactly these texts'),
});
export type AgentPlan = z.infer<typeof plan>;

export const agentOperations = {
  agentPlan: operation({
    summary: 'What agents’ files in a folder would become under a profile, and what they cannot be told; changes nothing',
    effect: 'read',
    runs: 'helper',
    params: z.object(planParams),
    result: plan,
  }),
  agentWrite: operation({
    summary: 'Write agents’ files in a folder, all or none of them',
    effect: 'write',
    runs: 'helper',
    params: z.object({
      ...planParams,
      expect: z.string().optional().describe('digest of the plan that was looked at; anything else is refused'),
    }),
    result: plan,
  }),
  init: operation({
    summary:
      'Make a folder ready for agents: a profile of its own that only tightens, and the agents’ files; shows what changes and asks first',
    effect: 'write',
    runs: 'face',
    cli: {
      name: 'init',
      short: { d: 'dir', p: 'profile', a: 'agent', f: 'force', y: 'yes' },
      json: true,
      quiet: true,
      examples: ['lasso init', 'lasso init --agent claude --agent codex --profile strict', 'lasso init --dry-run', 'lasso init --remove'],
    },
    params: z.object({
      dir,
      profile,
      agent: z.array(agentName).default([]).describe('agent that works here; may be given again (default: those the folder uses)'),
      fromConfig: z.boolean().default(false).describe('take profile and agent from your own config.toml'),
      force: z.boolean().default(false).describe('replace the folder’s own profile if it has one'),
      remove: planParams.remove,
      dryRun: z.boolean().default(false).describe('show it and write nothing'),
      yes: z.boolean().default(false).describe('do not ask'),
    }),
    result: z.object({ profile: z.array(z.string()).describe('files of the folder’s own profile that were written'), plan }),
  }),
  agentList: operation({
    summary:
      'List agents: which this folder uses, which are installed, which are ready for sandboxes, and how their files stand to the profile',
    effect: 'read',
    runs: 'helper',
    cli: {
      name: 'agent list',
      aliases: ['agents'],
      short: { d: 'dir' },
      json: true,
      examples: ['lasso agent list', 'lasso agent list --dir ~/src/app'],
    },
    params: z.object({ dir, profile, ignoreWorkspaceProfile }),
    result: z.object({ agents: z.array(agentInfo) }),
  }),
  agentConfig: operation({
    summary: 'Print what an agent is told: its files in the workspace, its managed settings in the sandbox, how it is started',
    effect: 'read',
    runs: 'helper',
    cli: {
      name: 'agent config',
      positionals: ['agent'],
      short: { p: 'profile', d: 'dir' },
      json: true,
      examples: ['lasso agent config claude', 'lasso agent config codex --profile strict'],
    },
    params: z.object({ agent: agentName, dir, profile, ignoreWorkspaceProfile }),
    result: z.object({
      agent: agentName,
      files: z
        .array(z.object({ path: z.string(), text: z.string() }))
        .describe('in the workspace, as they would be where there is none yet'),
      managed: z.array(z.object({ path: z.string(), text: z.string() })).describe('in every sandbox, absolute paths, read-only'),
      command: z.array(z.string()).describe('how it is started in a sandbox; empty where LASSO starts none'),
      findings: z.array(agentFinding),
    }),
  }),
  agentCheck: operation({
    summary: 'Check what agents are told: by form, by schema, and by the agents’ own programs where they are at hand',
    effect: 'read',
    runs: 'helper',
    cli: {
      name: 'agent check',
      short: { a: 'agents', p: 'profile', d: 'dir' },
      json: true,
      examples: ['lasso agent check', 'lasso agent check --agents claude'],
      exits: [[1, 'something is wrong, or no longer matches the profile']],
    },
    params: z.object({ dir, profile, ignoreWorkspaceProfile, agents }),
    result: z.object({ rows: z.array(agentCheckRow), sound: z.boolean() }),
  }),
  agentLaunch: operation({
    summary: 'How an agent is started in a running sandbox: makes what it needs there, and says the command',
    effect: 'write',
    runs: 'helper',
    params: z.object({
      sandbox: z.string().describe('sandbox: its id, the start of it, or its name'),
      agent: agentName,
      words: z.array(z.string()).default([]).describe('arguments for the agent'),
      request: z.string().max(64).optional().describe('name under which progress of this request is told'),
    }),
    result: z.object({ sandbox: sandboxInfo, command: z.array(z.string()), findings: z.array(agentFinding) }),
  }),
  guardAsk: operation({
    summary: 'Whether an agent on this machine may use a tool, as the profile of its folder says; asked by its hooks',
    effect: 'read',
    runs: 'helper',
    params: z.object({
      agent: agentName,
      dir,
      profile,
      payload: z
        .string()
        .max(8 * 1024 * 1024)
        .describe('what the agent’s hook was given on stdin; hostile text'),
    }),
    result: z.object({ allow: z.boolean(), reason: z.string().describe('for the agent to hear; empty for a yes') }),
  }),
  guard: operation({
    summary: 'Answer an agent’s hook on this machine: 0 is a yes, 2 a no with the reason on stderr; anything unclear is a no',
    effect: 'read',
    runs: 'face',
    cli: {
      name: 'guard',
      positionals: ['agent'],
      short: { p: 'profile', d: 'dir' },
      examples: ['lasso guard claude < payload.json'],
      exits: [[2, 'the tool may not be used, or nobody could say']],
    },
    params: z.object({ agent: agentName, dir, profile }),
    result: z.object({ allow: z.boolean(), reason: z.string() }),
  }),
  agentForget: operation({
    summary: 'Forget what an agent kept for a folder: its login, history and caches; refused while a sandbox uses it',
    effect: 'write',
    runs: 'helper',
    cli: {
      name: 'agent forget',
      positionals: ['agent'],
      short: { d: 'dir' },
      json: true,
      quiet: true,
      examples: ['lasso agent forget claude'],
    },
    params: z.object({ agent: agentName, dir }),
    result: z.object({ agent: agentName, forgotten: z.boolean().describe('false: nothing was kept') }),
  }),
} as const;
