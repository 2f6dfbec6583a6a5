/** The verbs that change a user's own profiles, or carry them from and to other machines. */
import { z } from 'zod';
import { finding } from './finding.ts';
import { operation } from './operation.ts';
import { profileName } from './profile/profile.ts';

const reference = z.string().describe('profile: a name or a file');
const digest = z.string().describe('SHA-256, hex');

const savedVersion = z.object({
  version: z.number().int().min(1),
  savedAt: z.string().describe('ISO 8601, UTC'),
  reason: z.enum(['saved', 'edited', 'created', 'imported', 'restored', 'deleted']),
  digest: digest.describe('SHA-256 of the text, hex'),
  file: z.string(),
});

const saved = z.object({ name: z.string(), file: z.string(), version: z.number().int(), findings: z.array(finding) });

export const profileFileOperations = {
  profileNew: operation({
    summary: 'Begin a profile of your own from another',
    effect: 'write',
    runs: 'helper',
    cli: {
      name: 'profile new',
      positionals: ['name'],
      short: { f: 'from' },
      json: true,
      quiet: true,
      examples: ['lasso profile new team', 'lasso profile new team --from strict'],
    },
    params: z.object({
      name: profileName,
      from: reference.default('standard').describe('profile it builds on: a name or a file'),
      description: z.string().default('').describe('one sentence for lists'),
    }),
    result: saved,
  }),
  profileEdit: operation({
    summary: 'Open a profile in $VISUAL or $EDITOR, check it, and save it with its history',
    effect: 'write',
    runs: 'face',
    cli: { name: 'profile edit', positionals: ['name'], examples: ['lasso profile edit team'] },
    params: z.object({ name: profileName }),
    result: saved,
  }),
  profileSave: operation({
    summary: 'Save a text as a profile of yours; the one before is kept in its history',
    effect: 'write',
    runs: 'helper',
    cli: {
      name: 'profile save',
      positionals: ['name'],
      short: { f: 'from' },
      hidden: ['text', 'reason'],
      json: true,
      quiet: true,
      examples: ['lasso profile save team --from ./team.lasso.toml'],
    },
    params: z.object({
      name: profileName,
      from: z.string().optional().describe('file to save'),
      text: z.string().optional(),
      reason: z.enum(['saved', 'edited']).default('saved'),
    }),
    result: saved,
  }),
  profileDelete: operation({
    summary: 'Delete a profile of yours; its history stays and can be restored',
    effect: 'write',
    runs: 'helper',
    cli: { name: 'profile delete', positionals: ['name'], json: true, quiet: true, examples: ['lasso profile delete team'] },
    params: z.object({ name: profileName }),
    result: z.object({ name: z.string(), file: z.string(), version: z.number().int().describe('version in which it is kept') }),
  }),
  profileHistory: operation({
    summary: 'List the versions of a profile of yours, print one, or restore one',
    effect: 'write',
    runs: 'helper',
    cli: {
      name: 'profile history',
      positionals: ['name'],
      short: { s: 'show', r: 'restore' },
      json: true,
      examples: ['lasso profile history team', 'lasso profile history team --show 2', 'lasso profile history team --restore 2'],
    },
    params: z.object({
      name: profileName,
      show: z.number().int().min(1).optional().describe('print this version'),
      restore: z.number().int().min(1).optional().describe('make this version the profile again'),
    }),
    result: z.object({
      name: z.string(),
      versions: z.array(savedVersion).describe('oldest first'),
      text: z.string().optional(),
      restored: saved.optional(),
    }),
  }),
  profileExport: operation({
    summary: 'Write a profile as one file that can be checked: no extends, and a hash of what it says',
    effect: 'read',
    runs: 'helper',
    cli: {
      name: 'profile export',
      positionals: ['profile'],
      short: { o: 'output', f: 'force' },
      json: true,
      examples: ['lasso profile export team -o team.lasso.toml', 'lasso profile export standard > standard.lasso.toml'],
    },
    params: z.object({
      profile: reference,
      output: z.string().optional().describe('file to write (default: print it)'),
      force: z.boolean().default(false).describe('replace the file if it exists'),
    }),
    result: z.object({ name: z.string(), integrity: digest, file: z.string().optional(), text: z.string() }),
  }),
  profileImport: operation({
    summary: 'Take an exported profile over after checking its hash',
    effect: 'write',
    runs: 'helper',
    cli: {
      name: 'profile import',
      positionals: ['file'],
      short: { n: 'name', f: 'force' },
      json: true,
      quiet: true,
      examples: ['lasso profile import team.lasso.toml', 'lasso profile import team.lasso.toml --name ours'],
    },
    params: z.object({
      file: z.string().describe('exported profile'),
      name: profileName.optional().describe('name to keep it under (default: its own)'),
      force: z.boolean().default(false).describe('also where it carries no hash, or a profile of that name exists'),
    }),
    result: saved,
  }),
} as const;
