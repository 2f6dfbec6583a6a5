/** What an outline of a TOML text consists of. */
import type { KeyPath } from '../key-path.ts';

/** offsets in UTF-16 code units; the end is not part of it */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Segment extends Span {
  readonly name: string;
}

export interface TextValue extends Span {
  readonly kind: 'text';
  readonly text: string;
  readonly quote: '"' | "'" | '"""' | "'''";
  readonly closed: boolean;
}
/** a number, a date, true, false, or anything else without quotes */
export interface BareValue extends Span {
  readonly kind: 'bare';
  readonly text: string;
}
export interface ListValue extends Span {
  readonly kind: 'list';
  readonly items: readonly Value[];
  readonly closed: boolean;
}
export interface TableValue extends Span {
  readonly kind: 'table';
  readonly pairs: readonly Pair[];
  readonly closed: boolean;
}
export type Value = TextValue | BareValue | ListValue | TableValue;

export interface Pair extends Span {
  /** from the top of the document, list indices included */
  readonly path: KeyPath;
  readonly keys: readonly Segment[];
  /** offset of “=”; absent while it is not typed yet */
  readonly equals?: number;
  readonly value?: Value;
}

export interface Header extends Span {
  readonly keys: readonly Segment[];
  readonly array: boolean;
  readonly closed: boolean;
}

export interface Section extends Span {
  /** of the table; for `[[x]]` with its index */
  readonly path: KeyPath;
  /** absent for what stands above the first table */
  readonly header?: Header;
  readonly pairs: readonly Pair[];
}

export interface Outline {
  /** what stands above the first table comes first, also when it is empty */
  readonly sections: readonly Section[];
  /** in order, each from its “#” to the end of its line */
  readonly comments: readonly Span[];
}
