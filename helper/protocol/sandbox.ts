/** What the world may know about a sandbox. No secret, no engine object, nothing a face could use to go round the core. */
import { z } from 'zod';

export const backendNames = ['docker', 'podman', 'bubblewrap'] as const;
export const backendName = z.enum(backendNames);
export type BackendName = z.infer<typeof backendName>;

export const isolation = z.enum(['container', 'gvisor', 'kata']);
export type Isolation = z.infer<typeof isolation>;

/** how the guest talks to the helper: a bind-mounted socket with one connection a stream, or its own stdio, multiplexed */
export const linkKind = z.enum(['socket', 'stdio']);
export type LinkKind = z.infer<typeof linkKind>;

export const sandboxState = z.enum(['creating', 'running', 'suspended', 'stopping', 'stopped', 'failed']);
export type SandboxState = z.infer<typeof sandboxState>;

/** `SRC:DST[:ro]` after parsing */
export const mountRequest = z.object({
  source: z.string().describe('absolute path on the host, `~` expanded'),
  target: z.string().describe('absolute path in the sandbox'),
  readonly: z.boolean(),
});
export type MountRequest = z.infer<typeof mountRequest>;

export const terminalInfo = z.object({
  id: z.string().describe('terminal id, unique in its sandbox: t1, t2, …'),
  title: z.string().describe('the program it was opened with'),
  rows: z.number().int(),
  columns: z.number().int(),
  attached: z.number().int().describe('faces looking at it now'),
});
export type TerminalInfo = z.infer<typeof terminalInfo>;

export const sandboxInfo = z.object({
  id: z.string().describe('12 hex digits'),
  name: z.string().describe('a name people can type, unique among this user’s sandboxes'),
  state: sandboxState,
  reason: z.string().optional().describe('why it stopped or failed, in one sentence'),
  profile: z.string(),
  profileDigest: z.string().describe('SHA-256 of the effective profile, hex'),
  backend: backendName,
  isolation,
  mode: z.enum(['observe', 'assist', 'autonomous']).optional().describe('as it is now; where it does not run, only if it was changed'),
  learning: z.literal(true).optional().describe('what its profile does not list is let through and counted'),
  link: linkKind.optional(),
  rootless: z.boolean().optional(),
  agent: z.string().optional().describe('agent it was made for'),
  workspace: z.string().describe('host folder mounted at /workspace'),
  image: z.string().optional().describe('image digest'),
  engineId: z.string().optional().describe('container id, or the process id of bubblewrap'),
  createdAt: z.string().describe('ISO 8601, UTC'),
  startedAt: z.string().optional(),
  endedAt: z.string().optional(),
  terminals: z.array(terminalInfo),
  running: z.number().int().describe('commands running now, terminals included'),
  notices: z.array(z.string()).describe('what is weaker here than the profile prefers, one sentence each'),
});
export type SandboxInfo = z.infer<typeof sandboxInfo>;
