/**
 * The profile a running sandbox is held to. It can be replaced while the sandbox runs, except for what was settled when it
 * started: mounts, limits, isolation, the gate itself. Whoever judges asks here each time and keeps nothing.
 */
import type { Policy } from '../policy/policy.ts';
import type { ReadProfile } from './world.ts';

export class ProfileInForce {
  /** the profile it was started with */
  readonly started: ReadProfile;
  #now: ReadProfile;

  constructor(profile: ReadProfile) {
    this.started = profile;
    this.#now = profile;
  }

  get now(): ReadProfile {
    return this.#now;
  }

  replace(next: ReadProfile): void {
    this.#now = { ...next, policy: heldPolicy(this.started.policy, next.policy) };
  }
}

/** What a sandbox that was started under one policy makes of another: rules change, what it is made of does not. */
function heldPolicy(started: Policy, next: Policy): Policy {
  const { isolation, limits, enforcement, workspaceWritable, execGate } = started;
  return {
    ...next,
    ...{ isolation, limits, enforcement, workspaceWritable, execGate },
    // What is hidden is covered when it starts.
    files: { ...next.files, hidden: started.files.hidden },
    // Where nothing listens inside, no rule opens anything.
    network: started.network.mode === 'none' ? started.network : next.network,
  };
}
