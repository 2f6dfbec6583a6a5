/** Verbs of the Model Context Protocol's face, and the two that read and write files as the agent in a sandbox would. */
import { z } from 'zod';
import { agentName } from './agent.ts';
import { operation } from './operation.ts';

const sandbox = z.string().describe('sandbox: its id, the start of it, or its name');
const path = z.string().min(1).describe('path in the sandbox; a relative one is below /workspace');

export const mcpOperations = {
  fileRead: operation({
    summary: 'Read a text file in a sandbox, as the agent in it could',
    effect: 'read',
    runs: 'helper',
    mcp: [
      {
        name: 'file_read',
        description:
          'Read a text file of the project (or of the sandbox), as the agent in the sandbox could: what the profile hides stays hidden. A long file comes in parts; `next` says the `offset` to go on at.',
        parameters: ['sandbox', 'path', 'offset'],
        ownSandbox: true,
      },
    ],
    params: z.object({ sandbox, path, offset: z.number().int().min(0).default(0).describe('byte to begin at') }),
    result: z.object({
      path: z.string(),
      text: z.string().describe('UTF-8, 256 KiB at most'),
      sizeBytes: z.number().int(),
      next: z.number().int().nullable().describe('byte to go on at; null: that was all'),
    }),
  }),
  fileWrite: operation({
    summary: 'Write a text file in a sandbox, as the agent in it could',
    effect: 'write',
    runs: 'helper',
    mcp: [
      {
        name: 'file_write',
        description:
          'Write a whole text file of the project (or of the sandbox), as the agent in the sandbox could; one that is there is replaced and keeps its mode. Its folder must be there. Files the profile guards are refused with the rule that says so.',
        parameters: ['sandbox', 'path', 'text'],
        ownSandbox: true,
      },
    ],
    params: z.object({
      sandbox,
      path,
      text: z
        .string()
        .max(4 * 1024 * 1024)
        .describe('the whole file'),
    }),
    result: z.object({ path: z.string(), sizeBytes: z.number().int() }),
  }),
  mcp: operation({
    summary: 'Serve sandboxed tools to any MCP client on stdin and stdout, for one folder and one profile',
    effect: 'write',
    runs: 'face',
    cli: {
      name: 'mcp',
      short: { p: 'profile', d: 'dir', b: 'backend' },
      examples: ['lasso mcp', 'lasso mcp --dir ~/src/app --profile strict'],
    },
    params: z.object({
      dir: z.string().optional().describe('folder the tools work in (default: the current one)'),
      profile: z.string().optional().describe('profile of the sandboxes it makes (default: that of your settings, else standard)'),
      backend: z
        .enum(['docker', 'podman', 'bubblewrap'])
        .optional()
        .describe('docker, podman or bubblewrap (default: the first that works)'),
    }),
    result: z.object({}),
  }),
  mcpConfig: operation({
    summary: 'Print what an agent needs to find LASSO’s tools',
    effect: 'read',
    runs: 'face',
    cli: {
      name: 'mcp config',
      short: { a: 'agent', p: 'profile', d: 'dir' },
      json: true,
      examples: ['lasso mcp config --agent claude', 'lasso mcp config --agent codex --profile strict'],
    },
    params: z.object({
      agent: agentName.describe('agent whose form is wanted'),
      dir: z.string().optional().describe('folder the tools work in (default: the current one)'),
      profile: z.string().optional().describe('profile of the sandboxes it makes'),
    }),
    result: z.object({ agent: agentName, file: z.string().describe('where it belongs'), text: z.string() }),
  }),
} as const;
