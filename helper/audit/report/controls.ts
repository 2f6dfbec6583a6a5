/**
 * Controls of DORA, the AI Act and ISO/IEC 27001, filled from one record: what in it supports each, and what it does not show. It is
 * a finding aid for an auditor, never a statement that somebody complies.
 */
import { type ControlFacts } from './control-facts.ts';
import { controlRows, frameworks, type Framework } from './controls-rows.ts';
import { escaped } from './report-markdown.ts';

export type ControlStatus = 'evidence' | 'partial' | 'not shown';

export interface Control {
  readonly framework: Framework;
  readonly reference: string;
  readonly title: string;
  readonly asks: string;
  readonly status: ControlStatus;
  /** what in this record supports it */
  readonly evidence: readonly string[];
  /** what this record does not show */
  readonly notShown: string;
}

export function controlsOf(facts: ControlFacts): readonly Control[] {
  return controlRows.map(({ framework, reference, title, asks, shows, lacks }) => {
    const found = shows.flatMap((aspect) => aspect(facts) ?? []);
    return { framework, reference, title, asks, status: statusOf(found.length, shows.length, facts), evidence: found, notShown: lacks };
  });
}

/** A record that does not stand speaks for nothing. */
function statusOf(found: number, wanted: number, { verification }: ControlFacts): ControlStatus {
  const stands = verification.valid || verification.status === 'torn';
  if (!stands || found === 0) return 'not shown';
  return found === wanted ? 'evidence' : 'partial';
}

export function controlsJson(facts: ControlFacts): string {
  const { summary, verification } = facts;
  const about = { sandbox: summary.sandbox, records: summary.records, verification: verification.status, statuses: meanings, frameworks };
  return `${JSON.stringify({ ...about, controls: controlsOf(facts) }, null, 2)}\n`;
}

const meanings: Readonly<Record<ControlStatus, string>> = {
  evidence: 'each aspect that such a record can show is shown by this one',
  partial: 'some of these aspects are shown',
  'not shown': 'this record shows none of them, or does not stand',
};

export function controlsMarkdown(facts: ControlFacts): string {
  const { summary, verification } = facts;
  const controls = controlsOf(facts);
  const sections = (Object.keys(frameworks) as Framework[]).map((framework) => {
    const own = controls.filter((control) => control.framework === framework);
    return `## ${escaped(frameworks[framework])}\n\n${own.map(controlText).join('\n\n')}`;
  });
  const overview = controls.map(
    ({ framework, reference, title, status }) => `| ${framework} | ${escaped(reference)} | ${escaped(title)} | ${status} |`,
  );
  const intro = [
    '# Controls, as far as this record speaks for them',
    `Record of sandbox ${escaped(summary.sandbox)}, ${summary.records} records, verification: **${verification.status}**.`,
    'This is filled in from the record by a program. It helps an auditor to find evidence; it does not say that anybody complies with anything, and whether a regulation applies is not decided here. Controls are described in our own words: the texts themselves are what counts. Numbers with # are those of records (`seq`).',
    (Object.keys(meanings) as ControlStatus[]).map((status) => `- **${status}**: ${meanings[status]}`).join('\n'),
    ['| Framework | Reference | Title | Status |', '| --- | --- | --- | --- |', ...overview].join('\n'),
  ];
  return `${[...intro, ...sections].join('\n\n')}\n`;
}

function controlText({ reference, title, asks, status, evidence, notShown }: Control): string {
  const found = evidence.length === 0 ? ['- Nothing in this record.'] : evidence.map((sentence) => `- ${escaped(sentence)}`);
  return [
    `### ${escaped(reference)}: ${escaped(title)} (${status})`,
    escaped(asks),
    ['In this record:', '', ...found].join('\n'),
    `Not shown: ${escaped(notShown)}`,
  ].join('\n\n');
}
