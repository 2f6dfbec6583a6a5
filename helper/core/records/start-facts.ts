/**
 * What the record of a start says: everything the sandbox is made of, with the digests by which it can be known again, and what could
 * not be had. Values of variables and secrets are never in it, only their names.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { redactionRules } from '../../audit/entries/redact-record.ts';
import type { SandboxSpec } from '../../backends/backend.ts';
import type { RecordValue } from '../../protocol/record.ts';
import type { SavedSandbox } from '../state.ts';
import type { Selection } from '../selection.ts';
import type { ReadProfile, World } from '../world.ts';

export interface StartFacts {
  readonly saved: SavedSandbox;
  readonly profile: ReadProfile;
  readonly selection: Selection;
  readonly spec: SandboxSpec;
}

export async function startFacts(
  world: Pick<World, 'version' | 'guestProgram'>,
  { saved, profile, selection, spec }: StartFacts,
): Promise<{ readonly [key: string]: RecordValue }> {
  const { policy, content } = profile;
  const { probe, backend } = selection;
  const runtime = probe.isolations.find(({ level }) => level === saved.isolation)?.runtime;
  return {
    lasso: world.version,
    name: saved.name,
    agent: saved.agent ?? null,
    profile: profile.name,
    profileFile: profile.reference,
    profileVersion: content.profile_version,
    profileDigest: profile.digest,
    workspaceProfile: profile.workspaceDigest ?? null,
    mode: saved.mode ?? policy.mode,
    backend: saved.backend,
    engine: probe.version === undefined ? backend.name : `${backend.name} ${probe.version}`,
    ...(probe.endpoint === undefined ? {} : { endpoint: probe.endpoint }),
    ...(runtime === undefined ? {} : { runtime }),
    rootless: probe.rootless,
    isolation: saved.isolation,
    link: saved.link,
    image: saved.image,
    guest: await guestDigest(world.guestProgram),
    workspace: saved.workspace,
    workspaceReadonly: spec.workspace.readonly,
    hidden: spec.overlays.filter(({ instead }) => instead !== null).map(({ path }) => path),
    closed: spec.overlays.filter(({ instead }) => instead === null).map(({ path }) => path),
    mounts: saved.mounts.map(({ source, target, readonly }) => `${source}:${target}${readonly ? ':ro' : ''}`),
    identity: { ...saved.identity },
    environment: Object.keys(saved.environment),
    network: policy.network.mode,
    secrets: policy.secrets.map(({ name }) => name),
    execGate: policy.execGate,
    limits: { ...spec.limits },
    notEnforced: [...spec.waived],
    redaction: redactionRules,
    notices: saved.notices,
  };
}

/** SHA-256 of the program that is pid 1, hex; null where it cannot be read, which the start itself will tell */
async function guestDigest(file: string): Promise<string | null> {
  const bytes = await readFile(file).catch(() => undefined);
  return bytes === undefined ? null : createHash('sha256').update(bytes).digest('hex');
}
