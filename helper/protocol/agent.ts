/** Coding agents by name, and what is told about them. What each is like is in helper/agents, one file an agent. */
import { z } from 'zod';

export const agentNames = ['claude', 'opencode', 'codex', 'copilot', 'gemini', 'vscode', 'cursor', 'aider', 'goose'] as const;
export const agentName = z.enum(agentNames);
export type AgentName = z.infer<typeof agentName>;

/** one remark about an agent and a profile: what its dialect cannot say, what a file of the user's stands in the way of */
export const agentFinding = z.object({
  severity: z.enum(['error', 'warning', 'information']),
  code: z.string().describe('kebab-case name of the rule'),
  agent: agentName.optional(),
  file: z.string().optional().describe('in the workspace, with “/”'),
  message: z.string(),
  hint: z.string().optional().describe('what to do about it'),
});
export type AgentFinding = z.infer<typeof agentFinding>;

/** a file in the workspace before and after */
export const agentFileChange = z.object({
  path: z.string().describe('in the workspace, with “/”'),
  agents: z.array(agentName).describe('agents that read it'),
  change: z.enum(['create', 'update', 'delete', 'same', 'refused']).describe('refused: it is left alone, and why'),
  before: z.string().nullable().describe('text now; null: no such file, or one that cannot be shown'),
  after: z.string().nullable().describe('text then; null: no such file'),
  reason: z.string().optional().describe('why it is refused'),
});
export type AgentFileChange = z.infer<typeof agentFileChange>;

/** how what was written for an agent stands to the profile */
export const agentStanding = z.enum(['absent', 'current', 'drifted', 'edited']);

export const agentInfo = z.object({
  name: agentName,
  title: z.string().describe('as its makers write it'),
  version: z.string().optional().describe('version LASSO installs in sandboxes; absent where it installs none'),
  ready: z.boolean().describe('that version is on this machine already'),
  installed: z.string().optional().describe('its program on this machine’s own PATH'),
  detected: z.array(z.string()).describe('files of the workspace that show it is used there'),
  standing: agentStanding.describe(
    'absent: nothing of LASSO’s; drifted: the profile has changed since; edited: somebody changed what was written',
  ),
  profile: z.string().optional().describe('profile its files were written from'),
});
export type AgentInfo = z.infer<typeof agentInfo>;

export const agentCheckRow = z.object({
  agent: agentName,
  file: z.string().describe('in the workspace, or an absolute path of the sandbox'),
  by: z
    .enum(['form', 'schema', 'tool', 'mark'])
    .describe('what looked: the form of the file, a schema, the agent’s own program, our mark in it'),
  status: z.enum(['ok', 'problem', 'absent']).describe('absent: what would look is not here'),
  message: z.string(),
  hint: z.string().optional(),
});
export type AgentCheckRow = z.infer<typeof agentCheckRow>;
