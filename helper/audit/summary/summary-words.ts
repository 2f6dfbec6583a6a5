/** Who did something, in words. */
import type { Seen } from './summary-line.ts';

/** `agent (guest)`, `user alice (cli)` */
export function whoOf({ actor: { kind, face, user } }: Seen): string {
  return `${kind}${user === undefined ? '' : ` ${user}`} (${face})`;
}
