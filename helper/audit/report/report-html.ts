/**
 * A report as one HTML file that needs nothing else: no script, nothing loaded, a policy that forbids both, light and dark, fit to
 * be printed and read aloud. Everything from the record is escaped; none of it ever becomes markup, an address or a style.
 */
import { createHash } from 'node:crypto';
import { chartSvg } from './report-chart.ts';
import type { Report, Section, Table } from './report-shape.ts';
import { reportStyle } from './report-style.ts';
import { escapedHtml } from './report-words.ts';

export function htmlOf(report: Report): string {
  const { title, verdict, facts, sentences, sections, absent, limits } = report;
  const style = reportStyle;
  const hash = createHash('sha256').update(style).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${escapedHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>${escapedHtml(title)}</h1>
<dl class="facts">${facts.map(([label, value]) => `<div><dt>${escapedHtml(label)}</dt><dd>${escapedHtml(value)}</dd></div>`).join('')}</dl>
</header>
<main>
<section class="verdict ${verdict.tone}" aria-labelledby="verdict"><h2 id="verdict">${escapedHtml(verdict.headline)}</h2><p>${escapedHtml(verdict.text)}</p></section>
<section class="summary" aria-label="Summary">${sentences.map((sentence) => `<p>${escapedHtml(sentence)}</p>`).join('')}</section>
<nav aria-label="Sections"><ul>${sections.map(({ id, title: name }) => `<li><a href="#${id}">${escapedHtml(name)}</a></li>`).join('')}</ul></nav>
${sections.map(sectionHtml).join('\n')}
${absent.length === 0 ? '' : `<section><h2>Nothing on record about</h2><p>${escapedHtml(absent.join(' · '))}</p></section>`}
<section><h2>What this report does not show</h2><ul>${limits.map((limit) => `<li>${escapedHtml(limit)}</li>`).join('')}</ul></section>
</main>
</body>
</html>
`;
}

function sectionHtml({ id, title, intro, chart, tables }: Section): string {
  const shown = tables.filter(({ rows }) => rows.length > 0);
  const drawn = chart === undefined ? '' : `<figure>${chartSvg(chart, `${id}-chart`)}</figure>`;
  const told = shown.map((table) => tableHtml(table, shown.length === 1)).join('');
  return `<section aria-labelledby="${id}"><h2 id="${id}">${escapedHtml(title)}</h2>${intro === '' ? '' : `<p class="intro">${escapedHtml(intro)}</p>`}${drawn}${told}</section>`;
}

function tableHtml({ caption, columns, rows, more }: Table, alone: boolean): string {
  const head = columns.map(({ title, kind }) => `<th scope="col"${classOf(kind)}>${escapedHtml(title)}</th>`).join('');
  const body = rows.map(
    (row) => `<tr>${columns.map(({ kind }, at) => `<td${classOf(kind)}>${cellHtml(row[at] ?? '', kind)}</td>`).join('')}</tr>`,
  );
  const rest = more === undefined ? '' : `<p class="more">${escapedHtml(more)}</p>`;
  return `<div class="${columns.length < 4 ? 'wide narrow' : 'wide'}" role="region" tabindex="0" aria-label="${escapedHtml(caption)}"><table><caption${alone ? ' class="hidden"' : ''}>${escapedHtml(caption)}</caption><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table></div>${rest}`;
}

function cellHtml(text: string, kind: Table['columns'][number]['kind']): string {
  if (text === '') return '';
  return kind === 'code' ? `<code>${escapedHtml(text)}</code>` : escapedHtml(text);
}

const classOf = (kind: Table['columns'][number]['kind']): string => (kind === undefined ? '' : ` class="${kind}"`);
