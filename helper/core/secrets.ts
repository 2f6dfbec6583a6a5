/**
 * The secrets of sandboxes: which a profile binds, what stands for each inside, and how the egress gets a value when it needs
 * one. No value is recorded, logged, or given to anybody but the caller of `value`; those that were read are remembered so that
 * no record holds one by accident.
 */
import { formsOf } from '../audit/entries/redact-record.ts';
import type { BoundSecret } from '../egress/contract.ts';
import type { SecretRule } from '../policy/secrets.ts';
import type { Clock } from '../base/clock.ts';
import type { Folders, Host } from '../base/platform.ts';
import type { Random } from '../base/random.ts';
import { LassoError } from '../protocol/errors.ts';
import { keyringOf } from '../secrets/keyring.ts';
import { GithubLogin } from '../secrets/github.ts';
import { OwnStore } from '../secrets/own-store.ts';
import { placeholderOf } from '../secrets/placeholder.ts';
import { safePath } from '../secrets/safe-path.ts';
import { secretSources } from '../secrets/sources.ts';
import { SecretStore } from '../secrets/store.ts';
import { EditorSecrets } from '../secrets/vscode.ts';
import { volumesFolder } from './agents/volumes.ts';
import { loginServer } from './login-server.ts';
import type { Settings } from './profiles/settings.ts';
import type { SavedSandbox } from './state.ts';

/** what is needed of a sandbox, or of one that is about to be */
export type SecretHolder = Pick<SavedSandbox, 'token' | 'workspace' | 'mounts'>;

/** values remembered, in all forms; a token that is renewed every hour is remembered for days */
const seenLimit = 256;

export interface SecretsFacts {
  readonly host: Host;
  readonly folders: Folders;
  readonly clock: Clock;
  readonly random: Random;
  readonly settings: Settings;
  /** hosts of a group where nothing stands for them */
  readonly publicHosts: (group: string) => readonly string[];
}

export class Secrets {
  readonly own: OwnStore;
  readonly editors: EditorSecrets;
  readonly github: GithubLogin;
  readonly #store: SecretStore;
  readonly #host: Host;
  readonly #volumes: string;
  /** values that were read, in all forms → the names of their secrets */
  readonly #seen = new Map<string, string>();
  /** tells every sandbox there is; what one agent can write may be named by another's profile */
  sandboxes: () => readonly SecretHolder[] = () => [];
  readonly server: () => ReturnType<typeof loginServer>;

  constructor({ host, folders, clock, random, settings, publicHosts }: SecretsFacts) {
    this.#host = host;
    this.#volumes = volumesFolder({ folders });
    this.own = new OwnStore(folders, host, keyringOf(host));
    this.editors = new EditorSecrets(clock, random);
    this.server = () => loginServer(settings, publicHosts);
    this.github = new GithubLogin(host.environment, this.own, this.server, clock);
    this.#store = new SecretStore(secretSources({ host, clock, own: this.own, editors: this.editors, github: this.github }), clock);
  }

  /** The value as it is now. @param holder sandbox it is for; undefined: none that there is not yet @throws LassoError SECRET_UNAVAILABLE, naming the secret */
  async value({ name, from, refresh, files }: SecretRule, holder: Pick<SecretHolder, 'workspace' | 'mounts'> | undefined): Promise<string> {
    const holders = holder === undefined ? this.sandboxes() : [holder, ...this.sandboxes()];
    const writable = this.#writableBy(holders);
    try {
      const value = await this.#store.value({ from, ...(refresh === undefined ? {} : { refresh }), writable, files });
      this.#see(name, value);
      return value;
    } catch (error) {
      if (!(error instanceof LassoError)) throw error;
      throw new LassoError('SECRET_UNAVAILABLE', `The secret ${name} cannot be used: ${error.message}`, error.hint);
    }
  }

  /** Values that were read, in all forms → the names of their secrets: what no record may hold. */
  get seen(): ReadonlyMap<string, string> {
    return this.#seen;
  }

  #see(name: string, value: string): void {
    for (const form of formsOf(value)) {
      this.#seen.delete(form);
      this.#seen.set(form, name);
      const [oldest] = this.#seen.keys();
      if (this.#seen.size > seenLimit && oldest !== undefined) this.#seen.delete(oldest);
    }
  }

  /** That no agent can write at a path. @throws LassoError SECRET_UNAVAILABLE, saying who can, or that nothing is there */
  async requireSafe(path: string): Promise<void> {
    await safePath(path, this.#writableBy(this.sandboxes()), this.#host);
  }

  /** What is kept for agents is theirs too, whether or not a sandbox runs. */
  #writableBy(holders: readonly Pick<SecretHolder, 'workspace' | 'mounts'>[]): readonly string[] {
    return [...new Set([this.#volumes, ...holders.flatMap(writablePlaces)])].sort();
  }

  /** What was changed holds at once. */
  forget(): void {
    this.#store.forget();
  }
}

/** The secrets a sandbox may use, for its egress. */
export function boundSecrets(secrets: Secrets, rules: readonly SecretRule[], holder: SecretHolder): readonly BoundSecret[] {
  return rules.map((rule) => ({
    name: rule.name,
    placeholder: placeholderOf(holder.token, rule.name, rule.prefix),
    hosts: rule.hosts,
    header: rule.header,
    value: () => secrets.value(rule, holder),
  }));
}

/** Variables in which a sandbox finds what stands for its secrets. */
export function placeholderEnvironment(
  rules: readonly SecretRule[],
  { token }: Pick<SecretHolder, 'token'>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    rules.flatMap(({ name, env, prefix }) => (env === undefined ? [] : [[env, placeholderOf(token, name, prefix)] as const])),
  );
}

/** Whether a notice is one of those a start gives about its secrets; the next start gives its own. */
export const isSecretNotice = (notice: string): boolean => notice.startsWith('The secret ');

/** how long a start waits for sources, in milliseconds */
const lookMs = 2000;

/**
 * What a person is told at a start about secrets that are not there: one sentence each. Nothing is refused for it, and no
 * program is run for it, which may ask the person something: that happens when a secret is used.
 */
export async function secretNotices(
  secrets: Secrets,
  rules: readonly SecretRule[],
  holder: SecretHolder,
  clock: Pick<Clock, 'sleep'>,
): Promise<readonly string[]> {
  const looked = rules.filter(({ from, refresh }) => !from.startsWith('command:') && refresh === undefined);
  if (looked.length === 0) return [];
  const over = new AbortController();
  const late = clock.sleep(lookMs, over.signal).catch(() => undefined);
  const notices = await Promise.all(
    looked.map((rule) =>
      Promise.race([
        late.then(() => []),
        secrets.value(rule, holder).then(
          () => [],
          (error: unknown) => (error instanceof LassoError ? [`${error.message}. ${error.hint}`] : []),
        ),
      ]),
    ),
  );
  over.abort();
  return notices.flat();
}

/** Folders of the host that its agent can write: the workspace, which may be opened to another for writing, and mounts. */
function writablePlaces({ workspace, mounts }: Pick<SecretHolder, 'workspace' | 'mounts'>): readonly string[] {
  return [workspace, ...mounts.filter(({ readonly }) => !readonly).map(({ source }) => source)];
}
