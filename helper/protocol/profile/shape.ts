/** What the schema says about a place in a profile: which keys a table may have. For hints, never for validation. */
import { z } from 'zod';
import { profileSchema } from './profile.ts';

/** Keys the table at `path` may have; empty where any key may be, or where no table is. */
export function keysAt(path: readonly PropertyKey[]): readonly string[] {
  let type: unknown = profileSchema;
  for (const step of path) {
    const inner = bare(type);
    if (inner instanceof z.ZodObject) type = typeof step === 'string' && Object.hasOwn(inner.shape, step) ? inner.shape[step] : undefined;
    else if (inner instanceof z.ZodArray) type = inner.element;
    else return [];
  }
  const inner = bare(type);
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
}

/** Tables in which a key of this name would be right; the empty text stands for the top of the file. */
export function tablesWith(key: string): readonly string[] {
  const tables = ['', ...keysAt([])];
  return tables.filter((table) => keysAt(table === '' ? [] : [table]).includes(key));
}

function bare(type: unknown): unknown {
  let inner = type;
  while (inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault || inner instanceof z.ZodOptional) inner = inner.unwrap();
  return inner;
}
