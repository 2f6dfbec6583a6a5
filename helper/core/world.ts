/**
 * Everything core works with, made once by `compose` and passed as an argument: mechanisms, folders, time and chance. Core
 * files reach the outside only through it, which is what lets a test replace any of it.
 */
import type { Outbox } from '../audit/forward/outbox.ts';
import type { RecordStore } from '../audit/writing/store.ts';
import type { UserKeys } from '../audit/keys/user-keys.ts';
import type { Backend } from '../backends/backend.ts';
import type { Network, UpstreamProxy } from '../egress/contract.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Folders, Host } from '../base/platform.ts';
import type { Random } from '../base/random.ts';
import type { AgentStore, StoredAgent } from '../images/index.ts';
import type { HostFacts } from '../policy/places.ts';
import type { Policy } from '../policy/policy.ts';
import type { ProfileSources } from '../profile/sources.ts';
import type { Progress } from '../protocol/events.ts';
import type { Profile } from '../protocol/profile/profile.ts';
import type { Approvals } from './gating/approvals.ts';
import type { ProfileWish } from './profiles/effective.ts';
import type { ProfileStore } from './profiles/store.ts';
import type { Secrets } from './secrets.ts';
import type { Probes } from './selection.ts';
import type { Settings } from './profiles/settings.ts';
import type { StateFolder } from './state.ts';

/** a profile, read and understood */
export interface ReadProfile {
  readonly name: string;
  /** how to find it again: its name, or its absolute file */
  readonly reference: string;
  /** SHA-256 of its effective content, hex */
  readonly digest: string;
  /** hash of the workspace's own profile that tightens it, hex */
  readonly workspaceDigest?: string;
  /** agent the workspace's own settings name */
  readonly agent?: string;
  readonly policy: Policy;
  /** all it says, as it holds */
  readonly content: Profile;
  /** FILE:LINE of a rule in the effective profile, where a file wrote it */
  readonly originOf: (rule: string) => string | undefined;
  /** the file that wrote what is at a key path, `audit.webhooks[0].url` */
  readonly fileOf: (path: string) => string | undefined;
  /** what it asks for and does not get yet, one sentence each */
  readonly notices: readonly string[];
}

/** tells progress of the request under way */
export type Tell = (progress: Omit<Progress, 'request'>) => void;

export interface World {
  readonly host: Host;
  readonly folders: Folders;
  readonly log: Log;
  readonly clock: Clock;
  readonly random: Random;
  readonly version: string;
  /** label that tells this LASSO home's sandboxes from another's on the same engine */
  readonly owner: string;
  readonly probes: Probes;
  /** the machine's own network */
  readonly network: Network;
  /** The user's own proxy for what leaves; undefined: direct. @throws LassoError BAD_REQUEST for one that cannot be used */
  readonly upstreamProxy: () => UpstreamProxy | undefined;
  /** what waits for a person's word */
  readonly approvals: Approvals;
  /** what sandboxes may use without holding it */
  readonly secrets: Secrets;
  /** folders and sockets of this machine that no sandbox may be given */
  readonly closedPlaces: Omit<HostFacts, 'platform'>;
  readonly state: StateFolder;
  readonly sources: ProfileSources;
  readonly settings: Settings;
  /** the user's own profiles, and what they were before */
  readonly profiles: ProfileStore;
  /** keys of this user's records */
  readonly userKeys: UserKeys;
  /** static guest binary for the engines of this machine */
  readonly guestProgram: string;
  /** the records, open for writing */
  readonly records: RecordStore;
  /** who is told of records */
  readonly outbox: Outbox;
  /** numbers of intents in a record that have no outcome */
  openIntents(id: string): Promise<readonly number[]>;
  /** @throws LassoError; a workspace has a say where the wish names its folder */
  readProfile(wish: ProfileWish): Promise<ReadProfile>;
  /** agents' programs on this machine */
  readonly agentStore: AgentStore;
  /** image for sandboxes of this backend, with an agent in it where one is given; built if need be */
  ensureImage(
    backend: Backend,
    options: { readonly force: boolean; readonly tell: Tell; readonly signal: AbortSignal; readonly agent?: StoredAgent },
  ): Promise<{ readonly digest: string; readonly built: boolean }>;
}
