/** Goes along with a walk and holds the checkpoints against the lines they speak of. */
import type { Anchor } from './anchor-notes.ts';
import type { Findings, Spot } from './findings.ts';

export class AnchorWatch {
  readonly #anchors: readonly Anchor[];
  readonly #findings: Findings;
  readonly #keyed: boolean;
  #next = 0;
  #told = false;
  /** without keys: a checkpoint that does not agree with the line before, which the next line explains */
  #doubt: { readonly spot: Spot; readonly anchor: Anchor } | undefined;
  /** lines up to the newest checkpoint that agrees, before anything wrong */
  anchored = 0;
  anchoredAt: string | undefined;

  /** @param anchors smallest first @param keyed whether macs tell which lines were changed */
  constructor(anchors: readonly Anchor[], findings: Findings, keyed: boolean) {
    this.#anchors = anchors;
    this.#findings = findings;
    this.#keyed = keyed;
  }

  /** The largest; it tells how many lines there were at least. */
  get last(): Anchor | undefined {
    return this.#anchors.at(-1);
  }

  /** Line `seq` was taken, the `count`th of what is there. Tell in ascending order. */
  line(seq: number, digest: string, spot: Spot, count: number): void {
    for (let anchor = this.#anchors[this.#next]; anchor !== undefined && anchor.size <= seq + 1; anchor = this.#anchors[this.#next]) {
      this.#next += 1;
      if (anchor.size < seq + 1) continue;
      if (anchor.digest !== digest) this.#differs(spot, anchor);
      else if (!this.#findings.broken) {
        this.anchored = count;
        this.anchoredAt = anchor.at;
      }
    }
  }

  /** The next line follows the one in doubt, so it was replaced together with what follows; or it does not, and that is told already. */
  nextLine(follows: boolean): void {
    const doubt = this.#doubt;
    this.#doubt = undefined;
    if (doubt && follows) this.#replaced(doubt.spot, doubt.anchor);
    else if (doubt) this.#told = true;
  }

  /** At the very end nothing follows that could tell the difference. */
  end(): void {
    const doubt = this.#doubt;
    this.#doubt = undefined;
    if (doubt && !this.#told) this.#findings.error('edited', doubt.spot, `A checkpoint of ${doubt.anchor.at} names another line here.`);
  }

  #differs(spot: Spot, anchor: Anchor): void {
    if (this.#keyed) this.#replaced(spot, anchor);
    else this.#doubt ??= { spot, anchor };
  }

  #replaced(spot: Spot, { at, size }: Anchor): void {
    if (this.#told) return;
    this.#told = true;
    const message = `A checkpoint of ${at} names another line as number ${size}: the record was replaced by another one, or by an older copy that went on.`;
    this.#findings.error('replaced', spot, message);
  }
}
