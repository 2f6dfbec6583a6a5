/** What verification found, in a person's words: which part of a record is proven, by what, and what is wrong where. Pure. */
import type { OperationResult } from '../../helper/protocol/operations.ts';
import type { PageProblem, PageProof } from '../../helper/protocol/record-page.ts';
import type { VerifyProblem, VerifyReport, VerifyStatus } from '../../helper/protocol/record.ts';
import { visible } from '../visible.ts';
import { timeOf } from './display.ts';

/** problems that are shown one by one */
const problemLimit = 200;

const levels: Readonly<Record<VerifyStatus, PageProof['level']>> = {
  tampered: 'broken',
  truncated: 'broken',
  'no-key': 'partly',
  torn: 'partly',
  unanchored: 'partly',
  intact: 'proven',
};
const titles: Readonly<Record<VerifyStatus, string>> = {
  tampered: 'Not valid: this record was changed',
  truncated: 'Not valid: part of this record is missing',
  'no-key': 'Not proven: no key that is here fits',
  torn: 'Valid up to its last line, which a crash cut off',
  unanchored: 'Unbroken, but no checkpoint covers it yet',
  intact: 'Intact',
};

export function proofOf(report: VerifyReport, tookMs: number): PageProof {
  const shown = problemsOf(report).map(problemOf);
  return {
    level: levels[report.status],
    title: titles[report.status],
    parts: [keys(report), checkpoints(report), span(report)].filter((part) => part !== ''),
    problems: shown,
    records: report.records,
    tookMs,
  };
}

/** The report about one sandbox; undefined where there is none. */
export const reportOf = ({ reports }: OperationResult<'auditVerify'>, sandbox: string): VerifyReport | undefined =>
  reports.find((report) => report.sandbox === sandbox) ?? reports.find((report) => report.sandbox === undefined);

/** Those that are shown, errors first, in the order of the page's numbers. */
export const problemsOf = ({ problems }: VerifyReport): readonly VerifyProblem[] =>
  [...problems.filter(({ level }) => level === 'error'), ...problems.filter(({ level }) => level === 'note')].slice(0, problemLimit);

function keys({ records, verified }: VerifyReport): string {
  if (records === 0) return 'The record is empty.';
  if (verified === 0) return `By keys: none of ${number(records)} records; without the first key only checkpoints prove anything.`;
  const all = verified === records ? `all ${number(records)} records` : `${number(verified)} of ${number(records)} records`;
  return `By keys: ${all}.`;
}

function checkpoints({ records, anchored, anchoredAt }: VerifyReport): string {
  if (records === 0) return '';
  if (anchored === 0) return 'By checkpoints: none yet; a cut tail would not show.';
  const when = anchoredAt === undefined ? '' : `, signed ${timeOf(anchoredAt)} UTC`;
  if (anchored >= records) return `By checkpoints: all of it${when}.`;
  const newer = records - anchored;
  return `By checkpoints: the first ${number(anchored)}${when}; ${number(newer)} ${newer === 1 ? 'is' : 'are'} newer.`;
}

const span = ({ firstAt, lastAt }: VerifyReport): string =>
  firstAt === undefined ? '' : `${timeOf(firstAt)} to ${timeOf(lastAt ?? firstAt)} UTC.`;

function problemOf({ level, code, file, line, seq, since, message }: VerifyProblem): PageProblem {
  const name = visible(file.split(/[\\/]/).at(-1) ?? '');
  const place = [
    ...(seq === undefined ? [] : [`record ${seq}`]),
    line === undefined ? name : `${name}, line ${line}`,
    ...(since === undefined ? [] : [`after ${timeOf(visible(since))} UTC`]),
  ];
  return {
    error: level === 'error',
    text: `${code}: ${visible(message)}`,
    place: place.filter((part) => part !== '').join(', '),
    shows: line !== undefined || seq !== undefined,
  };
}

const number = (value: number): string => value.toLocaleString('en-GB');
