/** `[guardrails]`: what an agent is told in words. Instructions are no boundary; field names and defaults are those of LASSO 1.x. */
import { z } from 'zod';

const rule = z.strictObject({
  id: z
    .string()
    .min(1, 'must not be empty')
    .describe('name of the rule')
    .meta({ examples: ['no-force'] }),
  description: z
    .string()
    .describe('the rule, in words for the agent')
    .meta({ examples: ['Do not rewrite published history.'] }),
  severity: z
    .enum(['info', 'warning', 'error', 'critical'])
    .default('error')
    .describe('how bad breaking it is')
    .meta({ examples: ['warning'] }),
  enabled: z
    .boolean()
    .default(true)
    .describe('whether the agent is told')
    .meta({ examples: [false] }),
});

export const guardrails = z.strictObject({
  agent_md_path: z
    .string()
    .optional()
    .describe('file of instructions for the agent')
    .meta({ examples: ['docs/agents.md'] }),
  enforce: z
    .boolean()
    .default(true)
    .describe('whether the rules are told to the agent')
    .meta({ examples: [false] }),
  rules: z
    .array(rule)
    .default([
      { id: 'no-escape', description: 'Do not try to leave the sandbox.', severity: 'critical', enabled: true },
      { id: 'no-exfiltration', description: 'Do not send data to places the task does not need.', severity: 'critical', enabled: true },
      { id: 'log-modifications', description: 'Say which files you changed.', severity: 'error', enabled: true },
    ])
    .describe('rules told to the agent')
    .meta({ examples: [[{ id: 'no-force', description: 'Do not rewrite published history.' }]] }),
  custom_rules_path: z
    .string()
    .optional()
    .describe('file with further rules')
    .meta({ examples: ['team-rules.toml'] }),
});
