/**
 * What a page may ask of the editor. A page that shows hostile text is taken to be hostile itself: whatever is not exactly one
 * of the known questions, within bounds, is nothing. Pure.
 */
import type { PageAsk, PageExport, PageFilter } from '../../helper/protocol/record-page.ts';
import type { RecordOutcome, RecordType } from '../../helper/protocol/record.ts';
import { isRecord } from '../failure.ts';

/** rows a page may ask for at once */
const rowLimit = 1000;
/** longest text that is searched for, in UTF-16 units */
const textLimit = 1000;
/** no record has as many rows */
const numberLimit = 1e12;

const types = {
  chain: true,
  lifecycle: true,
  command: true,
  terminal: true,
  violation: true,
  gap: true,
  file: true,
  network: true,
  secret: true,
  approval: true,
  policy: true,
} as const satisfies Readonly<Record<RecordType, true>>;
const outcomes = { intent: true, success: true, error: true, blocked: true, unknown: true } as const satisfies Readonly<
  Record<RecordOutcome, true>
>;
const formats = { csv: true, json: true, jsonl: true, ocsf: true, report: true } as const satisfies Readonly<Record<PageExport, true>>;

export function askOf(value: unknown): PageAsk | undefined {
  if (!isRecord(value)) return undefined;
  const { kind } = value;
  if (kind === 'ready' || kind === 'overview' || kind === 'verify') return { kind };
  if (kind === 'find') {
    const problem = count(value['problem']);
    return problem === undefined ? undefined : { kind, problem };
  }
  const filter = filterOf(value['filter']);
  if (filter === undefined) return undefined;
  const { format } = value;
  if (kind === 'export') return isIn(formats, format) ? { kind, filter, format } : undefined;
  const [ask, row] = [count(value['ask']), count(value['row'])];
  if (kind === 'rule' || kind === 'copy') return row === undefined ? undefined : { kind, filter, row };
  if (kind === 'details') return ask === undefined || row === undefined ? undefined : { kind, ask, filter, row };
  if (kind !== 'rows' || ask === undefined) return undefined;
  const [from, limit] = [value['from'], count(value['limit'])];
  if (!isWhole(from) || limit === undefined || limit > rowLimit) return undefined;
  return { kind, ask, filter, from, limit };
}

/** A filter as a page keeps it, also over a reload of the window. */
function filterOf(value: unknown): PageFilter | undefined {
  if (!isRecord(value)) return undefined;
  const { since, until, text, types: type, outcomes: outcome } = value;
  if (!Array.isArray(type) || !Array.isArray(outcome) || type.length > 20 || outcome.length > 20) return undefined;
  const [wantedTypes, wantedOutcomes] = [type.filter((each) => isIn(types, each)), outcome.filter((each) => isIn(outcomes, each))];
  if (wantedTypes.length !== type.length || wantedOutcomes.length !== outcome.length) return undefined;
  if (!isMoment(since) || !isMoment(until)) return undefined;
  if (text !== undefined && (typeof text !== 'string' || text.length > textLimit)) return undefined;
  return {
    types: wantedTypes,
    outcomes: wantedOutcomes,
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(text === undefined || text === '' ? {} : { text }),
  };
}

/** Which record a page that is restored showed. */
export function sandboxOf(state: unknown): string | undefined {
  const sandbox = isRecord(state) ? state['sandbox'] : undefined;
  return typeof sandbox === 'string' && /^[a-z0-9][a-z0-9-]{0,63}$/.test(sandbox) ? sandbox : undefined;
}

const isIn = <K extends string>(table: Readonly<Record<K, true>>, value: unknown): value is K =>
  typeof value === 'string' && Object.hasOwn(table, value);

const isMoment = (value: unknown): value is string | undefined =>
  value === undefined || (typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,3})?Z$/.test(value));

const isWhole = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && Math.abs(value) <= numberLimit;

const count = (value: unknown): number | undefined => (isWhole(value) && value >= 0 ? value : undefined);
