/** Puts a report together from a summary and the verification of the same files. Nothing is said that neither of them shows. */
import type { VerifyReport } from '../../protocol/record.ts';
import { actSections } from './report-acts.ts';
import { courseSections } from './report-course.ts';
import type { Report } from './report-shape.ts';
import { sentencesOf, verdictOf } from './report-verdict.ts';
import { momentText, plural } from './report-words.ts';
import type { RecordSummary } from '../summary/summary-shape.ts';

export function reportOf(
  summary: RecordSummary,
  verification: VerifyReport,
  made: { readonly version: string; readonly at: Date },
): Report {
  const all = [...actSections(summary), ...courseSections(summary, verification)];
  const { firstAt, lastAt } = summary;
  const subject = summary.name === '' ? summary.sandbox : summary.name;
  return {
    title: `What happened in ${subject}`,
    facts: [
      ['Sandbox', summary.name === '' ? summary.sandbox : `${summary.name}, ${summary.sandbox}`],
      ...(firstAt === undefined || lastAt === undefined ? [] : [['Period', `${momentText(firstAt)} to ${momentText(lastAt)}`] as const]),
      ['Record', `${plural(summary.records, 'record')} in ${plural(summary.files.length, 'file')}`],
      ['Report made', `${momentText(made.at.toISOString())} by LASSO ${made.version}`],
    ],
    verdict: verdictOf(verification),
    sentences: sentencesOf(summary),
    sections: all.filter(({ tables, chart }) => chart !== undefined || tables.some(({ rows }) => rows.length > 0)),
    absent: all
      .filter(({ tables, chart }) => chart === undefined && tables.every(({ rows }) => rows.length === 0))
      .map(({ title }) => title),
    limits: [
      'It shows what LASSO judged and did. What a program did inside without starting a program, using the network or being asked about is not in it.',
      'Everything shown, names and reasons included, may have been chosen by whatever ran inside; only the verification says who wrote it down.',
      'Times are those of this machine’s clock, in UTC.',
    ],
  };
}
