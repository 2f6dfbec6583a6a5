/** Where profiles come from. The functions are passed in: nothing in this folder touches a disk or knows a platform. */

import type { HostGroups } from '../policy/network/rules.ts';
import type { Isolation } from '../protocol/sandbox.ts';

export interface BuiltInProfile {
  readonly name: string;
  readonly text: string;
  /** where a person can read it; it need not exist on disk */
  readonly file: string;
}

/** what this machine can do, as far as it is known */
export interface MachineFacts {
  readonly isolations: readonly MachineIsolation[];
  /** controls that the backend which would be chosen cannot enforce */
  readonly missing: readonly MissingControl[];
}

export interface MachineIsolation {
  readonly level: Isolation;
  readonly available: boolean;
  /** why not, one sentence */
  readonly reason?: string;
  /** controls that this level alone cannot enforce */
  readonly missing?: readonly MissingControl[];
}

export interface MissingControl {
  /** a backend's name for it: `memory`, `pids`, `temporary-size` … */
  readonly control: string;
  readonly reason: string;
}

export interface ProfileSources {
  /** Text of a file; undefined where there is none; may reject. */
  readFile(path: string): Promise<string | undefined>;
  /** Names of the files in a folder; empty where there is none. */
  listFolder(path: string): Promise<readonly string[]>;
  /** Absolute path from parts, as `path.resolve`; relative ones start in the folder of whoever asks. */
  resolvePath(...parts: readonly string[]): string;
  /** SHA-256 of UTF-8 text, hex */
  hash(text: string): string;
  readonly builtIns: readonly BuiltInProfile[];
  /** the user's own folders of profiles, first wins */
  readonly userFolders: readonly string[];
  /** hosts by the name a profile gives them, the user's mirrors taken into account */
  readonly hostGroups: HostGroups;
  /** What is known about this machine at once, or undefined: whoever supplies it never makes a reader wait for an engine. */
  machine?(): Promise<MachineFacts | undefined>;
}

/** where a profile was found */
export type ProfileSource = 'built-in' | 'user' | 'workspace' | 'file';

/** a profile's text before anything is understood */
export interface ProfileDocument {
  readonly file: string;
  readonly text: string;
  readonly source: ProfileSource;
}
