/**
 * Which agents sandboxes get, as packages of npm's registry: exact versions with their integrity, for each processor. It knows no
 * address: where the registry is, the user's own tools say.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { type AgentName, agentNames } from '../protocol/agent.ts';
import { LassoError } from '../protocol/errors.ts';

/** a path below a folder: no step back, nothing absolute */
const inner = z.string().regex(/^(?!.*(?:^|\/)\.{1,2}(?:\/|$))[\w@+.-]+(?:\/[\w@+.-]+)*$/);

const agentPackage = z.strictObject({
  name: z.string().regex(/^(@[a-z0-9][\w.-]*\/)?[a-z0-9][\w.-]*$/),
  version: z.string().regex(/^\d[\w.+-]*$/),
  /** SHA-512 of its archive */
  integrity: z.string().regex(/^sha512-[A-Za-z0-9+/]{86}==$/),
  /** files and folders of it that are needed */
  keep: z.array(inner).min(1),
  /** folder of the agent's own folder they go to */
  into: inner,
});
export type AgentPackage = z.infer<typeof agentPackage>;

const agentBuild = z.strictObject({
  version: z.string(),
  /** what `bin/NAME` leads to */
  program: inner,
  /** what runs it, where it is no program by itself */
  interpreter: inner.optional(),
  packages: z.array(agentPackage).min(1),
});
/** an agent for one processor */
export type AgentBuild = z.infer<typeof agentBuild>;

const catalog = z.partialRecord(z.enum(agentNames), z.record(z.string(), agentBuild));

/** `linux-x64` → by agent */
export type AgentCatalog = Readonly<Partial<Record<AgentName, AgentBuild>>>;

/** Agents for one processor, out of `agents.json`. @throws LassoError IMAGE_BUILD_FAILED when this installation is not whole */
export async function readCatalog(file: string, platform: string): Promise<AgentCatalog> {
  try {
    const all = catalog.parse(JSON.parse(await readFile(file, 'utf8')));
    return Object.fromEntries(Object.entries(all).flatMap(([name, builds]) => (builds[platform] ? [[name, builds[platform]]] : [])));
  } catch (cause) {
    throw new LassoError('IMAGE_BUILD_FAILED', 'This installation of LASSO lacks its list of agents.', 'Install LASSO again.', { cause });
  }
}

/** SHA-256 over everything a build is made of, hex. */
export const buildDigest = (build: AgentBuild): string =>
  createHash('sha256')
    .update(JSON.stringify([layout, build]))
    .digest('hex');

/** changes when what is made of the same packages changes */
const layout = 1;
