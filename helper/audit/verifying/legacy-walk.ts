/** A record of LASSO 1.x, one file of one process: signatures follow each other, and that is all there is to verify. */
import type { KeyObject } from 'node:crypto';
import { genesis } from '../form/chain.ts';
import type { Findings } from './findings.ts';
import { checkLegacyLine } from '../form/legacy.ts';
import type { Line } from '../form/lines.ts';

export class LegacyWalk {
  readonly #file: string;
  readonly #key: KeyObject | null;
  readonly #findings: Findings;
  #prev = genesis;
  #line = 0;
  records = 0;
  fitting = 0;
  misfits = 0;
  sandbox: string | undefined;
  firstAt: string | undefined;

  constructor(file: string, key: KeyObject | null, findings: Findings) {
    this.#file = file;
    this.#key = key;
    this.#findings = findings;
  }

  /** what the next line is chained to */
  get head(): string {
    return this.#prev;
  }

  take({ bytes, ended }: Line): void {
    this.#line += 1;
    const spot = { file: this.#file, line: this.#line };
    if (!ended) return this.#findings.error('torn-tail', spot, 'The last line has no end: a crash or a full disk tore it off.');
    this.records += 1;
    const found = bytes === undefined ? undefined : checkLegacyLine(bytes, this.#key, this.#prev);
    if (found === undefined || found.kind === 'malformed')
      return this.#findings.error('malformed', spot, 'The line is not a record of LASSO 1.x.');
    this.#prev = found.mac;
    if (found.kind === 'edited') {
      this.misfits += 1;
      const message = 'The signature does not fit: this line was changed, or lines before it were removed, inserted or moved.';
      return this.#findings.error('edited', spot, message);
    }
    this.sandbox ??= found.sandbox;
    if (found.sandbox !== this.sandbox)
      return this.#findings.error('foreign', spot, `The line belongs to sandbox ${found.sandbox}, not to ${this.sandbox}.`);
    this.fitting += 1;
    this.firstAt ??= found.ts;
    this.#findings.since = found.ts;
  }
}
