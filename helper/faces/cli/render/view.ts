/** What renderers know besides the result they draw. */
import type { Paint } from '../console.ts';

export interface View {
  readonly paint: Paint;
  readonly now: Date;
  /** whether one thing was asked for by name, rather than the list */
  readonly single: boolean;
}
