/** What renderers know besides the result they draw. */
import type { Paint } from '../console.ts';

export interface View {
  readonly paint: Paint;
  readonly now: Date;
  /** whether one thing was asked for by name, rather than the list */
  readonly single: boolean;
  /** what was asked for, by parameter */
  readonly asked: Readonly<Record<string, unknown>>;
  /** whether a person sees it at once; bytes that go elsewhere are left as they are */
  readonly terminal: boolean;
}
