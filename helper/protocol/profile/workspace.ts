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
      ...[
        '.env',
        '.env.local',
        '.env.*.local',
        '.env.development',
        '.env.production',
        '.env.staging',
        '*.pem',
        '*.key',
        '*.p12',
        '*.pfx',
        'id_rsa',
        'id_ed25519',
        'id_ecdsa',
      ],
      ...['.npmrc', '.pypirc', '.netrc', '.git-credentials', '.aws/', '.azure/', '.ssh/', '.gnupg/', '.kube/', '.docker/'],
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
      ...['.git/hooks/', '.git/config', '.git/info/attributes', '.git/modules/', '.vscode/', '*.code-workspace', '.devcontainer/'],
      ...['.idea/', '.envrc', '.claude/', '.mcp.json', '.cursor/', '.gemini/', '.codex/', '.opencode/', 'opencode.json', 'AGENTS.md'],
      ...['CLAUDE.md', '.github/workflows/', '.github/copilot*', '.lasso/'],
    ])
    .describe('files the host may later run or obey: the agent can neither change nor create them')
    .meta({ examples: [['Makefile', 'scripts/']] }),
});
