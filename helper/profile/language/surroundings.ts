/** What completion knows of the machine around a profile. Names only, never a value. */
import type { ProfileSource } from '../sources.ts';

export interface NamedProfile {
  readonly name: string;
  readonly description: string;
  readonly source: ProfileSource;
  readonly file: string;
}

export interface Surroundings {
  /** every profile that has a name, in order of lookup */
  profiles(): Promise<readonly NamedProfile[]>;
  /** names of environment variables of the host, those of secrets first */
  variables(): readonly string[];
}
