/**
 * The list of records: only rows in sight exist. It stays at the end while more is written, unless a person looks elsewhere,
 * and is worked with the keyboard as any grid.
 */
import type { PageRow } from '../../helper/protocol/record-page.ts';
import { icon, make } from './elements.ts';
import type { Feed } from './feed.ts';
import { clamp, lastTop, rowsInSight, rowsOnPage, scrollOf, scrollPx, topAround, topOf, topShowing, type Geometry } from './window.ts';
import { isNarrowed } from './words.ts';

export interface GridOptions {
  readonly feed: Feed;
  /** another row is the current one, or none */
  moved(row: number | undefined): void;
  /** the current row is to be shown in full */
  opened(row: number): void;
  /** what is in sight changed */
  scrolled(): void;
}

/** height of a row in audit.css, in pixels */
const rowPx = 24;
/** pixels of a wheel that counts lines */
const wheelLinePx = 24;
const columns = ['Record', 'Time (UTC)', 'Type', 'Action', 'Outcome', 'What'] as const;

interface DrawnRow {
  readonly element: HTMLElement;
  /** where the texts of a row go, in the order of `textsOf` */
  readonly texts: readonly HTMLElement[];
  shown: PageRow | undefined;
}

export class Grid {
  readonly element: HTMLElement;
  readonly #options: GridOptions;
  readonly #view = make('div', { class: 'view', set: { role: 'rowgroup', tabindex: '-1' } });
  readonly #layer = make('div', { class: 'layer', set: { role: 'presentation' } });
  readonly #filler = make('div', { class: 'filler', set: { role: 'presentation' } });
  readonly #drawn: DrawnRow[] = [];
  #top = 0;
  /** height it was drawn for */
  #viewPx = 0;
  #atEnd = true;
  #current: number | undefined;
  #frame: number | undefined;

  constructor(options: GridOptions) {
    this.#options = options;
    const titles = columns.map((text, index) =>
      make('div', { class: 'cell', text, set: { role: 'columnheader', 'aria-colindex': `${index + 1}` } }),
    );
    const head = make(
      'div',
      { class: 'head', set: { role: 'rowgroup' } },
      make('div', { class: 'row', set: { role: 'row', 'aria-rowindex': '1' } }, ...titles),
    );
    this.#view.append(this.#layer, this.#filler);
    const set = { role: 'grid', tabindex: '0', 'aria-label': 'Records', 'aria-colcount': `${columns.length}`, 'aria-readonly': 'true' };
    this.element = make('div', { class: 'grid', id: 'grid', set }, head, this.#view);
    this.#view.addEventListener('scroll', () => this.#scrolled());
    this.#view.addEventListener('wheel', (event) => this.#wheel(event), { passive: false });
    this.#layer.addEventListener('click', (event) => this.#clicked(event));
    this.element.addEventListener('keydown', (event) => this.#key(event));
    new ResizeObserver(() => this.update()).observe(this.#view);
  }

  get atEnd(): boolean {
    return this.#atEnd;
  }

  get current(): number | undefined {
    return this.#current;
  }

  /** Rows came, or there are more or fewer of them. Draws with the next frame. */
  update(): void {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined;
      this.#draw();
    });
  }

  /** Other rows are shown from now on. */
  reset(): void {
    this.#move(undefined);
    this.update();
  }

  toEnd(): void {
    this.#atEnd = true;
    this.update();
  }

  /** Makes a row the current one, in the middle where it was out of sight. */
  show(row: number): void {
    const { first, count } = rowsInSight(this.#top, this.#geometry());
    this.#atEnd = false;
    if (row < first || row >= first + count) this.#top = topAround(row, this.#geometry());
    this.#go(row);
  }

  /** Puts the list where it was in an earlier life of the page. */
  restore(top: number, row: number | undefined): void {
    this.#atEnd = false;
    this.#top = top;
    this.#move(row);
    this.update();
  }

  get top(): number {
    return this.#top;
  }

  #geometry(): Geometry {
    return { rows: this.#options.feed.total ?? 0, rowPx, viewPx: this.#view.clientHeight };
  }

  #draw(): void {
    const { feed } = this.#options;
    const geometry = this.#geometry();
    this.#viewPx = geometry.viewPx;
    this.#top = this.#atEnd ? lastTop(geometry) : clamp(this.#top, geometry);
    this.#filler.style.height = `${Math.max(0, scrollPx(geometry) - geometry.viewPx)}px`;
    const scroll = scrollOf(this.#top, geometry);
    if (Math.abs(this.#view.scrollTop - scroll) >= 1) this.#view.scrollTop = scroll;
    const { first, count, abovePx } = rowsInSight(this.#top, geometry);
    while (this.#drawn.length < count) this.#drawn.push(this.#newRow());
    for (const [index, drawn] of this.#drawn.entries())
      this.#place(drawn, index < count ? first + index : undefined, index * rowPx - abovePx);
    this.element.setAttribute('aria-rowcount', `${feed.complete || !isNarrowed(feed.filter) ? geometry.rows + 1 : -1}`);
    const seen = this.#current !== undefined && this.#current >= first && this.#current < first + count;
    if (seen) this.element.setAttribute('aria-activedescendant', `row-${this.#current ?? 0}`);
    else this.element.removeAttribute('aria-activedescendant');
    feed.look({ from: first, limit: count });
    this.#options.scrolled();
  }

  #newRow(): DrawnRow {
    const cells = columns.map((_, index) => make('div', { class: 'cell', set: { role: 'gridcell', 'aria-colindex': `${index + 1}` } }));
    const [day, clock, word] = [make('span', { class: 'day' }), make('span'), make('span')];
    cells[1]?.append(day, clock);
    cells[4]?.append(icon('blocked'), word);
    const [what, more] = [make('span', { class: 'what' }), make('span', { class: 'more' })];
    cells[5]?.append(what, more);
    const element = make('div', { class: 'row', set: { role: 'row' } }, ...cells);
    this.#layer.append(element);
    return { element, texts: [...cells.slice(0, 1), day, clock, ...cells.slice(2, 4), word, what, more], shown: undefined };
  }

  #place(drawn: DrawnRow, row: number | undefined, atPx: number): void {
    const { element } = drawn;
    element.hidden = row === undefined;
    if (row === undefined) {
      // What is out of use must not be found by the number it had.
      drawn.shown = undefined;
      delete element.dataset['row'];
      element.removeAttribute('id');
      element.classList.remove('current');
      return;
    }
    element.style.transform = `translateY(${atPx}px)`;
    element.classList.toggle('current', row === this.#current);
    element.setAttribute('aria-selected', `${row === this.#current}`);
    const found = this.#options.feed.get(row);
    if (element.dataset['row'] === `${row}` && drawn.shown === found && found !== undefined) return;
    element.id = `row-${row}`;
    element.dataset['row'] = `${row}`;
    element.setAttribute('aria-rowindex', `${row + 2}`);
    drawn.shown = found;
    element.dataset['outcome'] = found?.outcome ?? '';
    element.dataset['state'] = found === undefined ? 'awaited' : found.broken ? 'broken' : 'there';
    const texts = textsOf(found);
    drawn.texts.forEach((element, index) => (element.textContent = texts[index] ?? ''));
  }

  #scrolled(): void {
    const geometry = this.#geometry();
    const { scrollTop } = this.#view;
    // The browser moved it because its place became smaller or larger.
    if (geometry.viewPx !== this.#viewPx) return this.update();
    // What this class set itself comes back as an event, rounded.
    if (Math.abs(scrollTop - scrollOf(this.#top, geometry)) < 2) return;
    this.#leave(topOf(scrollTop, geometry));
  }

  /** By its own pixels: the scrollbar of a long list would leap. */
  #wheel(event: WheelEvent): void {
    if (event.ctrlKey || event.deltaY === 0) return;
    event.preventDefault();
    const { viewPx } = this.#geometry();
    const unitPx = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? wheelLinePx : event.deltaMode === WheelEvent.DOM_DELTA_PAGE ? viewPx : 1;
    this.#leave(this.#top + event.deltaY * unitPx);
  }

  #leave(top: number): void {
    const geometry = this.#geometry();
    this.#top = clamp(top, geometry);
    this.#atEnd = this.#top >= lastTop(geometry) - 1;
    this.update();
  }

  #clicked({ target }: MouseEvent): void {
    const row = target instanceof Element ? target.closest<HTMLElement>('[data-row]')?.dataset['row'] : undefined;
    if (row === undefined) return;
    this.#go(Number(row));
    this.element.focus({ preventScroll: true });
    this.#options.opened(Number(row));
  }

  #key(event: KeyboardEvent): void {
    if (event.altKey || event.metaKey || event.target !== this.element) return;
    const geometry = this.#geometry();
    const { first, count } = rowsInSight(this.#top, geometry);
    const at = this.#current ?? (this.#atEnd ? geometry.rows : first);
    const page = rowsOnPage(geometry);
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: this.#current === undefined ? first : at + 1,
      ArrowUp: this.#current === undefined ? first + count - 1 : at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: geometry.rows - 1,
    };
    if (event.key === 'Enter' || event.key === ' ') {
      if (this.#current !== undefined) this.#options.opened(this.#current);
    } else if (Object.hasOwn(steps, event.key) && geometry.rows > 0) {
      this.#go(Math.min(Math.max(0, steps[event.key] ?? 0), geometry.rows - 1));
      // At the very end it goes on with what is written.
      this.#atEnd = event.key === 'End';
    } else return;
    event.preventDefault();
  }

  #go(row: number): void {
    const geometry = this.#geometry();
    this.#top = topShowing(row, this.#top, geometry);
    this.#atEnd = this.#atEnd && this.#top >= lastTop(geometry) - 1;
    this.#move(row);
    this.update();
  }

  #move(row: number | undefined): void {
    if (row === this.#current) return;
    this.#current = row;
    this.#options.moved(row);
  }
}

/** Number, day, time, type, action, outcome, what it was done to, and more. */
function textsOf(row: PageRow | undefined): readonly string[] {
  if (row === undefined) return ['…'];
  const { seq, time, type, action, outcome, what, more, broken } = row;
  const day = /^\d{4}-\d\d-\d\d /.exec(time)?.[0] ?? '';
  return [seq, day, time.slice(day.length), type, action, broken ? 'no record' : outcome, what, more];
}
