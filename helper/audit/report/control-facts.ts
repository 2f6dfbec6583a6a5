/** What a record can say for a control: sentences with counts and numbers of records, or nothing where it does not show it. */
import type { VerifyReport } from '../../protocol/record.ts';
import { countText, durationText, momentText, plural } from './report-words.ts';
import type { EvidenceName, RecordSummary } from '../summary/summary-shape.ts';

export interface ControlFacts {
  readonly summary: RecordSummary;
  readonly verification: VerifyReport;
}

/** one aspect of a control; undefined where the record does not show it */
export type Aspect = (facts: ControlFacts) => string | undefined;

/** `12 program starts were judged (records #4, #5, #9 … #31).` */
export function counted(name: EvidenceName, one: string, many: string): Aspect {
  return ({ summary }) => {
    const { count, sample, last } = summary.evidence[name];
    if (count === 0 || last === undefined) return undefined;
    const rest = count > sample.length ? ` … #${last}` : '';
    return `${plural(count, one, many)} (${count === 1 ? 'record' : 'records'} ${sample.map((seq) => `#${seq}`).join(', ')}${rest}).`;
  };
}

/** Records were made without anybody asking for them, over this time. */
export const automatic: Aspect = ({ summary: { records, firstAt, lastAt, firstSeq, lastSeq } }) =>
  firstAt === undefined || lastAt === undefined
    ? undefined
    : `${plural(records, 'record')}, #${firstSeq ?? 0} to #${lastSeq ?? 0}, written as things happened from ${momentText(firstAt)} to ${momentText(lastAt)}.`;

/** The record is as it was written. */
export const unaltered: Aspect = ({ verification: { valid, status, verified, records } }) =>
  valid
    ? `Verified: status ${status}; of ${plural(records, 'record')}, the seals of ${countText(verified)} were checked with their keys, and all were followed by their digests.`
    : undefined;

/** Somebody else can tell. */
export const anchored: Aspect = ({ verification: { valid, anchored: covered, anchoredAt } }) =>
  valid && covered > 0
    ? `A checkpoint signed with Ed25519${anchoredAt === undefined ? '' : ` of ${momentText(anchoredAt)}`} covers the first ${plural(covered, 'record')}; it is checked with the public key alone.`
    : undefined;

export const actors: Aspect = ({ summary: { actors: top } }) =>
  top.rows.length === 0
    ? undefined
    : `Every record names who acted: ${top.rows.map(({ key, count }) => `${key} ${countText(count)}`).join(', ')}.`;

export const configuration: Aspect = ({ summary: { starts, versions } }) => {
  const start = starts.items.at(-1);
  if (!start) return undefined;
  const of = (label: string): string => start.facts.find(([name]) => name === label)?.[1] ?? 'none';
  const written = versions.rows.map(({ key }) => key).join(', ');
  return `Each start names profile, digest, image and versions; the last (record #${start.seq}): profile ${of('Profile')}, digest ${of('Profile digest (SHA-256)')}, image ${of('Image')}, LASSO ${written}.`;
};

export const times: Aspect = ({ summary: { records, evidence } }) =>
  records === 0
    ? undefined
    : `Every record has wall time in UTC with milliseconds and a monotonic time beside it; ${evidence.clocks.count === 0 ? 'no step of the clock' : plural(evidence.clocks.count, 'step of the clock', 'steps of the clock')} is on record.`;

export const secretsByName: Aspect = ({ summary: { secrets } }) => {
  const used = secrets.uses.rows.filter(({ about }) => about.used > 0);
  return used.length === 0
    ? undefined
    : `Secrets were put into requests outside the sandbox, by name: ${used.map(({ about }) => `${about.secret} for ${about.host} (first in record #${about.firstSeq})`).join(', ')}.`;
};

export const kept: Aspect = ({ summary: { firstAt, lastAt, bytes, files } }) =>
  firstAt === undefined || lastAt === undefined
    ? undefined
    : `The record of ${durationText(Date.parse(lastAt) - Date.parse(firstAt))} is kept: ${plural(files.length, 'file')}, ${countText(bytes)} bytes, back to ${momentText(firstAt)}.`;

export const gapsNamed: Aspect = (facts) => {
  const { gaps, unfinished } = facts.summary.chain;
  const named = plural(gaps.items.length + gaps.left, 'gap or restart', 'gaps and restarts');
  return facts.summary.records === 0 ? undefined : `${named} on record; ${countText(unfinished)} begun without an end on record.`;
};
