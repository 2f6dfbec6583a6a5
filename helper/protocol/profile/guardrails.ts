/** `[guardrails]`: what an agent is told in words. Instructions are no boundary; field names and defaults are those of LASSO 1.x. */
import { z } from 'zod';

const rule = z.strictObject({
  id: z.string().min(1, 'must not be empty').describe('name of the rule'),
  description: z.string().describe('the rule, in words for the agent'),
  severity: z.enum(['info', 'warning', 'error', 'critical']).default('error').describe('how bad breaking it is'),
  enabled: z.boolean().default(true).describe('whether the agent is told'),
});

export const guardrails = z.strictObject({
  agent_md_path: z.string().optional().describe('file of instructions for the agent'),
  enforce: z.boolean().default(true).describe('whether the rules are told to the agent'),
  rules: z
    .array(rule)
    .default([
      { id: 'no-escape', description: 'Do not try to leave the sandbox.', severity: 'critical', enabled: true },
      { id: 'no-exfiltration', description: 'Do not send data to places the task does not need.', severity: 'critical', enabled: true },
      { id: 'log-modifications', description: 'Say which files you changed.', severity: 'error', enabled: true },
    ])
    .describe('rules told to the agent'),
  custom_rules_path: z.string().optional().describe('file with further rules'),
});
