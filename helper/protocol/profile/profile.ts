/**
 * A whole profile: what somebody wrote about what an agent may do. The names are those of LASSO 1.x, so that its files load
 * unchanged; what a name means lives in helper/policy, and nothing here reads a file.
 */
import { z } from 'zod';
import { isolation } from '../sandbox.ts';
import { agentAuth, gitAccess } from './access.ts';
import { approvals } from './approvals.ts';
import { audit } from './audit.ts';
import { commands } from './commands.ts';
import { extraEnv } from './environment.ts';
import { filesystem } from './filesystem.ts';
import { guardrails } from './guardrails.ts';
import { network } from './network.ts';
import { resources } from './resources.ts';
import { secrets } from './secrets.ts';
import { workspace } from './workspace.ts';

/** what a profile may be called */
export const profileName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'must be letters, digits, "-" and "_", 64 at most');

export const profileMode = z.enum(['observe', 'assist', 'autonomous']);
export type ProfileMode = z.infer<typeof profileMode>;

/** 1.x wrote times as text or as TOML dates */
const time = z.union([z.string(), z.date()]);

export const profileSchema = z.strictObject({
  name: profileName.describe('name of the profile').meta({ examples: ['team-backend'] }),
  description: z
    .string()
    .default('')
    .describe('one sentence for lists')
    .meta({ examples: ['What the backend team’s agents may do'] }),
  version: z
    .string()
    .regex(/^[12](\.\d+)*$/, 'must be "1": this is the version of the language, not of the profile')
    .default('1')
    .describe('version of the profile language')
    .meta({ examples: ['1'] }),
  extends: z
    .string()
    .min(1, 'must not be empty')
    .optional()
    .describe('profile this one builds on: a name, or a file beside this one')
    .meta({ examples: ['standard', './base.toml'] }),
  profile_version: z
    .number()
    .int()
    .min(1)
    .default(1)
    .describe('version of this profile, counted up by whoever edits it')
    .meta({ examples: [3] }),
  created_at: time
    .optional()
    .describe('when it was made')
    .meta({ examples: ['2026-01-02T03:04:05Z'] }),
  updated_at: time
    .optional()
    .describe('when it was last changed')
    .meta({ examples: ['2026-01-02T03:04:05Z'] }),
  tags: z
    .array(z.string())
    .default([])
    .describe('words to find it by')
    .meta({ examples: [['team']] }),
  mode: profileMode
    .default('observe')
    .describe('how much an agent may do by itself: look around, work with everyday tools, or whatever the lists allow')
    .meta({ examples: ['assist'] }),
  isolation: isolation
    .default('container')
    .describe('what separates the sandbox from the machine: container, gvisor or kata')
    .meta({ examples: ['gvisor'] }),
  exec_gate: z
    .enum(['required', 'preferred', 'off'])
    .default('required')
    .describe(
      'whether every program start must be judged by the kernel’s word: refuse to start without it, start and say so, or do without',
    )
    .meta({ examples: ['preferred'] }),
  docker_from_docker: z
    .boolean()
    .default(false)
    .describe('whether the sandbox may drive the container engine')
    .meta({ deprecated: true, instead: 'the container engine is never shared with a sandbox' }),
  extra_env: extraEnv
    .default({})
    .describe('environment variables for everything in the sandbox')
    .meta({ examples: [{ CI: '1' }] }),
  workspace: workspace.prefault({}).describe('what an agent sees and may change of the folder it works in'),
  filesystem: filesystem.prefault({}).describe('folders of the sandbox'),
  commands: commands.prefault({}).describe('programs an agent may run'),
  network: network.prefault({}).describe('hosts an agent may reach'),
  secrets: secrets
    .default({})
    .describe('secrets an agent may use without holding them')
    .meta({ examples: [{ NPM_TOKEN: { from: 'env:NPM_TOKEN', hosts: ['@npm'] } }] }),
  approvals: approvals.prefault({}).describe('what happens where a rule says ask'),
  resources: resources.prefault({}).describe('share of the machine a sandbox may use'),
  guardrails: guardrails.prefault({}).describe('rules an agent is told in words'),
  audit: audit.prefault({}).describe('what is written down'),
  git_access: gitAccess.prefault({}).describe('repositories an agent may use'),
  agent_auth: agentAuth.prefault({}).describe('accounts an agent may use'),
  lasso_metadata: z
    .looseObject({
      config_hash: z.string().optional().describe('stamp of LASSO 1.x'),
      exported_at: time.optional().describe('when it was exported'),
      source: z.string().optional().describe('who exported it'),
    })
    .optional()
    .describe('what an export wrote about itself'),
});

/** a profile with every default filled in */
export type Profile = z.output<typeof profileSchema>;
