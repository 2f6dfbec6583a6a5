/**
 * A report as Markdown (CommonMark with tables). Nothing from the record is markup in it: every character that could be is written
 * as an entity, so that no viewer finds a link, an image, HTML or a table cell that LASSO did not write.
 */
import type { Report, Section, Table } from './report-shape.ts';
import { countText, momentText, shownText } from './report-words.ts';

const marks = { good: '✅', fair: '⚠️', bad: '❌' } as const;

export function markdownOf(report: Report): string {
  const { title, verdict, facts, sentences, sections, absent, limits } = report;
  const parts = [
    `# ${escaped(title)}`,
    `> ${marks[verdict.tone]} **${escaped(verdict.headline)}**\n>\n> ${escaped(verdict.text)}`,
    facts.map(([label, value]) => `- ${escaped(label)}: **${escaped(value)}**`).join('\n'),
    sentences.map((sentence) => escaped(sentence)).join('\n'),
    ...sections.map(sectionText),
    ...(absent.length === 0 ? [] : [`## Nothing on record about\n\n${absent.map((name) => `- ${escaped(name)}`).join('\n')}`]),
    `## What this report does not show\n\n${limits.map((limit) => `- ${escaped(limit)}`).join('\n')}`,
  ];
  return `${parts.join('\n\n')}\n`;
}

function sectionText({ title, intro, chart, tables }: Section): string {
  const drawn = chart?.kind === 'timeline' ? [blocksOf(chart)] : [];
  const several = tables.filter(({ rows }) => rows.length > 0);
  const told = several.map((table) => (several.length > 1 ? `### ${escaped(table.caption)}\n\n${tableText(table)}` : tableText(table)));
  return [`## ${escaped(title)}`, ...(intro === '' ? [] : [escaped(intro)]), ...drawn, ...told].join('\n\n');
}

function tableText({ columns, rows, more }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const head = line(columns.map(({ title }) => escaped(title)));
  const rule = line(columns.map(({ kind }) => (kind === 'number' ? '---:' : '---')));
  const body = rows.map((row) => line(columns.map(({ kind }, at) => (kind === 'code' ? coded : escaped)(row[at] ?? ''))));
  return [head, rule, ...body].join('\n') + (more === undefined ? '' : `\n\n${escaped(more)}`);
}

/**
 * Text in which nothing is markup: punctuation of CommonMark, of its tables and of HTML becomes entities. What some viewers make links of
 * by themselves, entities or not (addresses, hosts, names with an at sign), is written as code, where none does.
 */
export function escaped(text: string): string {
  const shown = shownText(text).trim();
  return /:\/\/|@|[A-Za-z0-9-]\.[A-Za-z]/.test(shown) ? coded(shown) : shown.replace(/[&<>"'`*_[\]()!|\\~#^{}$]/g, entity);
}

/** A code span; what could end it, or a cell of a table, is written as other deceptive characters are. */
function coded(text: string): string {
  const shown = shownText(text).trim();
  return shown === '' ? '' : `\`${shown.replaceAll('`', '\\u{60}').replaceAll('|', '\\u{7c}')}\``;
}

const entity = (character: string): string => `&#${character.codePointAt(0) ?? 0};`;

const levels = ' ▁▂▃▄▅▆▇█';

/** The timeline as letters of different height; a mark below each bar in which something was blocked. */
function blocksOf({ bars }: Extract<NonNullable<Section['chart']>, { kind: 'timeline' }>): string {
  const most = Math.max(1, ...bars.map(({ records }) => records));
  const heights = bars
    .map(({ records }) => (records === 0 ? ' ' : (levels[Math.max(1, Math.round((records / most) * 8))] ?? '█')))
    .join('');
  const blocked = bars.map((bar) => (bar.blocked > 0 ? '!' : ' ')).join('');
  const [first, last] = [bars[0], bars.at(-1)];
  const scale = first && last ? `${dayOf(first.fromMs)} … ${dayOf(last.fromMs)}, at most ${countText(most)} records a bar, ! blocked` : '';
  return ['```text', heights, ...(blocked.trim() === '' ? [] : [blocked]), scale, '```'].join('\n');
}

const dayOf = (ms: number): string => momentText(new Date(ms).toISOString());
