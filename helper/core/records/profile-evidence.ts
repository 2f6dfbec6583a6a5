/** Which profile was in force, for an archive of evidence: its digests as they are on record, and its text while it can still be read. */
import { createHash } from 'node:crypto';
import type { PackMember } from '../../audit/report/pack.ts';
import type { RecordSummary } from '../../audit/summary/summary-shape.ts';
import { effectiveText } from '../../profile/effective-text.ts';
import { withoutSecrets } from '../../profile/without-secrets.ts';
import { wishOf } from '../creation.ts';
import type { SavedSandbox } from '../state.ts';
import type { World } from '../world.ts';

/** Never rejects: what cannot be read is said. */
export async function profileEvidence(
  world: Pick<World, 'readProfile'>,
  saved: SavedSandbox | undefined,
  { starts, policies }: Pick<RecordSummary, 'starts' | 'policies'>,
): Promise<readonly PackMember[]> {
  const onRecord = starts.items.map(({ seq, at, facts }) => {
    const of = (label: string): string | null => facts.find(([name]) => name === label)?.[1] ?? null;
    return {
      seq,
      at,
      profile: of('Profile'),
      digest: of('Profile digest (SHA-256)'),
      workspaceProfile: of('Folder’s own profile (SHA-256)'),
    };
  });
  const changes = policies.items.map(({ seq, at, who, what, more }) => ({ seq, at, who, what, more }));
  const now = saved === undefined ? 'The sandbox was removed, so its profile is known by its digest alone.' : await effective(world, saved);
  const text = typeof now === 'string' ? undefined : now.text;
  const about =
    typeof now === 'string'
      ? { file: null, reason: now }
      : {
          file: 'profile/effective.toml',
          sha256: createHash('sha256').update(now.text).digest('hex'),
          digest: now.digest,
          sameAsLastOnRecord: saved?.profileDigest === now.digest,
        };
  const said = { onRecord, changes, inForceLast: saved?.profileDigest ?? onRecord.at(-1)?.digest ?? null, effective: about };
  return [
    { name: 'profile/profile.json', text: `${JSON.stringify(said, null, 2)}\n` },
    ...(text === undefined ? [] : [{ name: 'profile/effective.toml', text }]),
  ];
}

async function effective(
  world: Pick<World, 'readProfile'>,
  saved: SavedSandbox,
): Promise<string | { readonly text: string; readonly digest: string }> {
  try {
    const { content, digest, name } = await world.readProfile(wishOf(saved));
    const head = [`The profile ${name} as it holds, all it extends included. Digest of its content: ${digest}`];
    return { text: effectiveText({ ...withoutSecrets(content), lasso_metadata: undefined }, head), digest };
  } catch (error) {
    return `It cannot be read any more: ${error instanceof Error ? error.message : 'unknown reason'}`;
  }
}
