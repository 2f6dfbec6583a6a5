/** When things happened: a bar for each stretch of time, what was blocked at its foot. A stretch is chosen by mouse or keyboard. */
import type { PageBar, PageFilter, PageOverview } from '../../helper/protocol/record-page.ts';
import { make } from './elements.ts';
import { moved, rangeOf, timesOf, type Range } from './range.ts';
import { counted, moment, number, stretch } from './words.ts';

type Times = Pick<PageFilter, 'since' | 'until'>;

/** what is blocked is seen however little it is, in percent of the height */
const leastPercent = 6;

export class Timeline {
  readonly element: HTMLElement;
  readonly #choose: (times: Times) => void;
  readonly #bars = make('div', {
    class: 'bars',
    set: {
      role: 'listbox',
      tabindex: '0',
      'aria-label': 'Timeline: choose a stretch of time',
      'aria-multiselectable': 'true',
      'aria-orientation': 'horizontal',
    },
  });
  readonly #from = make('span');
  readonly #about = make('span', { class: 'about', set: { 'aria-live': 'polite' } });
  readonly #to = make('span');
  #data: readonly PageBar[] = [];
  #lastAt = '';
  #range: Range | undefined;
  #pulled = false;

  constructor(choose: (times: Times) => void) {
    this.#choose = choose;
    this.element = make(
      'section',
      { class: 'timeline', set: { 'aria-label': 'Timeline' } },
      this.#bars,
      make('div', { class: 'axis' }, this.#from, this.#about, this.#to),
    );
    this.#bars.addEventListener('pointerdown', (event) => this.#pull(event));
    this.#bars.addEventListener('pointermove', (event) => this.#point(event));
    this.#bars.addEventListener('pointerup', () => this.#drop());
    this.#bars.addEventListener('pointercancel', () => (this.#pulled = false));
    this.#bars.addEventListener('pointerleave', () => this.#tell(this.#range));
    this.#bars.addEventListener('keydown', (event) => this.#key(event));
  }

  show({ bars, firstAt, lastAt }: PageOverview, times: Times): void {
    this.element.hidden = bars.length === 0;
    this.#data = bars;
    this.#lastAt = lastAt;
    this.#from.textContent = moment(firstAt);
    this.#to.textContent = `${moment(lastAt)} UTC`;
    const most = Math.max(1, ...bars.map(({ records }) => records));
    while (this.#bars.children.length > bars.length) this.#bars.lastElementChild?.remove();
    while (this.#bars.children.length < bars.length) this.#bars.append(newBar());
    for (const [index, bar] of bars.entries()) this.#draw(this.#bars.children.item(index), bar, index, most);
    if (!this.#pulled) this.select(times);
  }

  /** Shows which times the rows are narrowed to. */
  select(times: Times): void {
    this.#range = rangeOf(times, this.#data);
    this.#mark();
  }

  #draw(element: Element | null, bar: PageBar, index: number, most: number): void {
    if (!(element instanceof HTMLElement)) return;
    element.id = `bar-${index}`;
    element.setAttribute('aria-label', this.#words({ from: index, to: index }));
    const [all, blocked] = [element.children.item(0), element.children.item(1)];
    const height = (count: number): string => (count === 0 ? '0' : `${Math.max(leastPercent, (count / most) * 100)}%`);
    if (all instanceof HTMLElement) all.style.height = height(bar.records);
    if (blocked instanceof HTMLElement) blocked.style.height = height(bar.blocked);
  }

  /** Times, and how much lies within. */
  #words({ from, to }: Range): string {
    const [first, last] = [Math.min(from, to), Math.max(from, to)];
    const within = this.#data.slice(first, last + 1);
    const sum = (of: (bar: PageBar) => number): number => within.reduce((total, bar) => total + of(bar), 0);
    const blocked = sum((bar) => bar.blocked);
    const times = stretch(this.#data[first]?.from ?? '', this.#data[last + 1]?.from ?? this.#lastAt);
    return `${times}: ${counted(
      sum((bar) => bar.records),
      'record',
    )}, ${number(blocked)} blocked`;
  }

  #mark(): void {
    const range = this.#range;
    const [first, last] = range === undefined ? [-1, -1] : [Math.min(range.from, range.to), Math.max(range.from, range.to)];
    for (const [index, bar] of [...this.#bars.children].entries()) {
      const within = range !== undefined && index >= first && index <= last;
      bar.setAttribute('aria-selected', `${within}`);
      bar.classList.toggle('cursor', index === range?.to);
    }
    this.#bars.classList.toggle('narrowed', range !== undefined);
    if (range === undefined) this.#bars.removeAttribute('aria-activedescendant');
    else this.#bars.setAttribute('aria-activedescendant', `bar-${range.to}`);
    this.#tell(range);
  }

  #tell(range: Range | undefined): void {
    this.#about.textContent = range === undefined || this.#data.length === 0 ? '' : this.#words(range);
  }

  #at({ clientX }: PointerEvent): number {
    const { left, width } = this.#bars.getBoundingClientRect();
    return Math.min(this.#data.length - 1, Math.max(0, Math.floor(((clientX - left) / width) * this.#data.length)));
  }

  #pull(event: PointerEvent): void {
    if (event.button !== 0 || this.#data.length === 0) return;
    const at = this.#at(event);
    this.#bars.setPointerCapture(event.pointerId);
    this.#pulled = true;
    this.#range = { from: event.shiftKey ? (this.#range?.from ?? at) : at, to: at };
    this.#mark();
  }

  #point(event: PointerEvent): void {
    if (this.#data.length === 0) return;
    const to = this.#at(event);
    if (!this.#pulled || !this.#range) return this.#tell({ from: to, to });
    this.#range = { from: this.#range.from, to };
    this.#mark();
  }

  #drop(): void {
    if (!this.#pulled) return;
    this.#pulled = false;
    this.#apply();
  }

  #key(event: KeyboardEvent): void {
    if (event.key === 'Enter' || event.key === ' ') this.#apply();
    else if (event.key === 'Escape' && this.#range !== undefined) {
      this.#range = undefined;
      this.#mark();
      this.#choose({});
    } else {
      const next = moved(this.#range, event.key, event.shiftKey, this.#data.length);
      if (next === undefined) return;
      this.#range = next;
      this.#mark();
    }
    event.preventDefault();
    event.stopPropagation();
  }

  #apply(): void {
    if (this.#range) this.#choose(timesOf(this.#range, this.#data));
  }
}

const newBar = (): HTMLElement =>
  make(
    'div',
    { class: 'bar', set: { role: 'option' } },
    make('div', { class: 'all', set: { role: 'presentation' } }),
    make('div', { class: 'held', set: { role: 'presentation' } }),
  );
