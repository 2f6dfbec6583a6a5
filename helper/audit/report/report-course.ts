/** The part of a report about how it went: what was in force, policy, people, starts and ends, gaps, and the verification itself. */
import type { VerifyReport } from '../../protocol/record.ts';
import type { Section, Table } from './report-shape.ts';
import { countText, durationText, momentText, plural, timeText } from './report-words.ts';
import type { Ends, RecordSummary, Step } from '../summary/summary-shape.ts';

const problemLimit = 50;

export function courseSections(summary: RecordSummary, verification: VerifyReport): readonly Section[] {
  return [
    approvals(summary),
    steps('policy', 'Changes of mode and policy', '', summary.policies, 'Change'),
    inForce(summary),
    steps('course', 'Starts and ends', '', summary.course, 'What'),
    steps(
      'gaps',
      'Gaps and restarts',
      'Times in which LASSO did not see everything, and what was done about them.',
      summary.chain.gaps,
      'What',
    ),
    people(summary),
    proof(summary, verification),
  ];
}

function approvals({ approvals: { rows, open } }: RecordSummary): Section {
  return {
    id: 'approvals',
    title: 'Questions to people',
    intro: open === 0 ? '' : `${plural(open, 'question')} had no answer yet.`,
    tables: [
      {
        caption: 'Questions',
        columns: [
          { title: 'Asked', kind: 'time' },
          { title: 'What', kind: 'code' },
          { title: 'Why' },
          { title: 'Answer' },
          { title: 'Who answered' },
          { title: 'After', kind: 'number' },
          { title: 'Record', kind: 'number' },
        ],
        rows: rows.items.map(({ at, what, why, answer, by, waitedMs, seq }) => [
          timeText(at),
          what,
          why,
          answer,
          by,
          waitedMs === undefined ? '' : durationText(waitedMs),
          `#${seq}`,
        ]),
        ...leftOf(rows),
      },
    ],
  };
}

function inForce({ starts, versions }: RecordSummary): Section {
  const said = versions.rows.map(({ key }) => key).join(', ');
  return {
    id: 'in-force',
    title: 'What was in force',
    intro: said === '' ? '' : `Written by LASSO ${said}.`,
    tables: starts.items.slice(-3).map(({ at, who, seq, facts }) => ({
      caption: `Started ${momentText(at)} by ${who}, record #${seq}`,
      columns: [{ title: 'What' }, { title: 'Value', kind: 'code' as const }],
      rows: facts,
      ...(starts.items.length > 3
        ? { more: `${countText(starts.items.length + starts.left)} starts in all; the last three are shown.` }
        : {}),
    })),
  };
}

function people({ actors, types }: RecordSummary): Section {
  return {
    id: 'actors',
    title: 'Who, and what kinds of records',
    intro: '',
    tables: [
      {
        caption: 'Who did what is on record',
        columns: [{ title: 'Who' }, { title: 'Records', kind: 'number' }],
        rows: actors.rows.map(({ key, count }) => [key, countText(count)]),
      },
      {
        caption: 'Kinds of records',
        columns: [{ title: 'Type' }, { title: 'Records', kind: 'number' }],
        rows: types.rows.map(({ key, count }) => [key, countText(count)]),
      },
    ],
  };
}

function proof(summary: RecordSummary, report: VerifyReport): Section {
  const { problems } = report;
  const facts: readonly (readonly [string, string])[] = [
    ['Status', report.status],
    ['Records', countText(report.records)],
    ['Seals checked with their keys', countText(report.verified)],
    [
      'Covered by a signed checkpoint',
      `${countText(report.anchored)}${report.anchoredAt === undefined ? '' : `, of ${momentText(report.anchoredAt)}`}`,
    ],
    ['Digest of the last line', report.head ?? ''],
    ['Files, oldest first', summary.files.join(', ')],
    ['Keys used', plural(summary.chain.epochs + 1, 'epoch')],
    ['Began without an end on record', countText(summary.chain.unfinished)],
  ];
  return {
    id: 'verification',
    title: 'Verification',
    intro: 'Anybody can repeat it: `lasso audit verify`, or the description of the format and the public key alone.',
    tables: [
      { caption: 'Result', columns: [{ title: 'What' }, { title: 'Value', kind: 'code' }], rows: facts },
      {
        caption: 'Findings',
        columns: [
          { title: 'Finding', kind: 'bad' },
          { title: 'File', kind: 'code' },
          { title: 'Line', kind: 'number' },
          { title: 'Record', kind: 'number' },
          { title: 'What' },
        ],
        rows: problems
          .slice(0, problemLimit)
          .map(({ code, file, line, seq, message }) => [
            code,
            file,
            line === undefined ? '' : String(line),
            seq === undefined ? '' : `#${seq}`,
            message,
          ]),
        ...(problems.length > problemLimit ? { more: `${countText(problems.length - problemLimit)} more are not listed.` } : {}),
      },
    ],
  };
}

function steps(id: string, title: string, intro: string, ends: Ends<Step>, what: string): Section {
  return {
    id,
    title,
    intro,
    tables: [
      {
        caption: title,
        columns: [
          { title: 'When', kind: 'time' },
          { title: 'Who' },
          { title: what },
          { title: 'More' },
          { title: 'Record', kind: 'number' },
        ],
        rows: ends.items.map((step) => [timeText(step.at), step.who, step.what, step.more, `#${step.seq}`]),
        ...leftOf(ends),
      },
    ],
  };
}

function leftOf({ left }: Ends<unknown>): Pick<Table, 'more'> {
  return left === 0 ? {} : { more: `${countText(left)} in the middle are not listed.` };
}
