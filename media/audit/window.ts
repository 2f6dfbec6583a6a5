/**
 * Which rows of a long list are in sight. Browsers draw no element taller than some ten million pixels, so the scrollbar of a
 * longer list stands for more than itself: `top` is where the list really is, in pixels of all its rows. Pure.
 */
export interface Geometry {
  readonly rows: number;
  readonly rowPx: number;
  readonly viewPx: number;
}

/** tallest element that every browser draws, with room to spare, in pixels */
const tallestPx = 8_000_000;

/** Height of what is scrolled, in pixels. */
export const scrollPx = ({ rows, rowPx }: Geometry): number => Math.min(rows * rowPx, tallestPx);

/** `top` when the last row is at the lower edge. */
export const lastTop = ({ rows, rowPx, viewPx }: Geometry): number => Math.max(0, rows * rowPx - viewPx);

/** Where the list is when the scrollbar is at `scroll`. */
export function topOf(scroll: number, geometry: Geometry): number {
  const range = scrollPx(geometry) - geometry.viewPx;
  return range <= 0 ? 0 : clamp((scroll / range) * lastTop(geometry), geometry);
}

/** Where the scrollbar is when the list is at `top`. */
export function scrollOf(top: number, geometry: Geometry): number {
  const last = lastTop(geometry);
  return last === 0 ? 0 : (clamp(top, geometry) / last) * (scrollPx(geometry) - geometry.viewPx);
}

export const clamp = (top: number, geometry: Geometry): number => Math.min(Math.max(0, top), lastTop(geometry));

/** Rows in sight, cut ones too, and how far above the upper edge the first begins, in pixels. */
export function rowsInSight(
  top: number,
  { rows, rowPx, viewPx }: Geometry,
): { readonly first: number; readonly count: number; readonly abovePx: number } {
  const first = Math.min(Math.floor(top / rowPx), rows);
  const abovePx = top - first * rowPx;
  return { first, count: Math.min(Math.ceil((viewPx + abovePx) / rowPx), rows - first), abovePx };
}

/** Whole rows that fit, for a page up or down; at least one. */
export const rowsOnPage = ({ rowPx, viewPx }: Geometry): number => Math.max(1, Math.floor(viewPx / rowPx));

/** The nearest `top` at which a row is wholly in sight. */
export function topShowing(row: number, top: number, geometry: Geometry): number {
  const { rowPx, viewPx } = geometry;
  const begin = row * rowPx;
  if (begin < top) return clamp(begin, geometry);
  return begin + rowPx > top + viewPx ? clamp(begin + rowPx - viewPx, geometry) : top;
}

/** `top` with a row in the middle. */
export const topAround = (row: number, geometry: Geometry): number => clamp((row + 0.5) * geometry.rowPx - geometry.viewPx / 2, geometry);
