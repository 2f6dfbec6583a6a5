/** A failure as a person or a program is told it on stderr, and the exit status it means. */
import { errorCodes, LassoError } from '../../protocol/errors.ts';
import type { Paint } from './console.ts';
import { jsonText, visible } from './render/text.ts';

/** Any thrown value as a LassoError; what is not one is a fault of ours and says so. */
export function failureOf(thrown: unknown): LassoError {
  if (thrown instanceof LassoError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new LassoError('INTERNAL', message, 'This is a fault of LASSO: please report it, with `lasso helper log`.', { cause: thrown });
}

export function failureText(failure: LassoError, { json, paint }: { readonly json: boolean; readonly paint: Paint }): string {
  const { code, message, hint, details } = failure;
  if (json) return `${jsonText({ error: { code, message, hint, ...(details.length === 0 ? {} : { details }) } })}\n`;
  const lines = details.map((line) => `  ${paint('dim', visible(line))}\n`).join('');
  return `${paint('red', 'lasso:')} ${visible(message)}\n${lines}${hint === '' ? '' : `  ${visible(hint)}\n`}`;
}

export function exitStatusOf({ code }: LassoError): number {
  return errorCodes[code].exit;
}
