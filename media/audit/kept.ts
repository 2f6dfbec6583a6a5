/** What the page remembers of itself while it is out of sight or the window is loaded again: which rows, and where it was. Pure. */
import type { PageFilter } from '../../helper/protocol/record-page.ts';

export interface Kept {
  readonly sandbox: string;
  readonly filter: PageFilter;
  /** where the list was, in pixels of all its rows; left out at the end */
  readonly top?: number;
  readonly row?: number;
}

/** Whatever does not fit is left out; the editor checks each filter once more. */
export function keptIn(state: unknown, sandbox: string): Kept {
  const fields = isFields(state) && state['sandbox'] === sandbox ? state : {};
  const filter = isFields(fields['filter']) ? fields['filter'] : {};
  const { since, until, text } = filter;
  const [top, row] = [fields['top'], fields['row']];
  return {
    sandbox,
    filter: {
      types: listOf(filter['types'], types),
      outcomes: listOf(filter['outcomes'], outcomes),
      ...(typeof since === 'string' ? { since } : {}),
      ...(typeof until === 'string' ? { until } : {}),
      ...(typeof text === 'string' && text !== '' ? { text } : {}),
    },
    ...(typeof top === 'number' && top >= 0 ? { top } : {}),
    ...(typeof row === 'number' && Number.isSafeInteger(row) && row >= 0 ? { row } : {}),
  };
}

/** what stops a person first comes first */
export const outcomes = ['blocked', 'error', 'success', 'intent', 'unknown'] as const satisfies PageFilter['outcomes'];
export const types = [
  'command',
  'network',
  'file',
  'secret',
  'approval',
  'policy',
  'violation',
  'terminal',
  'lifecycle',
  'gap',
  'chain',
] as const satisfies PageFilter['types'];

const listOf = <T extends string>(value: unknown, known: readonly T[]): readonly T[] =>
  Array.isArray(value) ? known.filter((name) => value.includes(name)) : [];

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
