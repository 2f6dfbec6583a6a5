/** Reading fields out of what agents send: hostile JSON, of which only own fields of the right kind count. Pure and total. */

export type Fields = Readonly<Record<string, unknown>>;

/** An object, or the text of one; undefined for anything else. */
export function fieldsOf(value: unknown): Fields | undefined {
  if (typeof value !== 'string') return isFields(value) ? value : undefined;
  try {
    const parsed: unknown = JSON.parse(value);
    return isFields(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The first of these fields that is a text. */
export function textOf(fields: Fields, keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const value = valueOf(fields, key);
    if (typeof value === 'string') return value;
  }
  return undefined;
}

/** All texts in these fields, each of which may be one or a list of them; undefined where one is something else. */
export function textsOf(fields: Fields, keys: readonly string[]): readonly string[] | undefined {
  const found: string[] = [];
  for (const value of keys.map((key) => valueOf(fields, key))) {
    if (value === undefined || value === null) continue;
    for (const item of Array.isArray(value) ? (value as readonly unknown[]) : [value]) {
      if (typeof item !== 'string') return undefined;
      found.push(item);
    }
  }
  return found;
}

/** The objects of a field that is a list of them; anything else in it is left out. */
export function listOf(fields: Fields, key: string): readonly Fields[] {
  const value = valueOf(fields, key);
  return Array.isArray(value) ? (value as readonly unknown[]).filter(isFields) : [];
}

export const valueOf = (fields: Fields, key: string): unknown => (Object.hasOwn(fields, key) ? fields[key] : undefined);

const folders = ['cwd', 'workdir', 'working_directory', 'workingDirectory', 'directory', 'dir_path'] as const;

/** The absolute folder it is about, where it says one. */
export function folderOf(fields: Fields, above?: string): string | undefined {
  const told = textOf(fields, folders);
  if (told === undefined || told === '') return above;
  if (told.startsWith('/')) return told;
  return above === undefined ? undefined : `${above}/${told}`;
}
