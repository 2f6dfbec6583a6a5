/** A use of a program that is refused by what its arguments look like; how the tables of such uses are written. */
import type { Forbidding } from '../consequence.ts';

export interface Danger {
  /** separated by spaces */
  readonly names: string;
  readonly when: RegExp;
  readonly stage: Exclude<Forbidding, 'workspace-only'>;
  /** what it does, continuing “It …” */
  readonly does: string;
  readonly source: string;
}
