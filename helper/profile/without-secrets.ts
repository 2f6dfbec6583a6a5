/** A profile without the secrets that may stand in it, as LASSO 1.x allowed for webhooks: for whatever is recorded, packed or sent on. Pure. */
import type { Profile } from '../protocol/profile/profile.ts';

/** @param before an earlier one, against which a secret that changed is told as another */
export function withoutSecrets(profile: Profile, before = profile): Profile {
  const webhooks = profile.audit.webhooks.map((webhook) => {
    const { secret, url } = webhook;
    if (secret === undefined || /^(env|secret):/.test(secret)) return webhook;
    const known = before.audit.webhooks.some((earlier) => earlier.url === url && earlier.secret === secret);
    return { ...webhook, secret: known ? '…' : '… (another)' };
  });
  return { ...profile, audit: { ...profile.audit, webhooks } };
}
