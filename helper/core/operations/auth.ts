/** The verbs of the login to GitHub. The token itself goes over a stream to whoever asked for it, and is in no result. */
import type { OperationResult } from '../../protocol/operations.ts';
import { LassoError } from '../../protocol/errors.ts';
import { beginLogin, type DeviceCode, finishLogin, type LoginServer } from '../../secrets/device-flow.ts';
import type { World } from '../world.ts';
import type { OperationHandlers } from './contract.ts';

type Verbs = 'authBegin' | 'authWait' | 'authStatus' | 'authToken' | 'authLogout';

/** logins under way at most; the oldest goes */
const pendingLimit = 8;

export function authOperations({ secrets, clock, random }: Pick<World, 'secrets' | 'clock' | 'random'>): Pick<OperationHandlers, Verbs> {
  const pending = new Map<string, { readonly server: LoginServer; readonly code: DeviceCode }>();
  return {
    authBegin: async (_params, { signal }) => {
      const server = await secrets.server();
      const code = await beginLogin(server, clock, signal);
      const id = random.hex(8);
      pending.set(id, { server, code });
      const [oldest] = pending.keys();
      if (oldest !== undefined && pending.size > pendingLimit) pending.delete(oldest);
      return { id, code: code.userCode, page: code.page, expiresAt: new Date(code.expiresMs).toISOString() };
    },
    authWait: async ({ id }, { signal }) => {
      const begun = pending.get(id);
      if (begun === undefined) throw new LassoError('BAD_REQUEST', 'No such login is under way', 'Begin again: lasso auth login');
      pending.delete(id);
      const got = await finishLogin(begun.server, begun.code, clock, signal);
      const kept = await secrets.github.keep(got);
      secrets.forget();
      const place = kept.where === 'keyring' ? (secrets.own.keyringTitle ?? 'keyring') : secrets.own.file;
      return { ...kept, place, scopes: got.scopes };
    },
    authStatus: async () => {
      const { from, scopes, obtainedMs, expiresMs } = await secrets.github.state();
      const at = (name: 'since' | 'expiresAt', ms: number | undefined): Partial<OperationResult<'authStatus'>> =>
        ms === undefined ? {} : { [name]: new Date(ms).toISOString() };
      return { from: from ?? null, ...(scopes === undefined ? {} : { scopes }), ...at('since', obtainedMs), ...at('expiresAt', expiresMs) };
    },
    authToken: async ({ stream }, { streams }) => {
      if (stream === undefined) throw new LassoError('BAD_REQUEST', 'The token has no stream to go to', 'Use the `lasso` command.');
      const token = await secrets.github.source.read();
      const out = await streams.take(stream);
      out.on('error', () => undefined);
      out.end(token);
      return {};
    },
    authLogout: async () => {
      const removed = await secrets.github.forget();
      secrets.forget();
      return { removed };
    },
  };
}
