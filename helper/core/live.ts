/** What exists of a sandbox only while it runs. What its profile says is asked of the profile in force, which may be replaced. */
import type { RunningSandbox } from '../backends/backend.ts';
import type { GuestLink } from '../guest/contract.ts';
import type { FileGate } from '../guest/files.ts';
import type { NetworkGate } from '../guest/network.ts';
import type { Policy } from '../policy/policy.ts';
import type { ProfileInForce } from './profile-in-force.ts';

export interface SandboxNetwork {
  readonly gate: NetworkGate;
  /** certificates programs inside trust besides the usual ones, PEM */
  readonly authorities: readonly string[];
  /** Judges every open connection again, under the rules as they are now. */
  reconsider(): void;
  /** Resets what is open. */
  dispose(): void;
}

/** what is noticed of a sandbox while it runs, besides what it asks for */
export interface Witness {
  /** It is about to end, or has ended, and the engine still knows it. Never rejects. */
  ending(): Promise<void>;
  /** It is gone. Never rejects. */
  removed(): Promise<void>;
}

export interface Live {
  readonly running: RunningSandbox;
  readonly link: GuestLink;
  readonly profile: ProfileInForce;
  /** undefined where the profile it was started with allows no network */
  readonly network: SandboxNetwork | undefined;
  /** keeps files closed, and tells of what was tried on them */
  readonly files: FileGate;
  readonly policy: Policy;
  /** FILE:LINE of a rule */
  readonly originOf: (rule: string) => string | undefined;
  /** what every program in it starts with */
  readonly environment: Readonly<Record<string, string>>;
  /** set once it runs */
  witness: Witness | undefined;
}

/** @param environmentOf the whole environment under a policy */
export function liveOf(
  parts: Pick<Live, 'running' | 'link' | 'profile' | 'network' | 'files'>,
  environmentOf: (policy: Policy) => Readonly<Record<string, string>>,
): Live {
  const { profile } = parts;
  return {
    ...parts,
    witness: undefined,
    get policy() {
      return profile.now.policy;
    },
    originOf: (rule) => profile.now.originOf(rule),
    get environment() {
      return environmentOf(profile.now.policy);
    },
  };
}
