/** A line of a record as export formats need it. Hostile text: nothing is obeyed, and what is no record is exported as such. */
import type { RecordView } from '../../protocol/record-operations.ts';

export interface ExportLine extends RecordView {
  /** undefined where the line is no JSON object */
  readonly record: Readonly<Record<string, unknown>> | undefined;
}

/** one form of export: what comes first, each line, what stands between two, what comes last */
export interface ExportForm {
  readonly head: string;
  readonly each: (line: ExportLine) => string;
  readonly between: string;
  readonly foot: string;
}

export function exportLine(view: RecordView): ExportLine {
  return { ...view, record: objectIn(view.text) };
}

function objectIn(text: string): ExportLine['record'] {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A text member, or undefined. */
export function textIn(value: unknown, name: string): string | undefined {
  const found = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  return typeof found === 'string' ? found : undefined;
}

/** A member that is a finite number, or undefined. */
export function numberIn(value: unknown, name: string): number | undefined {
  const found = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  return typeof found === 'number' && Number.isFinite(found) ? found : undefined;
}
