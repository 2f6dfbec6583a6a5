/**
 * The token for GitHub: GITHUB_TOKEN or GH_TOKEN of the helper, else that of `lasso auth login`, renewed when it ends. The login
 * is kept where `lasso secret set` keeps values.
 */
import type { Clock } from '../base/clock.ts';
import { renewLogin, type LoginServer, tokens, type Tokens } from './device-flow.ts';
import { loginName, type Keeper, type OwnStore } from './own-store.ts';
import type { SecretSource } from './store.ts';
import { unavailable } from './unavailable.ts';

export interface LoginState {
  /** a variable, or `login`; absent where there is no token */
  readonly from?: (typeof variables)[number] | 'login';
  readonly scopes?: string;
  readonly obtainedMs?: number;
  readonly expiresMs?: number;
}

const variables = ['GITHUB_TOKEN', 'GH_TOKEN'] as const;
/** a token that ends this soon is renewed, in milliseconds */
const soonMs = 60_000;

export class GithubLogin {
  readonly #environment: Readonly<Record<string, string | undefined>>;
  readonly #store: OwnStore;
  readonly #server: () => Promise<LoginServer>;
  readonly #clock: Clock;
  #renewal: Promise<Tokens> | undefined;

  /** @param server asked for when a token is renewed; @throws LassoError where none is set up */
  constructor(
    environment: Readonly<Record<string, string | undefined>>,
    store: OwnStore,
    server: () => Promise<LoginServer>,
    clock: Clock,
  ) {
    this.#environment = environment;
    this.#store = store;
    this.#server = server;
    this.#clock = clock;
  }

  get source(): SecretSource {
    return { freshMs: 2000, read: () => this.#token() };
  }

  async state(): Promise<LoginState> {
    const variable = this.#variable();
    if (variable !== undefined) return { from: variable };
    const saved = await this.#saved();
    if (saved === undefined) return {};
    const { scopes, obtainedMs, expiresMs } = saved;
    return { from: 'login', scopes, obtainedMs, ...(expiresMs === undefined ? {} : { expiresMs }) };
  }

  /** @throws LassoError SECRET_UNAVAILABLE */
  keep(got: Tokens): Promise<{ readonly where: Keeper; readonly why?: string }> {
    return this.#store.set(loginName, JSON.stringify(got));
  }

  /** Whether there was a login. The server is not told: the token stays valid there. */
  async forget(): Promise<boolean> {
    return (await this.#store.remove(loginName)) !== undefined;
  }

  #variable(): (typeof variables)[number] | undefined {
    return variables.find((name) => (this.#environment[name] ?? '') !== '');
  }

  async #token(): Promise<string> {
    const variable = this.#variable();
    if (variable !== undefined) return this.#environment[variable] ?? '';
    const saved = await this.#saved();
    if (saved === undefined)
      throw unavailable('nobody is signed in to GitHub', 'Run: lasso auth login. Or set GITHUB_TOKEN before the helper starts.');
    const now = this.#clock.now().getTime();
    if (saved.expiresMs === undefined || saved.expiresMs - now > soonMs) return saved.accessToken;
    if (saved.refreshToken === undefined) {
      if (saved.expiresMs > now) return saved.accessToken;
      throw unavailable('the login to GitHub has ended', 'Sign in again: lasso auth login');
    }
    // A renewal ends the token it is made with, so there must be one at a time.
    this.#renewal ??= this.#renew(saved.refreshToken).finally(() => (this.#renewal = undefined));
    return (await this.#renewal).accessToken;
  }

  async #renew(refreshToken: string): Promise<Tokens> {
    const fresh = await renewLogin(await this.#server(), refreshToken, this.#clock, AbortSignal.timeout(30_000));
    await this.keep(fresh);
    return fresh;
  }

  async #saved(): Promise<Tokens | undefined> {
    const text = await this.#store.get(loginName);
    if (text === undefined) return undefined;
    try {
      return tokens.parse(JSON.parse(text));
    } catch {
      throw unavailable('the login to GitHub that was kept is damaged', 'Sign in again: lasso auth login');
    }
  }
}
