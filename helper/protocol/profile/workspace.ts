/** `[workspace]`: what an agent sees and may change of the folder it works in. Patterns are as in `.gitignore`, without its “!”. */
import { z } from 'zod';

const pattern = z
  .string()
  .min(1, 'must not be empty')
  .refine((text) => !text.split('/').includes('..'), 'must not contain ".."')
  .refine((text) => !/[\0-\x1f\x7f\\]/.test(text), 'must not contain control characters or backslashes; "/" separates folders');

export const workspace = z.strictObject({
  mode: z
    .enum(['read-write', 'read-only', 'review'])
    .default('read-write')
    .describe('whether the agent changes the folder itself, cannot change it, or changes a copy that a person reviews')
    .meta({ examples: ['read-only'] }),
  target: z
    .string()
    .regex(/^\/workspace(\/[A-Za-z0-9._-]+)*$/, 'must be /workspace or a folder in it')
    .default('/workspace')
    .describe('where the folder is in the sandbox')
    .meta({ examples: ['/workspace/app'] }),
  hidden: z
    .array(pattern)
    .default([
      ...['.env', '.env.local', '.env.*.local', '.env.development', '.env.production', '.env.staging', '*.pem', '*.key', '*.p12', '*.pfx'],
      ...['id_rsa', 'id_ed25519', 'id_ecdsa', '.npmrc', '.pypirc', '.netrc', '.git-credentials', '.aws/', '.azure/', '.ssh/', '.gnupg/'],
      ...['.kube/', '.docker/', '.env.dev', '.env.prod', '.env.test', '.envrc', 'id_dsa', '*.ppk', '*.jks', '*.keystore', '*.kdbx'],
      ...['_netrc', '.pgpass', '.my.cnf', '.dockercfg', '.htpasswd', '.boto', '.s3cfg', '.vault-token', '.terraformrc', '.gcloud/'],
    ])
    .describe('files and folders of the workspace the agent cannot see')
    .meta({ examples: [['secrets/', '*.kdbx']] }),
  readonly: z
    .array(pattern)
    .default([])
    .describe('files and folders of the workspace the agent sees and cannot change')
    .meta({ examples: [['infra/', 'package-lock.json']] }),
  guarded: z
    .array(pattern)
    .default([
      ...['.git/hooks/', '.git/config', '.git/config.worktree', '.git/commondir', '.git/info/attributes', '.git/modules/**/hooks/'],
      ...['.git/modules/**/config', '.git/modules/**/info/attributes', '.git/worktrees/*/config.worktree', '.git/worktrees/*/commondir'],
      ...['.vscode/', '*.code-workspace', '.devcontainer/', '.devcontainer.json', '.idea/', '.fleet/', '.zed/', '.envrc', '.lasso/'],
      ...['.claude/', '.mcp.json', '.cursor/', '.gemini/', '.codex/', '.opencode/', 'opencode.json', 'opencode.jsonc', '.agents/'],
      ...['AGENTS.md', 'AGENTS.override.md', 'CLAUDE.md', 'CLAUDE.local.md', 'GEMINI.md', '.cursorrules', '.cursorignore', '.geminiignore'],
      ...['.aider.conf.yml', '.aider.model.settings.yml', '.aiderignore', '.goosehints', '.gooseignore', '.goose/'],
      ...['.github/workflows/', '.github/copilot*', '.github/hooks/', '.github/instructions/', '.github/prompts/', '.github/chatmodes/'],
      ...['.github/agents/', '.github/skills/', '.github/mcp.json'],
    ])
    .describe('files the host may later run or obey: the agent can neither change nor create them')
    .meta({ examples: [['Makefile', 'scripts/']] }),
});
