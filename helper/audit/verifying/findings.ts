/**
 * What a verification found, told in bounded space: the same thing line after line is one entry, and beyond a hundred entries the
 * rest is counted. How bad it is takes every one into account, listed or not.
 */
import type { VerifyProblem } from '../../protocol/record.ts';
import { worstStatus, type VerifyStatus } from '../../protocol/verify-status.ts';

/** where something was found */
export interface Spot {
  readonly file: string;
  /** 1-based, in its file */
  readonly line?: number;
  /** number of the record */
  readonly seq?: number;
  /** time of the last record that stands before it, where that is not the one told last */
  readonly since?: string | undefined;
}

type Code = VerifyProblem['code'];

/** what each problem makes of the whole; notes make nothing of it */
const meaning: Readonly<Record<Code, VerifyStatus>> = {
  edited: 'tampered',
  order: 'tampered',
  sequence: 'tampered',
  epoch: 'tampered',
  version: 'tampered',
  malformed: 'tampered',
  foreign: 'tampered',
  rotation: 'tampered',
  checkpoint: 'tampered',
  replaced: 'truncated',
  truncated: 'truncated',
  missing: 'truncated',
  'no-key': 'no-key',
  empty: 'no-key',
  'torn-tail': 'torn',
  unfinished: 'intact',
  gap: 'intact',
  clock: 'intact',
  removed: 'intact',
};

const listLimit = 100;

interface Entry {
  readonly problem: VerifyProblem;
  /** lines right after it with the same problem */
  more: number;
}

export class Findings {
  readonly #errors: Entry[] = [];
  readonly #notes: VerifyProblem[] = [];
  readonly #statuses = new Set<VerifyStatus>();
  #count = 0;
  #unlistedErrors = 0;
  #unlistedNotes = 0;
  #unlistedCode: Code = 'edited';
  /** time of the last record that stands */
  since: string | undefined;

  /** whether something was changed, removed or replaced; a key that is not there or a torn end breaks nothing before it */
  get broken(): boolean {
    return this.#statuses.has('tampered') || this.#statuses.has('truncated');
  }

  /** problems so far, listed or not */
  get count(): number {
    return this.#count;
  }

  /** the worst that was found; undefined for nothing but notes */
  get worst(): VerifyStatus | undefined {
    return worstStatus(this.#statuses);
  }

  error(code: Code, spot: Spot, message: string): void {
    this.#statuses.add(meaning[code]);
    this.#count += 1;
    const last = this.#errors.at(-1);
    if (last?.problem.code === code && last.problem.file === spot.file && follows(last, spot)) {
      last.more += 1;
      return;
    }
    if (this.#errors.length < listLimit) {
      this.#errors.push({ problem: this.#problem(code, 'error', spot, message), more: 0 });
      return;
    }
    this.#unlistedErrors += 1;
    this.#unlistedCode = code;
  }

  note(code: Code, spot: Spot, message: string): void {
    if (this.#notes.length < listLimit) this.#notes.push(this.#problem(code, 'note', spot, message));
    else this.#unlistedNotes += 1;
  }

  /** Errors first, each kind in the order of the record. */
  all(file: string): readonly VerifyProblem[] {
    const errors = this.#errors.map(({ problem, more }) =>
      more === 0 ? problem : { ...problem, message: `${problem.message} So it is with ${more} more right after it.` },
    );
    return [
      ...errors,
      ...rest(this.#unlistedErrors, this.#unlistedCode, 'error', file),
      ...this.#notes,
      ...rest(this.#unlistedNotes, 'unfinished', 'note', file),
    ];
  }

  #problem(code: Code, level: VerifyProblem['level'], spot: Spot, message: string): VerifyProblem {
    const { file, line, seq } = spot;
    const since = 'since' in spot ? spot.since : this.since;
    return {
      ...{ code, level, file, message },
      ...(line === undefined ? {} : { line }),
      ...(seq === undefined ? {} : { seq }),
      ...(since === undefined ? {} : { since }),
    };
  }
}

function follows({ problem, more }: Entry, { line }: Spot): boolean {
  return problem.line !== undefined && line === problem.line + more + 1;
}

function rest(count: number, code: Code, level: VerifyProblem['level'], file: string): readonly VerifyProblem[] {
  return count === 0 ? [] : [{ code, level, file, message: `${count} more like these are not listed.` }];
}
