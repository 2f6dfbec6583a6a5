/** Where and as whom `lasso auth login` signs in: the user's settings, and for the address the host that hosts.toml names. */
import { LassoError } from '../protocol/errors.ts';
import type { LoginServer } from '../secrets/device-flow.ts';
import type { Settings } from './profiles/settings.ts';

/** group of hosts.toml with the host of the login */
const group = 'github-login';

/** @throws LassoError UNSUPPORTED where no client id is set up, BAD_REQUEST when the settings have an error */
export async function loginServer(
  settings: Pick<Settings, 'sound'>,
  publicHosts: (group: string) => readonly string[],
): Promise<LoginServer> {
  const { github, file } = await settings.sound();
  const [host] = publicHosts(group);
  const address = github.address ?? (host === undefined ? undefined : `https://${host}`);
  if (github.clientId === undefined || address === undefined)
    throw new LassoError(
      'UNSUPPORTED',
      'LASSO has no client id to sign in to GitHub with',
      `Register an OAuth app with device flow there and put client_id = "…" under [github] in ${file}; or set GITHUB_TOKEN before the helper starts.`,
    );
  return { address, clientId: github.clientId, scopes: github.scopes ?? '' };
}
