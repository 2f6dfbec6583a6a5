/** The state of a verification under way: which line the chain expects next, and what was found wrong so far. */
import type { KeyObject } from 'node:crypto';
import type { VerifyProblem, VerifyReport } from '../protocol/record.ts';
import { genesis } from './chain.ts';
import { checkLegacyLine, isLegacy } from './legacy.ts';
import { checkLine, type CheckedLine } from './line.ts';
import type { Line } from './lines.ts';

/** an intent nobody wrote the outcome of */
export interface OpenIntent {
  readonly seq: number;
  /** 1-based */
  readonly line: number;
  readonly type: string;
}

/** problems told one by one; the rest are counted */
const problemLimit = 100;
/** intents kept in memory */
const intentLimit = 10_000;

export class ChainWalk {
  readonly #file: string;
  readonly #key: KeyObject | null;
  readonly #problems: VerifyProblem[] = [];
  readonly #intents = new Map<number, OpenIntent>();
  #sandbox: string | undefined;
  #legacy = false;
  #line = 0;
  #records = 0;
  #verified = 0;
  #unknownMacs = 0;
  #unlisted = 0;
  #seq = 0;
  #prev = genesis;
  #head: string | undefined;
  #firstAt: string | undefined;
  #lastAt: string | undefined;

  constructor(file: string, key: KeyObject | null, sandbox: string | undefined) {
    this.#file = file;
    this.#key = key;
    this.#sandbox = sandbox;
  }

  take(line: Line): void {
    this.#line += 1;
    if (!line.ended) {
      this.#problem('torn-tail', 'The last line has no end: a crash or a full disk tore it off.');
      return;
    }
    this.#records += 1;
    if (line.bytes === undefined) {
      this.#problem('malformed', 'line is too long');
      return;
    }
    if (this.#line === 1) this.#legacy = isLegacy(line.bytes);
    if (this.#legacy) this.#takeLegacy(line.bytes);
    else this.#takeRecord(checkLine(line.bytes, this.#key));
  }

  intents(): readonly OpenIntent[] {
    return [...this.#intents.values()];
  }

  report(): VerifyReport {
    // Not one mac fits: more likely the wrong key than a file of nothing but edits, and never "valid".
    const wrongKey = this.#records > 0 && this.#unknownMacs === this.#records;
    const problems = wrongKey ? this.#problems.filter((problem) => problem.code !== 'edited') : [...this.#problems];
    if (wrongKey) problems.unshift(this.#entry('no-key', 'No line fits this key: it is another key, or every line was rewritten.'));
    if (this.#key === null) problems.unshift(this.#entry('no-key', 'There is no key, so no line can be verified.'));
    if (this.#unlisted > 0) problems.push(this.#entry('edited', `${this.#unlisted} more problems are not listed.`));
    const broken = problems.length > 0;
    for (const intent of this.intents().slice(0, problemLimit)) {
      const message = `What this ${intent.type} record announced has no outcome: unknown, or still under way.`;
      problems.push({ code: 'unfinished', file: this.#file, line: intent.line, message });
    }
    return {
      valid: !broken && this.#records > 0,
      files: [this.#file],
      records: this.#records,
      verified: this.#verified,
      problems,
      ...(this.#sandbox === undefined ? {} : { sandbox: this.#sandbox }),
      ...(this.#head === undefined ? {} : { head: this.#head }),
      ...(this.#firstAt === undefined ? {} : { firstAt: this.#firstAt }),
      ...(this.#lastAt === undefined ? {} : { lastAt: this.#lastAt }),
    };
  }

  #takeRecord(found: CheckedLine): void {
    if (found.kind === 'malformed') {
      this.#problem('malformed', found.reason);
      return;
    }
    if (found.kind === 'edited') {
      // Its own mac is what the next line was chained to, so one edit is one problem.
      this.#unknownMacs += 1;
      this.#problem('edited', found.reason);
      this.#prev = found.mac;
      this.#seq += 1;
      return;
    }
    let sound = this.#ofSandbox(found.sandbox);
    if (found.prev !== this.#prev) {
      this.#problem('order', 'line does not follow the one before it: something was removed, inserted, repeated or moved here');
      sound = false;
    } else if (found.seq !== this.#seq) {
      this.#problem('sequence', `record ${found.seq} stands where record ${this.#seq} belongs`);
      sound = false;
    }
    this.#prev = found.mac;
    this.#seq = found.seq + 1;
    if (found.intent === 'opens' && this.#intents.size < intentLimit)
      this.#intents.set(found.seq, { seq: found.seq, line: this.#line, type: found.type });
    else if (typeof found.intent === 'number') this.#intents.delete(found.intent);
    if (sound) this.#accept(found.mac, found.ts);
  }

  #takeLegacy(bytes: Buffer): void {
    const found = checkLegacyLine(bytes, this.#key, this.#prev);
    if (found.kind === 'malformed') {
      this.#problem('malformed', 'line is not a record of LASSO 1.x');
      return;
    }
    this.#prev = found.mac;
    if (found.kind === 'edited') {
      this.#unknownMacs += 1;
      this.#problem('edited', 'signature does not fit: this line was edited, or lines before it were removed, inserted or moved');
    } else if (this.#ofSandbox(found.sandbox)) this.#accept(found.mac, found.ts);
  }

  #ofSandbox(sandbox: string): boolean {
    this.#sandbox ??= sandbox;
    if (sandbox === this.#sandbox) return true;
    this.#problem('foreign', `line belongs to sandbox ${sandbox}, not to ${this.#sandbox}`);
    return false;
  }

  #accept(mac: string, ts: string): void {
    if (this.#key === null) return;
    this.#verified += 1;
    this.#head = mac;
    this.#firstAt ??= ts;
    this.#lastAt = ts;
  }

  #problem(code: VerifyProblem['code'], message: string): void {
    if (this.#problems.length < problemLimit) this.#problems.push({ ...this.#entry(code, message), line: this.#line });
    else this.#unlisted += 1;
  }

  #entry(code: VerifyProblem['code'], message: string): VerifyProblem {
    return { code, file: this.#file, message };
  }
}
