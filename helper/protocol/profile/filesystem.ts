/** `[filesystem]`: which folders a sandbox has and how large its own are. Field names and defaults are those of LASSO 1.x. */
import { z } from 'zod';

const megabytes = z.number().int().min(1).max(16_777_216);

export const filesystem = z.strictObject({
  working_dir: z
    .string()
    .min(1, 'must not be empty')
    .optional()
    .describe('host folder that becomes /workspace when none is chosen at start; without it, or with ".", the folder chosen at start')
    .meta({ examples: ['.'] }),
  read_only_paths: z
    .array(z.string())
    .default(['/usr', '/lib', '/lib64', '/bin', '/sbin'])
    .describe('folders of the sandbox that cannot be written')
    .meta({ deprecated: true, instead: 'the sandbox’s whole system is read-only' }),
  writable_paths: z
    .array(z.string().superRefine(checkWritable))
    .default([])
    .describe('further folders that may be written: relative to the workspace, or under /home, /tmp, /var/tmp, /workspace')
    .meta({ examples: [['build', '/home/alice/cache']] }),
  hidden_paths: z
    .array(z.string())
    .default(['/etc/shadow', '/etc/gshadow', '/root'])
    .describe('files and folders of the sandbox that cannot be seen')
    .meta({ examples: [['/var/log']] }),
  max_disk_mb: megabytes
    .default(10_240)
    .describe('megabytes a sandbox may write in all')
    .meta({ examples: [20480] }),
  temp_dir_mb: megabytes
    .default(512)
    .describe('size of /tmp in megabytes')
    .meta({ examples: [1024] }),
  home_dir_mb: megabytes
    .default(1024)
    .describe('size of /home/agent in megabytes')
    .meta({ examples: [2048] }),
  session_volume: z
    .string()
    .optional()
    .describe('volume that keeps a folder of the sandbox between starts')
    .meta({ examples: ['team-cache'] }),
  session_volume_target: z
    .string()
    .default('/home/agent')
    .describe('folder of the sandbox that the session volume holds')
    .meta({ examples: ['/home/agent/.cache'] }),
});

const credentials = new Set([
  '.ssh',
  '.gnupg',
  '.aws',
  '.azure',
  '.kube',
  '.docker',
  '.npmrc',
  '.pypirc',
  '.netrc',
  '.git-credentials',
  '.password-store',
]);
const systemFolders = new Set(['etc', 'proc', 'sys', 'dev', 'root', 'bin', 'sbin', 'usr', 'boot']);
const allowedRoots = [['home', null], ['tmp'], ['var', 'tmp'], ['workspace']] as const;

function checkWritable(path: string, context: z.RefinementCtx): void {
  const refuse = (message: string): void => context.addIssue({ code: 'custom', message });
  const parts = path.split(/[/\\]+/).filter((part) => part !== '' && part !== '.');
  const credential = parts.find((part) => credentials.has(part.toLowerCase()));
  if (parts.includes('..')) refuse('must not contain ".."');
  else if (credential !== undefined) refuse(`must not lead through ${credential}, which holds credentials`);
  else if (/^[/\\]/.test(path)) {
    const under = allowedRoots.some((root) => root.every((part, index) => (part ?? parts[index]) === parts[index] && index < parts.length));
    if (!under) refuse('must lie under /home/<user>, /tmp, /var/tmp or /workspace');
  } else if (systemFolders.has(parts[0] ?? '')) refuse(`must not begin with "${parts[0] ?? ''}", the name of a system folder`);
}
