/** What verification found: which part is proven, by what, and what is wrong, each problem with the way to its row. */
import type { PageProof } from '../../helper/protocol/record-page.ts';
import { button, icon, make } from './elements.ts';
import { counted } from './words.ts';

export interface BannerOptions {
  verify(): void;
  find(problem: number): void;
}

export class Banner {
  readonly element: HTMLElement;
  readonly #options: BannerOptions;
  readonly #signs = make('span', { class: 'signs' });
  readonly #title = make('strong');
  readonly #parts = make('span', { class: 'parts' });
  readonly #newer = make('span', { class: 'newer' });
  readonly #again = button('Verify Again', () => this.verify(), { class: 'link' });
  readonly #problems = make('ul', { class: 'problems', set: { 'aria-label': 'Problems' } });
  readonly #notes = button('', () => this.#open(this.#notes.dataset['open'] === undefined), { class: 'link notes', set: { hidden: '' } });
  #proof: PageProof | undefined;

  constructor(options: BannerOptions) {
    this.#options = options;
    const words = make('div', { class: 'words', set: { role: 'status' } }, this.#title, this.#parts, this.#newer);
    this.element = make(
      'section',
      { class: 'banner', set: { 'aria-label': 'Verification' } },
      make('div', { class: 'line' }, this.#signs, words, this.#again),
      this.#notes,
      this.#problems,
    );
    this.#say('busy', 'Not verified yet', []);
  }

  get proof(): PageProof | undefined {
    return this.#proof;
  }

  /** Has it verified; what was found before stays until then. */
  verify(): void {
    if (this.#proof === undefined) this.#say('busy', 'Verifying…', []);
    this.#again.disabled = true;
    this.#options.verify();
  }

  show(proof: PageProof | undefined): void {
    this.#proof = proof;
    this.#again.disabled = false;
    if (proof === undefined) return this.#say('partly', 'Not proven: there is nothing to verify', []);
    this.#say(proof.level, proof.title, proof.parts);
    const notes = proof.problems.filter(({ error }) => !error).length;
    this.#notes.hidden = notes === 0;
    this.#open(this.#notes.dataset['open'] !== undefined, counted(notes, 'note'));
    this.#problems.replaceChildren(
      ...proof.problems.map(({ error, text, place, shows }, index) =>
        make(
          'li',
          { class: error ? 'error' : 'note' },
          make('span', { class: 'text', text }),
          make('span', { class: 'place', text: place }),
          ...(shows
            ? [button('Show', () => this.#options.find(index), { class: 'link', set: { 'aria-label': `Show the record: ${text}` } })]
            : []),
        ),
      ),
    );
  }

  /** It could not be verified at all. */
  failed(message: string): void {
    this.#again.disabled = false;
    if (this.#proof === undefined) this.#say('partly', 'Not verified', [message]);
  }

  /** How many records there are by now: what came since is not proven yet. */
  grown(records: number): void {
    const newer = this.#proof === undefined ? 0 : Math.max(0, records - this.#proof.records);
    this.#newer.textContent = newer === 0 ? '' : `${counted(newer, 'record')} since then.`;
  }

  /** Notes are for who wants to know: what is wrong is shown always. */
  #open(open: boolean, text = this.#notes.dataset['text'] ?? ''): void {
    if (open) this.#notes.dataset['open'] = '';
    else delete this.#notes.dataset['open'];
    this.#notes.dataset['text'] = text;
    this.#notes.setAttribute('aria-expanded', `${open}`);
    this.#notes.textContent = `${open ? '▾' : '▸'} ${text}`;
  }

  #say(level: PageProof['level'] | 'busy', title: string, parts: readonly string[]): void {
    this.element.dataset['level'] = level;
    this.#signs.replaceChildren(icon(level));
    if (this.#title.textContent !== title) this.#title.textContent = title;
    this.#parts.replaceChildren(...parts.map((text) => make('span', { text })));
    this.#newer.textContent = '';
    this.#notes.hidden = true;
    this.#problems.replaceChildren();
  }
}
