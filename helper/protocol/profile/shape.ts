/** What the schema says about a place in a profile: what it means, what may stand there. For hints and documents, never for validation. */
import { z } from 'zod';
import { profileSchema } from './profile.ts';

export interface Shape {
  /** `map` is a table whose keys the writer chooses */
  readonly kind: 'table' | 'map' | 'list' | 'text' | 'number' | 'boolean' | 'choice' | 'date';
  /** noun phrase; empty where the schema says nothing */
  readonly description: string;
  /** value where none is written; absent for tables and for what must be written or may be left out */
  readonly default?: unknown;
  readonly required: boolean;
  readonly examples: readonly unknown[];
  /** for `choice` */
  readonly choices: readonly string[];
  /** for `number` */
  readonly minimum?: number;
  readonly maximum?: number;
  readonly integer?: boolean;
  /** what happens instead; present for fields that only older files have */
  readonly deprecated?: string;
}

/** What the schema says about the value at `path`; an index stands for every item of a list. Undefined where nothing may stand. */
export function shapeAt(path: readonly PropertyKey[]): Shape | undefined {
  const type = typeAt(path);
  return type && shapeOf(type);
}

/** Keys the table at `path` may have; empty where any key may be, or where no table is. */
export function keysAt(path: readonly PropertyKey[]): readonly string[] {
  const type = typeAt(path);
  const inner = type && bare(type);
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
}

/** Tables in which a key of this name would be right; the empty text stands for the top of the file. */
export function tablesWith(key: string): readonly string[] {
  const tables = ['', ...keysAt([])];
  return tables.filter((table) => keysAt(table === '' ? [] : [table]).includes(key));
}

function typeAt(path: readonly PropertyKey[]): z.ZodType | undefined {
  let type: unknown = profileSchema;
  for (const step of path) {
    const inner = bare(type);
    if (inner instanceof z.ZodObject) type = typeof step === 'string' && Object.hasOwn(inner.shape, step) ? inner.shape[step] : undefined;
    else if (inner instanceof z.ZodRecord) type = typeof step === 'string' ? inner.valueType : undefined;
    else if (inner instanceof z.ZodArray) type = typeof step === 'number' ? inner.element : undefined;
    else return undefined;
  }
  return type instanceof z.ZodType ? type : undefined;
}

function shapeOf(type: z.ZodType): Shape {
  const meta: Readonly<Record<string, unknown>> = z.globalRegistry.get(type) ?? {};
  const inner = bare(type);
  const { examples, instead } = meta as { readonly examples?: unknown; readonly instead?: unknown };
  const hasDefault = type instanceof z.ZodDefault;
  return {
    kind: kindOf(inner),
    description: typeof meta['description'] === 'string' ? meta['description'] : '',
    ...(hasDefault ? { default: type.def.defaultValue } : {}),
    required: !type.safeParse(undefined).success,
    examples: Array.isArray(examples) ? examples : [],
    choices: inner instanceof z.ZodEnum ? inner.options.map(String) : [],
    ...(inner instanceof z.ZodNumber ? numbers(inner) : {}),
    ...(typeof instead === 'string' ? { deprecated: instead } : {}),
  };
}

function numbers(type: z.ZodNumber): Pick<Shape, 'minimum' | 'maximum' | 'integer'> {
  const { minValue, maxValue, format } = type;
  return {
    ...(minValue === null ? {} : { minimum: minValue }),
    ...(maxValue === null ? {} : { maximum: maxValue }),
    integer: format === 'safeint',
  };
}

function kindOf(inner: unknown): Shape['kind'] {
  if (inner instanceof z.ZodObject) return 'table';
  if (inner instanceof z.ZodRecord) return 'map';
  if (inner instanceof z.ZodArray) return 'list';
  if (inner instanceof z.ZodNumber) return 'number';
  if (inner instanceof z.ZodBoolean) return 'boolean';
  if (inner instanceof z.ZodEnum) return 'choice';
  if (inner instanceof z.ZodUnion) return 'date';
  return 'text';
}

function bare(type: unknown): unknown {
  let inner = type;
  while (inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault || inner instanceof z.ZodOptional) inner = inner.unwrap();
  return inner;
}
