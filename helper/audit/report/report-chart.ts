/** Charts as inline SVG without script or style of its own: each has a title and a text that says what it shows. */
import type { Chart } from './report-shape.ts';
import { countText, durationText, escapedHtml, momentText, plural, shownText } from './report-words.ts';

const width = 960;

export function chartSvg(chart: Chart, id: string): string {
  switch (chart.kind) {
    case 'timeline':
      return timelineSvg(chart, id);
    case 'bars':
      return barsSvg(chart, id);
  }
}

function timelineSvg({ title, bars, barMs }: Extract<Chart, { kind: 'timeline' }>, id: string): string {
  const [height, base, top] = [150, 122, 14];
  const most = Math.max(1, ...bars.map(({ records }) => records));
  const step = width / Math.max(bars.length, 24);
  const scaled = (count: number): number => (count === 0 ? 0 : Math.max(2, ((base - top) * count) / most));
  const drawn = bars.map(({ fromMs, records, blocked }, index) => {
    if (records === 0) return '';
    const [x, wide] = [fixed(index * step), fixed(Math.max(1, step - 1))];
    const [whole, bad] = [scaled(records), scaled(blocked)];
    const said = `${momentOf(fromMs)}: ${plural(records, 'record')}${blocked === 0 ? '' : `, ${countText(blocked)} blocked`}`;
    const rest = `<rect class="records" x="${x}" y="${fixed(base - whole)}" width="${wide}" height="${fixed(whole)}"/>`;
    const red =
      blocked === 0
        ? ''
        : `<rect class="blocked" x="${x}" y="${fixed(base - bad)}" width="${wide}" height="${fixed(bad)}"/><circle class="blocked" cx="${fixed(index * step + step / 2)}" cy="${fixed(Math.max(5, base - whole - 6))}" r="3"/>`;
    return `<g><title>${escapedHtml(said)}</title>${rest}${red}</g>`;
  });
  const [first, last] = [bars[0], bars.at(-1)];
  const ends = first && last ? [momentOf(first.fromMs), momentOf(last.fromMs + barMs)] : ['', ''];
  const busy = bars.filter(({ blocked }) => blocked > 0).length;
  const text = `${plural(bars.length, 'bar')} of ${durationText(barMs)} from ${ends[0] ?? ''} to ${ends[1] ?? ''}; at most ${plural(most, 'record')} in one; something was blocked in ${countText(busy)} of them.`;
  const end = fixed(Math.min(width, Math.max(bars.length * step, width / 3)));
  return framed(
    { id, title, text, height },
    `<line class="axis" x1="0" y1="${base + 0.5}" x2="${width}" y2="${base + 0.5}"/>${drawn.join('')}<text x="0" y="${base + 18}">${escapedHtml(ends[0] ?? '')}</text><text x="${bars.length * step < width / 2 ? end : width}" y="${base + 18}" text-anchor="end">${bars.length < 2 ? '' : escapedHtml(bars.length * step < width / 2 ? '' : (ends[1] ?? ''))}</text>`,
    ['records', 'blocked'],
  );
}

function barsSvg({ title, parts, rows }: Extract<Chart, { kind: 'bars' }>, id: string): string {
  const [row, left, right] = [24, 250, 90];
  const most = Math.max(1, ...rows.map(({ allowed, blocked }) => allowed + blocked));
  const scaled = (count: number): number => ((width - left - right) * count) / most;
  const drawn = rows.map(({ label, allowed, blocked }, index) => {
    const y = index * row + 4;
    const [good, bad] = [scaled(allowed), scaled(blocked)];
    const said = `${label}: ${countText(allowed)} ${parts[0]}, ${countText(blocked)} ${parts[1]}`;
    const refused = blocked === 0 ? [] : [`${countText(blocked)} ${parts[1]}`];
    const total = [...(allowed === 0 && blocked > 0 ? [] : [countText(allowed)]), ...refused].join(' · ');
    return `<g><title>${escapedHtml(said)}</title><text x="${left - 10}" y="${y + 12}" text-anchor="end">${escapedHtml(shortened(label))}</text><rect class="records" x="${left}" y="${y}" width="${fixed(good)}" height="16"/><rect class="blocked" x="${fixed(left + good)}" y="${y}" width="${fixed(bad)}" height="16"/><text class="value" x="${fixed(left + good + bad + 8)}" y="${y + 12}">${escapedHtml(total)}</text></g>`;
  });
  const text = rows
    .map(({ label, allowed, blocked }) => `${label}: ${countText(allowed)} ${parts[0]}, ${countText(blocked)} ${parts[1]}`)
    .join('; ');
  return framed({ id, title, text, height: rows.length * row + 8 }, drawn.join(''), parts);
}

function framed(
  { id, title, text, height }: { readonly id: string; readonly title: string; readonly text: string; readonly height: number },
  inner: string,
  parts: readonly [string, string],
): string {
  const legend = `<p class="legend" aria-hidden="true"><span class="swatch records"></span>${escapedHtml(parts[0])} <span class="swatch blocked"></span>${escapedHtml(parts[1])}</p>`;
  return `<svg role="img" aria-labelledby="${id}-title ${id}-text" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"><title id="${id}-title">${escapedHtml(title)}</title><desc id="${id}-text">${escapedHtml(text)}</desc>${inner}</svg>${legend}`;
}

const fixed = (number: number): string => number.toFixed(1).replace(/\.0$/, '');
const momentOf = (ms: number): string => momentText(new Date(ms).toISOString());

/** The end of a long host says more than its beginning. */
function shortened(label: string): string {
  const shown = shownText(label);
  return shown.length <= 34 ? shown : `…${shown.slice(-33)}`;
}
