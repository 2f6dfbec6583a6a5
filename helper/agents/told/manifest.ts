/**
 * What LASSO wrote into a folder, kept in the folder itself so that it can be taken out again and a change is noticed. A folder may
 * bring such a file made by anybody: nothing in it is believed that the files themselves do not bear out.
 */
import { z } from 'zod';
import { agentName } from '../../protocol/agent.ts';
import type { JsonObject } from '../agent.ts';
import type { Mark } from '../merging/outcome.ts';

export const manifestPath = '.lasso/agents.json';
/** longest that is read */
export const manifestLimitBytes = 1024 * 1024;

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const edit = z.object({ at: z.int().nonnegative(), remove: z.int().nonnegative(), insert: z.string() });
const values = z.custom<JsonObject>((value) => typeof value === 'object' && value !== null && !Array.isArray(value));
const mark = z.object({ profile: z.string().max(200), digest: z.string().max(64) });

const record = z.object({
  path: z.string().max(400),
  agents: z.array(agentName),
  kind: z.enum(['whole', 'block', 'values']),
  form: z.enum(['json', 'jsonc', 'toml', 'yaml']).optional(),
  mark,
  text: digest.describe('SHA-256 of the whole file as it was written'),
  wanted: digest.describe('SHA-256 of what was to be put in'),
  made: z.boolean().describe('there was no such file before'),
  folders: z.array(z.string().max(400)).describe('folders that were made for it'),
  undo: z.array(z.array(edit)).optional().describe('what gives back the file as it was, as long as nobody changed it'),
  put: values.optional(),
  last: z.array(z.array(z.string())).optional(),
  was: values.optional().describe('which of these values were there before, and what stood in the place of others'),
});
export type FileRecord = z.infer<typeof record>;

const manifest = z.object({
  version: z.literal(1),
  profile: mark,
  agents: z.array(agentName),
  files: z.array(record.extend({ earlier: record.optional().describe('what was there while it was being written') })).max(200),
});

export interface Manifest {
  readonly profile: Mark;
  readonly agents: readonly z.infer<typeof agentName>[];
  readonly files: readonly (FileRecord & { readonly earlier?: FileRecord | undefined })[];
}

/** Undefined for a text that is none. */
export function readManifest(text: string): Manifest | undefined {
  try {
    return manifest.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

export const manifestText = ({ profile, agents, files }: Manifest): string =>
  `${JSON.stringify({ version: 1, profile, agents, files }, null, 1)}\n`;
