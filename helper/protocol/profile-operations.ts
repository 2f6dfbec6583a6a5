/** The verbs about what profiles and settings mean. Profiles are named as everywhere: a name, or a file. */
import { z } from 'zod';
import { finding } from './finding.ts';
import { operation } from './operation.ts';
import { profileFileOperations } from './profile-file-operations.ts';
import { verdict } from './verdict.ts';

const reference = z.string().describe('profile: a name or a file');
const dir = z.string().optional().describe('folder of the workspace (default: the current one)');
const digest = z.string().describe('SHA-256, hex');

/** where a profile or a value comes from */
export const profileSource = z.enum(['built-in', 'user', 'workspace', 'file']);

const origin = z.object({ file: z.string(), line: z.number().int().describe('1-based') });
export type ValueOrigin = z.infer<typeof origin>;

/** one value of an effective profile */
export const profileValue = z.object({
  path: z.string().describe('key path, network.allowed_ports; lists are one value'),
  value: z.unknown().describe('as JSON'),
  origin: origin.optional().describe('absent for a default'),
  note: z.string().optional().describe('why it does not hold yet, or not as written'),
});
export type ProfileValue = z.infer<typeof profileValue>;

/** one difference between two policies, in words a reviewer understands */
export const policyChange = z.object({
  effect: z.enum(['allowed', 'denied', 'asked', 'changed']).describe('what the second does that the first does not'),
  text: z.string().describe('a sentence without its beginning “now allowed:”'),
  path: z.string().describe('key path of the rule or value'),
});
export type PolicyChange = z.infer<typeof policyChange>;

/** what a folder says about its own sandboxes, and whether a person agreed */
export const workspaceProfile = z.object({
  state: z.enum(['none', 'new', 'changed', 'gone', 'approved', 'declined', 'broken']),
  digest: digest.optional().describe('hash of the files, which is what a person approves'),
  files: z.array(z.object({ file: z.string(), text: z.string(), approved: z.string().optional().describe('text that was approved last') })),
  changes: z.array(policyChange).describe('what it takes away from the chosen profile'),
  findings: z.array(finding),
});
export type WorkspaceProfile = z.infer<typeof workspaceProfile>;

export const profileOperations = {
  profileList: operation({
    summary: 'List profiles that can be used',
    effect: 'read',
    runs: 'helper',
    cli: { name: 'profile list', json: true, quiet: true, short: { d: 'dir' }, examples: ['lasso profile list'] },
    params: z.object({ dir }),
    result: z.object({
      profiles: z.array(
        z.object({
          name: z.string(),
          description: z.string(),
          source: profileSource,
          file: z.string(),
          extends: z.string().optional(),
          tags: z.array(z.string()),
          valid: z.boolean(),
        }),
      ),
    }),
  }),
  profileShow: operation({
    summary: 'Show what a profile means: every effective value, and where it was written',
    effect: 'read',
    runs: 'helper',
    cli: {
      name: 'profile show',
      positionals: ['profile'],
      short: { d: 'dir', a: 'all' },
      json: true,
      examples: ['lasso profile show', 'lasso profile show strict --all', 'lasso profile show team --toml'],
    },
    params: z.object({
      profile: reference.optional().describe('profile: a name or a file (default: the one sandboxes here get)'),
      dir,
      all: z.boolean().default(false).describe('defaults that no file mentions, too'),
      toml: z.boolean().default(false).describe('as one TOML file without extends'),
      written: z.boolean().default(false).describe('the file as it was written'),
    }),
    result: z.object({
      name: z.string(),
      description: z.string(),
      source: profileSource,
      file: z.string(),
      files: z.array(z.string()).describe('read, this one first, then what it builds on'),
      digest: digest.describe('SHA-256 of the effective profile, hex'),
      values: z.array(profileValue).describe('in the order of the schema; defaults only where they were asked for'),
      findings: z.array(finding),
      notices: z.array(z.string()).describe('what a folder brings and nobody agreed to, one sentence each'),
      effective: z.string().describe('TOML that says the same without extends'),
      text: z.string().describe('the file as it was written'),
    }),
  }),
  ...profileFileOperations,
  profileDiff: operation({
    summary: 'Say what a second profile allows and denies that a first does not',
    effect: 'read',
    runs: 'helper',
    cli: {
      name: 'profile diff',
      positionals: ['from', 'to'],
      short: { d: 'dir' },
      json: true,
      examples: ['lasso profile diff standard strict', 'lasso profile diff standard ./team.lasso.toml'],
      exits: [
        [0, 'both allow the same'],
        [1, 'they differ'],
      ],
    },
    params: z.object({ from: reference, to: reference, dir }),
    result: z.object({
      same: z.boolean(),
      changes: z.array(policyChange),
      from: z.object({ name: z.string(), effective: z.string() }),
      to: z.object({ name: z.string(), effective: z.string() }),
    }),
  }),
  profileLock: operation({
    summary: 'Pin the profile of a folder: sandboxes refuse another content until it is locked again',
    effect: 'write',
    runs: 'helper',
    cli: {
      name: 'profile lock',
      positionals: ['profile'],
      short: { d: 'dir' },
      json: true,
      quiet: true,
      examples: ['lasso profile lock team', 'lasso profile lock --verify', 'lasso profile lock --remove'],
    },
    params: z.object({
      profile: reference.optional().describe('profile: a name or a file (default: the one sandboxes here get)'),
      dir,
      verify: z.boolean().default(false).describe('only compare'),
      remove: z.boolean().default(false).describe('take the lock away'),
    }),
    result: z.object({
      file: z.string(),
      state: z.enum(['locked', 'matches', 'differs', 'absent', 'removed']),
      profile: z.string().optional(),
      digest: digest.optional(),
      locked: digest.optional().describe('what the lock says'),
      changes: z.array(z.string()).describe('files that differ, in words'),
    }),
  }),
  profileResolve: operation({
    summary: 'Say which file a name means, where it was looked for, and what it builds on',
    effect: 'read',
    runs: 'helper',
    cli: {
      name: 'profile resolve',
      positionals: ['profile'],
      short: { d: 'dir' },
      json: true,
      examples: ['lasso profile resolve', 'lasso profile resolve team'],
    },
    params: z.object({ profile: reference.optional().describe('profile: a name or a file (default: the one sandboxes here get)'), dir }),
    result: z.object({
      name: z.string(),
      source: profileSource,
      file: z.string(),
      chain: z.array(z.string()).describe('files it is made from, this one first'),
      looked: z.array(z.object({ place: z.string(), found: z.boolean() })).describe('in order; the first found is used'),
      digest,
      workspace: workspaceProfile,
    }),
  }),
  profileSchema: operation({
    summary: 'Print the JSON Schema of profiles, for other editors',
    effect: 'read',
    runs: 'helper',
    cli: { name: 'profile schema', examples: ['lasso profile schema > profile.schema.json'] },
    params: z.object({}),
    result: z.object({ schema: z.unknown() }),
  }),
  profileApprove: operation({
    summary: 'Agree to the profile a folder brings, or decline it; it can only tighten what you chose',
    effect: 'write',
    runs: 'helper',
    cli: {
      name: 'profile approve',
      short: { d: 'dir', p: 'profile' },
      json: true,
      examples: ['lasso profile approve', 'lasso profile approve --digest 9f2c…', 'lasso profile approve --decline'],
    },
    params: z.object({
      dir,
      profile: reference.optional().describe('profile it is held against (default: the one sandboxes here get)'),
      digest: digest.optional().describe('agree only if its hash is this one'),
      decline: z.boolean().default(false).describe('never use it as it is now, and do not ask again'),
      look: z.boolean().default(false).describe('only show what it says'),
    }),
    result: workspaceProfile,
  }),
  configShow: operation({
    summary: 'Show settings and folders, and where each comes from',
    effect: 'read',
    runs: 'helper',
    cli: { name: 'config show', short: { d: 'dir' }, json: true, examples: ['lasso config show'] },
    params: z.object({ dir }),
    result: z.object({
      settings: z.array(z.object({ key: z.string(), value: z.string(), origin: z.string().describe('a file, a variable, or “default”') })),
      findings: z.array(finding),
    }),
  }),
  folderInit: operation({
    summary: 'Give a folder a profile of its own, which tightens what everybody who works in it has chosen',
    effect: 'write',
    runs: 'helper',
    params: z.object({
      dir,
      profile: reference.optional().describe('profile it is at least as tight as: a name'),
      agent: z.string().max(40).optional().describe('agent that works here, shown in lists'),
      fromConfig: z.boolean().default(false).describe('take profile and agent from your own config.toml'),
      force: z.boolean().default(false).describe('replace the files if they exist'),
    }),
    result: z.object({ files: z.array(z.string()), workspace: workspaceProfile }),
  }),
  why: operation({
    summary: 'Say what a profile does with a command or an address, and which rule decides',
    effect: 'read',
    runs: 'helper',
    cli: {
      name: 'why',
      positionals: ['command'],
      short: { p: 'profile', m: 'mode', d: 'dir', b: 'batch' },
      json: true,
      examples: [
        'lasso why "git push --force"',
        'cat questions.jsonl | lasso why --batch',
        'lasso why "rm -rf build" --profile strict',
        'lasso why --url https://registry.example/',
      ],
      exits: [
        [0, 'it is allowed'],
        [1, 'it is denied'],
        [3, 'a person would be asked, or each program is judged when it starts'],
      ],
    },
    params: z.object({
      command: z.string().optional().describe('command line, as a shell would get it'),
      url: z.string().optional().describe('address instead of a command'),
      method: z.string().default('GET').describe('HTTP method, with --url'),
      profile: reference.optional().describe('profile: a name or a file (default: the one sandboxes here get)'),
      mode: z.enum(['observe', 'assist', 'autonomous']).optional().describe('mode (default: what the profile says)'),
      batch: z.boolean().default(false).describe('answer stdin: on each line a JSON object with cmd, or with url and method'),
      dir,
    }),
    result: z.object({
      profile: z.string(),
      mode: z.enum(['observe', 'assist', 'autonomous']),
      verdict,
      origin: origin.optional().describe('where the rule was written; absent for a default'),
      programs: z.array(z.string()).describe('every program the line was found to start'),
      stages: z.array(z.object({ stage: z.string(), text: z.string() })).describe('how it was judged, in order'),
      enforced: z.boolean().describe('whether anything holds an agent to it yet'),
      notices: z.array(z.string()).describe('what a folder brings and nobody agreed to, one sentence each'),
    }),
  }),
  whyBatch: operation({
    summary: 'Answer many questions about one profile',
    effect: 'read',
    runs: 'helper',
    params: z.object({
      batch: z.string().min(1).max(64).describe('name the caller makes up: the profile is read once for all requests of that name'),
      lines: z.array(z.string()).max(10_000).describe('JSON objects with cmd, or with url and method; hostile text'),
      profile: reference.optional(),
      mode: z.enum(['observe', 'assist', 'autonomous']).optional(),
      dir,
    }),
    result: z.object({ lines: z.array(z.string()).describe('the same objects with verdict, reason, stage, rule and programs, or error') }),
  }),
} as const;
