/** Makes elements. Text is always text: nothing here, or anywhere in the page, reads markup. */

interface Attributes {
  readonly [name: `aria-${string}` | `data-${string}`]: string;
  readonly role?: string;
  readonly tabindex?: string;
  readonly type?: string;
  readonly placeholder?: string;
  readonly hidden?: '';
}

interface Looks {
  readonly class?: string;
  readonly text?: string;
  readonly title?: string;
  readonly id?: string;
  /** ARIA and other attributes; none that runs or loads anything */
  readonly set?: Attributes;
  readonly click?: () => void;
}

export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  looks: Looks = {},
  ...children: readonly Node[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (looks.class !== undefined) element.className = looks.class;
  if (looks.text !== undefined) element.textContent = looks.text;
  if (looks.title !== undefined) element.title = looks.title;
  if (looks.id !== undefined) element.id = looks.id;
  for (const [name, value] of Object.entries<string>({ ...looks.set })) element.setAttribute(name, value);
  if (looks.click) element.addEventListener('click', looks.click);
  element.append(...children);
  return element;
}

export function button(text: string, click: () => void, looks: Omit<Looks, 'text' | 'click'> = {}): HTMLButtonElement {
  const element = make('button', { ...looks, text, click });
  element.type = 'button';
  return element;
}

/** outlines on a grid of 16 */
const outlines = {
  proven: 'M8 1 2.5 3v4.2c0 3.4 2.2 6.3 5.5 7.8 3.3-1.5 5.5-4.4 5.5-7.8V3zM5.2 7.8l2 2 3.8-4',
  partly: 'M8 1 2.5 3v4.2c0 3.4 2.2 6.3 5.5 7.8 3.3-1.5 5.5-4.4 5.5-7.8V3zM8 4.5v4M8 10.6v.9',
  broken: 'M8 1.8 1.2 14h13.6zM8 6v4M8 11.6v.9',
  busy: 'M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 1 0 8 1.8zM8 4.5V8l2.4 1.6',
  blocked: 'M8 2a6 6 0 1 0 0 12A6 6 0 1 0 8 2zM3.9 3.9l8.2 8.2',
} as const;

/** A drawing that says nothing to a screen reader: a word always stands beside it. */
export function icon(name: keyof typeof outlines): SVGSVGElement {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  for (const [key, value] of [
    ['viewBox', '0 0 16 16'],
    ['aria-hidden', 'true'],
    ['class', `icon ${name}`],
  ] as const)
    svg.setAttribute(key, value);
  const path = document.createElementNS(space, 'path');
  path.setAttribute('d', outlines[name]);
  svg.append(path);
  return svg;
}
