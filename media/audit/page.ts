/**
 * The audit page: puts its parts together and speaks with the editor. What a record says reaches the screen as text only, and
 * nothing the page is told is ever run, loaded or followed.
 */
import type { PageAsk, PageFilter, PageNews, PageOverview } from '../../helper/protocol/record-page.ts';
import { Banner } from './banner.ts';
import { Details } from './details.ts';
import { button, make } from './elements.ts';
import { Feed } from './feed.ts';
import { Filters } from './filters.ts';
import { Grid } from './grid.ts';
import { newsOf } from './news.ts';
import { keptIn, type Kept } from './kept.ts';
import { Timeline } from './timeline.ts';
import { counted, isNarrowed, number, size, tally } from './words.ts';

interface Editor {
  postMessage(ask: PageAsk): void;
  getState(): unknown;
  setState(state: Kept): void;
}
declare function acquireVsCodeApi(): Editor;

/** how often counts and timeline are made anew at most, in milliseconds */
const overviewPauseMs = 1500;
/** a record is verified again while it grows, at most this often, and never for more than a twentieth of the time */
const verifyPauseMs = 6000;

const exports = [
  ['csv', 'CSV', 'as a table'],
  ['json', 'JSON', 'as one JSON document'],
  ['ocsf', 'OCSF', 'as OCSF events'],
] as const;

start(document.getElementById('page') ?? document.body, acquireVsCodeApi());

function start(root: HTMLElement, editor: Editor): void {
  const sandbox = root.dataset['sandbox'] ?? '';
  const kept = keptIn(editor.getState(), sandbox);
  const post = (ask: PageAsk): void => editor.postMessage(ask);
  let overview: PageOverview | undefined;
  let overviewMs = -Infinity;
  let verifiedMs = -Infinity;
  let detailsAsk = 0;
  let leftAt = 0;
  let blockedBefore: number | undefined;
  let restored = false;

  const heading = make('h1', { text: 'Record' });
  const about = make('span', { class: 'about' });
  const trouble = make('div', { class: 'trouble', set: { role: 'alert', hidden: '' } });
  const amount = make('span', { class: 'amount', set: { role: 'status' } });
  const empty = make('div', { class: 'empty', set: { hidden: '' } });
  const live = make('div', { class: 'unseen', set: { 'aria-live': 'polite' } });
  const newer = button('', () => grid.toEnd(), { class: 'newer-rows', set: { hidden: '' } });

  const feed = new Feed(kept.filter, {
    post,
    changed: () => arrived(),
    later: (work, pauseMs) => {
      const timer = setTimeout(work, pauseMs);
      return () => clearTimeout(timer);
    },
  });
  const grid = new Grid({
    feed,
    moved: (row) => {
      if (row !== undefined && details.open) askDetails(row);
      keep();
    },
    opened: (row) => askDetails(row),
    scrolled: () => {
      if (grid.atEnd) leftAt = feed.total ?? 0;
      tellNewer();
    },
  });
  const details = new Details({
    rule: (row) => post({ kind: 'rule', filter: feed.filter, row }),
    copy: (row) => post({ kind: 'copy', filter: feed.filter, row }),
    closed: () => grid.element.focus({ preventScroll: true }),
  });
  const banner = new Banner({ verify: () => post({ kind: 'verify' }), find: (problem) => post({ kind: 'find', problem }) });
  const filters = new Filters(kept.filter, (filter) => narrow(filter));
  const timeline = new Timeline(({ since, until }) => {
    const { types, outcomes, text } = feed.filter;
    const filter: PageFilter = {
      types,
      outcomes,
      ...(text === undefined ? {} : { text }),
      ...(since === undefined ? {} : { since }),
      ...(until === undefined ? {} : { until }),
    };
    filters.set(filter);
    narrow(filter);
  });

  const saving = make(
    'div',
    { class: 'exports', set: { role: 'group', 'aria-label': 'Export' } },
    make('span', { class: 'label', text: 'Export' }),
    ...exports.map(([format, text, how]) =>
      button(text, () => post({ kind: 'export', filter: feed.filter, format }), {
        class: 'secondary',
        title: `Save the records shown here ${how}`,
      }),
    ),
    button('Report', () => post({ kind: 'export', filter: feed.filter, format: 'report' }), {
      class: 'secondary',
      title: 'Save a report of the whole record',
    }),
  );
  root.append(
    make('header', {}, make('div', { class: 'title' }, heading, about), saving),
    trouble,
    banner.element,
    timeline.element,
    make('div', { class: 'bar-of-filters' }, filters.element, amount),
    make('div', { class: 'body' }, make('div', { class: 'list' }, grid.element, empty, newer), details.element),
    live,
  );
  window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    const news = newsOf(data);
    if (news) take(news);
  });
  window.addEventListener('keydown', (event) => {
    if (event.key === '/' && !(event.target instanceof HTMLInputElement)) {
      event.preventDefault();
      filters.focus();
    } else if (event.key === 'Escape') details.close();
  });
  window.addEventListener('pagehide', keep);
  grid.element.addEventListener('focusout', keep);
  post({ kind: 'ready' });
  feed.setFilter(kept.filter);
  post({ kind: 'overview' });
  // A page that comes back by itself leaves the keyboard where it is.
  if (editor.getState() === undefined) grid.element.focus({ preventScroll: true });
  keep();

  function take(news: PageNews): void {
    switch (news.kind) {
      case 'rows':
        trouble.hidden = true;
        return feed.take(news);
      case 'details':
        if (news.ask === detailsAsk) details.show(news.details);
        return;
      case 'named':
        heading.textContent = `Record of ${news.name}`;
        return;
      case 'overview':
        return summarise(news.overview);
      case 'proof':
        verifiedMs = performance.now();
        banner.show(news.proof);
        return banner.grown(feed.records);
      case 'found':
        return jump(news.row);
      case 'stir':
        return feed.stir();
      case 'helper':
        if (!news.there) return say('The LASSO helper went away.', 'What is shown may be old. It is looked for again by itself.');
        trouble.hidden = true;
        if (banner.proof === undefined) banner.verify();
        overviewMs = -Infinity;
        return feed.stir();
      case 'failed':
        return failed(news);
    }
  }

  function failed({ what, ask, message, hint }: Extract<PageNews, { kind: 'failed' }>): void {
    if (what === 'verify') return banner.failed(message);
    if (what === 'details' && ask !== detailsAsk) return;
    if (what === 'rows') feed.failed(ask);
    say(message, hint);
  }

  function say(message: string, hint: string): void {
    trouble.replaceChildren(
      make('strong', { text: message }),
      make('span', { text: hint }),
      button('Try Again', () => feed.stir(), { class: 'link' }),
    );
    trouble.hidden = false;
  }

  /** Rows, or news of how many there are. */
  function arrived(): void {
    const { total, records } = feed;
    if (!restored && total !== undefined) {
      restored = true;
      if (kept.top !== undefined) grid.restore(kept.top, kept.row);
      // Only now: what a person sees first comes first.
      banner.verify();
    }
    tellAmount();
    grid.update();
    banner.grown(records);
    const nowMs = performance.now();
    if (overview !== undefined && records !== overview.records && nowMs - overviewMs > overviewPauseMs) {
      overviewMs = nowMs;
      post({ kind: 'overview' });
    }
    const { proof } = banner;
    if (proof !== undefined && records > proof.records && nowMs - verifiedMs > Math.max(verifyPauseMs, proof.tookMs * 20)) {
      verifiedMs = nowMs;
      post({ kind: 'verify' });
    }
  }

  function summarise(next: PageOverview): void {
    overview = next;
    overviewMs = performance.now();
    heading.textContent = `Record of ${next.name}`;
    const parts = [
      ...(next.name === next.sandbox ? [] : [next.sandbox]),
      ...(next.exists ? [] : ['removed']),
      counted(next.records, 'record'),
      size(next.bytes),
      ...(next.files > 1 ? [counted(next.files, 'file')] : []),
    ];
    about.textContent = parts.join(' · ');
    filters.count(next);
    timeline.show(next, feed.filter);
    const blocked = next.outcomes['blocked'] ?? 0;
    if (blockedBefore !== undefined && blocked > blockedBefore)
      live.textContent = `${number(blocked - blockedBefore)} more blocked, ${number(blocked)} in all`;
    blockedBefore = blocked;
  }

  function narrow(filter: PageFilter): void {
    details.close();
    timeline.select(filter);
    leftAt = 0;
    grid.toEnd();
    feed.setFilter(filter);
    grid.reset();
    tellAmount();
    keep();
  }

  /** Shows a row of the whole record. */
  function jump(row: number): void {
    if (isNarrowed(feed.filter)) {
      filters.set({ types: [], outcomes: [] });
      narrow({ types: [], outcomes: [] });
    }
    // The feed knows how many rows there are only after the next answer.
    const show = (): void => {
      if (feed.total === undefined || !feed.complete) return void setTimeout(show, 50);
      grid.show(row);
      askDetails(row);
      grid.element.focus({ preventScroll: true });
    };
    show();
  }

  function askDetails(row: number): void {
    detailsAsk = feed.nextAsk();
    post({ kind: 'details', ask: detailsAsk, filter: feed.filter, row });
  }

  function tellAmount(): void {
    const { total, complete, records, filter } = feed;
    amount.textContent = tally(total, complete, records, isNarrowed(filter));
    empty.hidden = total !== 0;
    empty.textContent = records === 0 ? 'Nothing was written down yet.' : complete ? 'No record is like this.' : 'Searching…';
  }

  function tellNewer(): void {
    const count = grid.atEnd ? 0 : (feed.total ?? 0) - leftAt;
    newer.hidden = count <= 0 || leftAt === 0;
    newer.textContent = `${number(count)} new ↓`;
    newer.setAttribute('aria-label', `${counted(count, 'new record')}. Go to the end`);
  }

  function keep(): void {
    const { current } = grid;
    editor.setState({
      sandbox,
      filter: feed.filter,
      ...(grid.atEnd ? {} : { top: grid.top }),
      ...(current === undefined ? {} : { row: current }),
    });
  }
}
