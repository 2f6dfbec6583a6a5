/** What narrows the rows: a search, a chip for each outcome and type with its count, and the times chosen on the timeline. */
import type { PageFilter, PageOverview } from '../../helper/protocol/record-page.ts';
import { button, icon, make } from './elements.ts';
import { outcomes, types } from './kept.ts';
import { isNarrowed, number, stretch } from './words.ts';

/** pause after a key before the search begins, in milliseconds */
const typingPauseMs = 250;
interface Chip {
  readonly element: HTMLButtonElement;
  readonly count: HTMLElement;
  readonly isOn: (filter: PageFilter) => boolean;
  readonly amount: (overview: PageOverview) => number;
}

export class Filters {
  readonly element: HTMLElement;
  readonly #change: (filter: PageFilter) => void;
  readonly #search = make('input', {
    class: 'search',
    set: { type: 'search', placeholder: 'Search ( / )', 'aria-label': 'Search the records' },
  });
  readonly #chips: readonly Chip[];
  readonly #times = button('', () => this.#turn({ since: undefined, until: undefined }), {
    class: 'chip times',
    title: 'Show all times again',
  });
  readonly #clear = button('Clear', () => this.clear(), { class: 'link' });
  #filter: PageFilter;
  #typing: ReturnType<typeof setTimeout> | undefined;

  constructor(filter: PageFilter, change: (filter: PageFilter) => void) {
    this.#filter = filter;
    this.#change = change;
    this.#search.maxLength = 1000;
    this.#chips = [
      ...outcomes.map((name) =>
        this.#chip(
          name,
          (each) => each.outcomes.includes(name),
          (overview) => overview.outcomes[name] ?? 0,
          () => ({ outcomes: toggled(this.#filter.outcomes, name) }),
        ),
      ),
      ...types.map((name) =>
        this.#chip(
          name,
          (each) => each.types.includes(name),
          (overview) => overview.types[name] ?? 0,
          () => ({ types: toggled(this.#filter.types, name) }),
        ),
      ),
    ];
    const elements = this.#chips.map(({ element }) => element);
    const group = (label: string, ...members: readonly Node[]): HTMLElement =>
      make('div', { class: 'chips', set: { role: 'group', 'aria-label': label } }, ...members);
    this.element = make(
      'div',
      { class: 'filters', set: { role: 'search' } },
      this.#search,
      group('Outcomes', ...elements.slice(0, outcomes.length)),
      group('Types', ...elements.slice(outcomes.length)),
      this.#times,
      this.#clear,
    );
    this.#search.addEventListener('input', () => this.#typed());
    this.#search.addEventListener('keydown', (event) => this.#key(event));
    this.#show();
  }

  /** Counts of the whole record; a chip nothing would answer to is left out, unless it is on. */
  count(overview: PageOverview): void {
    for (const { element, count, amount, isOn } of this.#chips) {
      const found = amount(overview);
      element.hidden = found === 0 && !isOn(this.#filter);
      count.textContent = number(found);
    }
  }

  /** Takes what was chosen elsewhere. */
  set(filter: PageFilter): void {
    this.#filter = filter;
    this.#show();
  }

  focus(): void {
    this.#search.focus();
    this.#search.select();
  }

  clear(): void {
    this.#search.value = '';
    this.#take({ types: [], outcomes: [] });
  }

  #chip(name: string, isOn: Chip['isOn'], amount: Chip['amount'], change: () => Partial<PageFilter>): Chip {
    const count = make('span', { class: 'count' });
    const element = make(
      'button',
      { class: `chip ${name}`, click: () => this.#turn(change()) },
      ...(name === 'blocked' ? [icon('blocked')] : []),
      make('span', { text: name }),
      count,
    );
    element.type = 'button';
    element.hidden = true;
    return { element, count, isOn, amount };
  }

  #typed(): void {
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => this.#searchNow(), typingPauseMs);
  }

  #searchNow(): void {
    clearTimeout(this.#typing);
    const text = this.#search.value.trim();
    if (text !== (this.#filter.text ?? '')) this.#turn({ text: text === '' ? undefined : text });
  }

  #key(event: KeyboardEvent): void {
    if (event.key === 'Enter') this.#searchNow();
    else if (event.key === 'Escape') {
      this.#search.value = '';
      this.#searchNow();
      document.getElementById('grid')?.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #turn(change: { readonly [K in keyof PageFilter]?: PageFilter[K] | undefined }): void {
    const { since, until, text, types: wantedTypes, outcomes: wantedOutcomes } = { ...this.#filter, ...change };
    this.#take({
      types: wantedTypes ?? [],
      outcomes: wantedOutcomes ?? [],
      ...(since === undefined ? {} : { since }),
      ...(until === undefined ? {} : { until }),
      ...(text === undefined ? {} : { text }),
    });
  }

  #take(filter: PageFilter): void {
    this.#filter = filter;
    this.#show();
    this.#change(filter);
  }

  #show(): void {
    const { since, until, text } = this.#filter;
    if (document.activeElement !== this.#search) this.#search.value = text ?? '';
    for (const { element, isOn } of this.#chips) element.setAttribute('aria-pressed', `${isOn(this.#filter)}`);
    this.#times.hidden = since === undefined && until === undefined;
    const times =
      since === undefined
        ? `until ${stretch(until ?? '', until ?? '').slice(0, 19)}`
        : until === undefined
          ? `since ${stretch(since, since).slice(0, 19)}`
          : stretch(since, until);
    this.#times.textContent = `${times} ✕`;
    this.#times.setAttribute('aria-label', `Only ${times}. Show all times again`);
    this.#clear.hidden = !isNarrowed(this.#filter);
  }
}

const toggled = <T>(list: readonly T[], value: T): readonly T[] =>
  list.includes(value) ? list.filter((each) => each !== value) : [...list, value];
