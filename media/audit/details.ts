/** One record in full: why, by which rule, every member, and the line itself. */
import type { PageDetails } from '../../helper/protocol/record-page.ts';
import { button, icon, make } from './elements.ts';

export interface DetailsOptions {
  rule(row: number): void;
  copy(row: number): void;
  closed(): void;
}

export class Details {
  readonly element = make('aside', {
    class: 'details',
    id: 'details',
    set: { 'aria-label': 'Record details', tabindex: '-1', hidden: '' },
  });
  readonly #options: DetailsOptions;

  constructor(options: DetailsOptions) {
    this.#options = options;
    this.element.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      this.close();
    });
  }

  get open(): boolean {
    return !this.element.hidden;
  }

  close(): void {
    if (!this.open) return;
    this.element.hidden = true;
    this.element.replaceChildren();
    this.#options.closed();
  }

  show({ row, title, outcome, place, reason, rule, members, json }: PageDetails): void {
    const blocked = outcome === 'blocked';
    const heading = make(
      'h2',
      {},
      ...(blocked ? [icon('blocked')] : []),
      make('span', { text: title }),
      make('span', { class: `badge ${blocked ? 'blocked' : ''}`, text: outcome }),
    );
    const tools = make(
      'div',
      { class: 'tools' },
      ...(rule?.opens === true ? [button('Open Rule', () => this.#options.rule(row), { class: 'primary', title: rule.text })] : []),
      button('Copy as JSON', () => this.#options.copy(row), { class: 'secondary' }),
      button('Close', () => this.close(), { class: 'link', title: 'Close (Escape)' }),
    );
    const names = members.map(({ name, value }) => [make('dt', { text: name }), make('dd', { text: value })]);
    this.element.replaceChildren(
      heading,
      make('p', { class: 'place', text: place }),
      ...(reason === '' ? [] : [make('p', { class: blocked ? 'reason blocked' : 'reason', text: reason })]),
      ...(rule === undefined ? [] : [make('p', { class: 'rule' }, make('span', { text: 'Rule ' }), make('code', { text: rule.text }))]),
      tools,
      make('dl', {}, ...names.flat()),
      make('h3', { text: 'As written' }),
      make('pre', { text: json, set: { tabindex: '0', 'aria-label': 'The record as JSON' } }),
    );
    this.element.hidden = false;
    this.element.scrollTop = 0;
  }
}
