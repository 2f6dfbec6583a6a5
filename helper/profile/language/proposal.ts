/** What a completion puts forward, and texts of snippets. Pure data: an editor's own shapes are made of it elsewhere. */
import type { Range } from '../../protocol/finding.ts';

export interface Proposal {
  readonly label: string;
  readonly kind: 'table' | 'key' | 'choice' | 'value' | 'group' | 'command' | 'profile' | 'variable' | 'removal';
  /** a snippet: `${1:…}`, `$1`, `$0` */
  readonly insert: string;
  /** replaced by it */
  readonly range: Range;
  /** one line beside the label */
  readonly detail?: string;
  /** Markdown */
  readonly documentation?: string;
  /** the likeliest first: 0 is best */
  readonly rank: number;
}

/** Text that a snippet inserts as it is. */
export const plain = (text: string): string => text.replace(/[\\$}]/g, '\\$&');

/** A place to type at, with what stands there at first. */
export const placeholder = (text: string, number = 1): string => (text === '' ? `$${number}` : `\${${number}:${plain(text)}}`);

/** A choice; commas and bars are what separates choices. */
export const choice = (options: readonly string[]): string =>
  `\${1|${options.map((option) => option.replace(/[\\$},|]/g, '\\$&')).join(',')}|}`;
