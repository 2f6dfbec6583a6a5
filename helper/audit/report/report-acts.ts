/** The part of a report about what was done and tried: blocked things, commands, programs, hosts, secrets, files, limits, guards. */
import type { Chart, Section, Table } from './report-shape.ts';
import { bytesText, countText, durationText, timeText } from './report-words.ts';
import type { Noted, RecordSummary } from '../summary/summary-shape.ts';
import type { Top } from '../summary/tally.ts';

export function actSections(summary: RecordSummary): readonly Section[] {
  return [
    timeline(summary),
    blocked(summary),
    commands(summary),
    programs(summary),
    hosts(summary),
    noted('names', 'Names refused', 'Names that were asked for and not answered.', summary.network.names, 'Name'),
    forwards(summary),
    secrets(summary),
    noted('files', 'Files changed', 'As far as changes are on record.', summary.filesChanged.rows, 'File', 'What became of it'),
    noted('limits', 'Limits hit', '', summary.limits, 'What'),
    noted('guards', 'Caught by the guards', 'Attempts to go round the rules, and what passed LASSO by.', summary.guard, 'What'),
  ];
}

function timeline({ bars, barMs, records }: RecordSummary): Section {
  return {
    id: 'timeline',
    title: 'Timeline',
    intro: `Records over time, ${durationText(barMs)} a bar; what was blocked stands out.`,
    ...(records === 0 ? {} : { chart: { kind: 'timeline', title: 'Records over time', bars, barMs } }),
    tables: [],
  };
}

const kindWords = {
  command: 'Command',
  connection: 'Connection',
  name: 'Name',
  secret: 'Secret',
  file: 'File',
  guard: 'Guard',
} as const;

function blocked({ blocked: { rows } }: RecordSummary): Section {
  return {
    id: 'blocked',
    title: 'Blocked, and why',
    intro: 'Alike refusals are one row; the text is that of the first.',
    tables: [
      {
        caption: 'Blocked',
        columns: [
          { title: 'Kind' },
          { title: 'What', kind: 'code' },
          { title: 'Reason' },
          { title: 'Rule', kind: 'code' },
          { title: 'Count', kind: 'number' },
          { title: 'When', kind: 'time' },
          { title: 'Record', kind: 'number' },
        ],
        rows: rows.rows.map(({ count, about }) => [
          kindWords[about.kind],
          about.what,
          about.reason,
          about.origin === '' ? about.rule : `${about.rule} (${about.origin})`,
          countText(count),
          whenText(about),
          `#${about.firstSeq}`,
        ]),
        ...moreOf(rows),
      },
    ],
  };
}

function commands({ commands: { ran, exits, durationMs } }: RecordSummary): Section {
  return {
    id: 'commands',
    title: 'Commands asked for',
    intro: durationMs === 0 ? '' : `They ran for ${durationText(durationMs)} in all.`,
    tables: [
      {
        caption: 'Commands',
        columns: [
          { title: 'Command', kind: 'code' },
          ...['Times', 'Exit 0', 'Other exit', 'Blocked'].map((title) => ({ title, kind: 'number' as const })),
          { title: 'Longest', kind: 'number' },
        ],
        rows: ran.rows.map(({ key, count, about }) => [
          key,
          ...[count, about.succeeded, about.failed + about.unknown, about.blocked].map(countText),
          about.succeeded + about.failed + about.unknown === 0 ? '' : durationText(about.longestMs),
        ]),
        ...moreOf(ran),
      },
      {
        caption: 'Exit codes',
        columns: [{ title: 'Exit code' }, { title: 'Times', kind: 'number' }],
        rows: exits.rows.map(({ key, count }) => [key, countText(count)]),
        ...moreOf(exits),
      },
    ],
  };
}

function programs({ commands: { programs: uses } }: RecordSummary): Section {
  const rows = uses.rows.slice(0, 12).map(({ key, about }) => ({ label: key, allowed: about.started, blocked: about.blocked }));
  return {
    id: 'programs',
    title: 'Programs started inside',
    intro: 'Each start of a program that LASSO was asked about.',
    ...chartOf('Program starts', ['started', 'blocked'], rows),
    tables: [
      {
        caption: 'Programs',
        columns: [
          { title: 'Program', kind: 'code' },
          { title: 'Started', kind: 'number' },
          { title: 'Blocked', kind: 'number' },
        ],
        rows: uses.rows.map(({ key, about }) => [key, countText(about.started), countText(about.blocked)]),
        ...moreOf(uses),
      },
    ],
  };
}

function hosts({ network: { hosts: uses } }: RecordSummary): Section {
  const rows = uses.rows.slice(0, 12).map(({ key, about }) => ({ label: key, allowed: about.allowed, blocked: about.blocked }));
  return {
    id: 'hosts',
    title: 'Hosts',
    intro: 'Connections and requests, by host.',
    ...chartOf('Connections and requests by host', ['allowed', 'refused'], rows),
    tables: [
      {
        caption: 'Hosts',
        columns: [
          { title: 'Host', kind: 'code' },
          { title: 'Ports' },
          { title: 'Allowed', kind: 'number' },
          { title: 'Refused', kind: 'number' },
          { title: 'Failed', kind: 'number' },
          { title: 'Methods' },
          { title: 'Sent', kind: 'number' },
          { title: 'Received', kind: 'number' },
          { title: 'Programs', kind: 'code' },
        ],
        rows: uses.rows.map(({ key, about }) => [
          key,
          [...about.ports].join(', '),
          ...[about.allowed, about.blocked, about.failed].map(countText),
          [...about.methods].map(([method, count]) => `${method} ${countText(count)}`).join(', '),
          bytesText(about.bytesUp),
          bytesText(about.bytesDown),
          [...about.programs].join(', '),
        ]),
        ...moreOf(uses),
      },
    ],
  };
}

function forwards({ network }: RecordSummary): Section {
  return {
    id: 'forwards',
    title: 'Ports reached from this machine',
    intro: '',
    tables: [
      {
        caption: 'Ports',
        columns: [{ title: 'Port' }, { title: 'Connections', kind: 'number' }],
        rows: network.forwards.rows.map(({ key, count }) => [key, countText(count)]),
        ...moreOf(network.forwards),
      },
    ],
  };
}

function secrets({ secrets: { given, uses, redacted } }: RecordSummary): Section {
  const had = given.length === 0 ? '' : `The sandbox could use: ${given.join(', ')}. `;
  const taken = redacted === 0 ? '' : `Values were taken out of answers ${countText(redacted)} times.`;
  return {
    id: 'secrets',
    title: 'Secrets used',
    intro: `By name; values are nowhere on record. ${had}${taken}`.trim(),
    tables: [
      {
        caption: 'Secrets',
        columns: [
          { title: 'Secret' },
          { title: 'Host', kind: 'code' },
          ...['Used', 'Not to be had', 'Refused'].map((title) => ({ title, kind: 'number' as const })),
          { title: 'When', kind: 'time' },
        ],
        rows: uses.rows.map(({ about }) => [
          about.secret,
          about.host,
          ...[about.used, about.failed, about.refused].map(countText),
          whenText(about),
        ]),
        ...moreOf(uses),
      },
    ],
  };
}

function noted(id: string, title: string, intro: string, top: Top<Noted>, what: string, why = 'Reason'): Section {
  return {
    id,
    title,
    intro,
    tables: [
      {
        caption: title,
        columns: [
          { title: what, kind: 'code' },
          { title: why },
          { title: 'Count', kind: 'number' },
          { title: 'When', kind: 'time' },
          { title: 'Record', kind: 'number' },
        ],
        rows: top.rows.map(({ count, about }) => [about.what, about.why, countText(count), whenText(about), `#${about.firstSeq}`]),
        ...moreOf(top),
      },
    ],
  };
}

function chartOf(
  title: string,
  parts: readonly [string, string],
  rows: Extract<Chart, { kind: 'bars' }>['rows'],
): { readonly chart?: Chart } {
  return rows.length < 2 ? {} : { chart: { kind: 'bars', title, parts, rows } };
}

/** What a table does not list, in words. */
function moreOf({ more, dropped }: Pick<Top<unknown>, 'more' | 'dropped'>): Pick<Table, 'more'> {
  if (more === 0) return {};
  const said = `${countText(more)} more, less frequent, ${more === 1 ? 'is' : 'are'} not listed`;
  return { more: dropped === 0 ? `${said}.` : `${said}; there were too many kinds to count each, so counts are at least what they say.` };
}

/** The first time and the last, in one column. */
function whenText({ firstAt, lastAt }: { readonly firstAt: string; readonly lastAt: string }): string {
  const [first, last] = [timeText(firstAt), timeText(lastAt)];
  return first === last ? first : `${first} to ${last}`;
}
