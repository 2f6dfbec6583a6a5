/**
 * Answers what an audit page asks, about one record and nothing else. Of each kind of question one is out at a time and only
 * the newest waits, so that a page gone wild asks the helper no more than one that is scrolled. It knows nothing of VS Code.
 */
import path from 'node:path';
import type { PageAsk, PageExport, PageFilter, PageNews } from '../../helper/protocol/record-page.ts';
import type { RecordFilter, RecordView } from '../../helper/protocol/record-operations.ts';
import type { HelperOperationName, OperationInput, OperationResult } from '../../helper/protocol/operations.ts';
import type { VerifyReport } from '../../helper/protocol/record.ts';
import { Failure, failureOf } from '../failure.ts';
import { visible } from '../visible.ts';
import { askOf } from './asks.ts';
import { detailsOf, originOf, rowOf } from './display.ts';
import { rowAt } from './place.ts';
import { problemsOf, proofOf, reportOf } from './proof.ts';

export interface Outside {
  request<N extends HelperOperationName>(name: N, params: OperationInput<N>): Promise<OperationResult<N>>;
  post(news: PageNews): void;
  /** what the sandbox is called, as far as is known yet */
  name(): string;
  /** the sandbox is called so now */
  named(name: string): void;
  openRule(origin: string): Promise<unknown>;
  copy(text: string): Thenable<void>;
  save(format: PageExport, filter: RecordFilter): Promise<void>;
  /** what a person wanted failed */
  failed(error: unknown): void;
}

/** bars of the timeline */
const bars = 120;

type Kind = PageAsk['kind'];

export class Conversation {
  readonly #sandbox: string;
  readonly #outside: Outside;
  readonly #out = new Set<Kind>();
  readonly #waiting = new Map<Kind, PageAsk>();
  #report: VerifyReport | undefined;
  #over = false;

  constructor(sandbox: string, outside: Outside) {
    this.#sandbox = sandbox;
    this.#outside = outside;
  }

  /** Takes whatever a page sent. */
  take(message: unknown): void {
    const ask = askOf(message);
    if (ask === undefined || this.#over) return;
    if (this.#out.has(ask.kind)) this.#waiting.set(ask.kind, ask);
    else void this.#answer(ask);
  }

  post(news: PageNews): void {
    if (!this.#over) this.#outside.post(news);
  }

  dispose(): void {
    this.#over = true;
    this.#waiting.clear();
  }

  async #answer(ask: PageAsk): Promise<void> {
    this.#out.add(ask.kind);
    try {
      const news = await this.#newsFor(ask);
      if (news) this.post(news);
    } catch (error) {
      this.#tell(ask, error);
    }
    this.#out.delete(ask.kind);
    const next = this.#waiting.get(ask.kind);
    this.#waiting.delete(ask.kind);
    if (next && !this.#over) await this.#answer(next);
  }

  #tell(ask: PageAsk, error: unknown): void {
    if (this.#over) return;
    if (ask.kind === 'rule' || ask.kind === 'copy' || ask.kind === 'export') return this.#outside.failed(error);
    const { message, hint } = failureOf(error);
    this.post({ kind: 'failed', what: ask.kind, ask: 'ask' in ask ? ask.ask : 0, message: visible(message), hint: visible(hint) });
  }

  async #newsFor(ask: PageAsk): Promise<PageNews | undefined> {
    switch (ask.kind) {
      case 'ready':
        return { kind: 'named', name: this.#outside.name() };
      case 'rows': {
        const { rows, total, complete, records } = await this.#rows(ask.filter, ask.from, ask.limit);
        return { kind: 'rows', ask: ask.ask, rows: rows.map((each) => rowOf(each.row, each)), total, complete, records };
      }
      case 'details':
        return { kind: 'details', ask: ask.ask, details: detailsOf(ask.row, await this.#row(ask.filter, ask.row)) };
      case 'overview':
        return this.#overview();
      case 'verify':
        return this.#verify();
      case 'find':
        return this.#find(ask.problem);
      case 'rule': {
        const origin = originOf((await this.#row(ask.filter, ask.row)).text);
        if (origin !== undefined) await this.#outside.openRule(origin);
        return undefined;
      }
      case 'copy':
        await this.#outside.copy((await this.#row(ask.filter, ask.row)).text);
        return undefined;
      case 'export':
        await this.#outside.save(ask.format, filterOf(ask.filter));
        return undefined;
    }
  }

  #rows(filter: PageFilter, from: number, limit: number): Promise<OperationResult<'auditRows'>> {
    return this.#outside.request('auditRows', { sandbox: this.#sandbox, filter: filterOf(filter), from, limit });
  }

  /** @throws Failure when it is not there any more */
  async #row(filter: PageFilter, row: number): Promise<RecordView> {
    const [found] = (await this.#rows(filter, row, 1)).rows;
    if (found === undefined) throw new Failure('This record is not there any more.', { hint: 'Show it anew.' });
    return found;
  }

  async #overview(): Promise<PageNews> {
    const found = await this.#outside.request('auditOverview', { sandbox: this.#sandbox, bars });
    const name = visible(found.name ?? this.#sandbox);
    this.#outside.named(name);
    const { sandbox, records, bytes, files, firstAt = '', lastAt = '', types, outcomes } = found;
    const times = { firstAt: visible(firstAt), lastAt: visible(lastAt) };
    const overview = { name, sandbox, exists: found.name !== undefined, records, bytes, files: files.length, ...times, types, outcomes };
    return { kind: 'overview', overview: { ...overview, bars: found.bars } };
  }

  async #verify(): Promise<PageNews> {
    const started = performance.now();
    const result = await this.#outside.request('auditVerify', { target: this.#sandbox });
    this.#report = reportOf(result, this.#sandbox);
    return { kind: 'proof', proof: this.#report && proofOf(this.#report, performance.now() - started) };
  }

  async #find(number: number): Promise<PageNews | undefined> {
    const report = this.#report;
    const problem = report && problemsOf(report)[number];
    if (problem === undefined) return undefined;
    const whole = { types: [], outcomes: [] };
    const { total } = await this.#rows(whole, 0, 0);
    const { line, seq } = problem;
    if (line === undefined) return { kind: 'found', row: Math.min(seq ?? 0, Math.max(0, total - 1)) };
    const at = async (row: number) => {
      const [found] = (await this.#rows(whole, row, 1)).rows;
      return found && { file: path.basename(found.file), line: found.line };
    };
    const files = report?.files.map((file) => path.basename(file)) ?? [];
    const row = await rowAt({ file: path.basename(problem.file), line }, files, total, at);
    return row === undefined ? undefined : { kind: 'found', row };
  }
}

function filterOf({ types, outcomes, since, until, text }: PageFilter): RecordFilter {
  return {
    type: [...types],
    outcome: [...outcomes],
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(text === undefined ? {} : { text }),
  };
}
