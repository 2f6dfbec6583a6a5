/** `[git_access]` and `[agent_auth]`: which repositories and accounts an agent may use. Names only, never a secret's value. */
import { z } from 'zod';

export const gitAccess = z.strictObject({
  allowed_repos: z
    .array(z.string())
    .default([])
    .describe('repositories that may be reached, owner/name')
    .meta({ examples: [['team/app']] }),
  access_mode: z
    .enum(['read', 'read-write'])
    .default('read')
    .describe('whether they may be pushed to')
    .meta({ examples: ['read-write'] }),
  block_git_history_content: z
    .boolean()
    .default(true)
    .describe('whether old contents of files stay hidden')
    .meta({ examples: [false] }),
});

const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of an environment variable, not its value');

export const agentAuth = z.strictObject({
  github_token_env: variable
    .default('GITHUB_TOKEN')
    .describe('environment variable on the host that holds the GitHub token')
    .meta({ examples: ['TEAM_GITHUB_TOKEN'] }),
  opencode_provider: z
    .string()
    .optional()
    .describe('provider OpenCode uses')
    .meta({ examples: ['example'] }),
  opencode_api_key_env: variable
    .default('OPENCODE_API_KEY')
    .describe('environment variable on the host that holds OpenCode’s key')
    .meta({ examples: ['TEAM_OPENCODE_KEY'] }),
});
