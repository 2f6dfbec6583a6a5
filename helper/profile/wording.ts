/** The schema's complaints in words for somebody who writes TOML. */
import type { profileSchema } from '../protocol/profile/profile.ts';
import type { Tree } from './tree.ts';

type Failure = Extract<ReturnType<typeof profileSchema.safeParse>, { success: false }>;
export type SchemaIssue = Failure['error']['issues'][number];

const kinds: Readonly<Record<string, string>> = {
  string: 'text in quotes',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a table',
  record: 'a table',
  date: 'a date',
};

/** What should have been there, and the rule that says so. */
export function expectation(issue: SchemaIssue, found: Tree): { readonly text: string; readonly code: string } {
  const wrongType = (expected: string): { readonly text: string; readonly code: string } => ({
    text: `must be ${expected}, not ${described(found)}`,
    code: 'wrong-type',
  });
  switch (issue.code) {
    case 'invalid_type':
      if (found.kind === 'leaf' && typeof found.value === 'bigint') return { text: 'is too large a number', code: 'out-of-range' };
      return wrongType(kinds[issue.expected] ?? issue.expected);
    case 'invalid_union':
      return wrongType('text in quotes or a date');
    case 'invalid_value':
      return { text: `must be one of ${issue.values.map((value) => JSON.stringify(value)).join(', ')}`, code: 'bad-value' };
    case 'too_small':
      return { text: issue.origin === 'string' ? issue.message : `must be at least ${issue.minimum}`, code: 'out-of-range' };
    case 'too_big':
      return { text: `must be at most ${issue.maximum}`, code: 'out-of-range' };
    case 'invalid_format':
    case 'not_multiple_of':
    case 'invalid_key':
    case 'invalid_element':
    case 'unrecognized_keys':
    case 'custom':
      return { text: issue.message, code: 'bad-value' };
    default:
      return issue satisfies never;
  }
}

function described(tree: Tree): string {
  if (tree.kind === 'table') return 'a table';
  if (tree.kind === 'list') return 'a list';
  const { value } = tree;
  if (value instanceof Date) return 'a date';
  if (typeof value === 'string') return 'text';
  if (typeof value === 'boolean') return String(value);
  return typeof value === 'number' ? `${value}` : 'this';
}
