/** Failures as they reach the server of tools, which is a bundle of its own: the class of an error does not tell there, its form does. */
import { isErrorCode, LassoError } from '../../protocol/errors.ts';

/** The LassoError that something thrown is, or undefined. */
export function lassoErrorOf(error: unknown): LassoError | undefined {
  if (error instanceof LassoError) return error;
  if (!(error instanceof Error) || !('code' in error) || !isErrorCode(error.code)) return undefined;
  const hint = 'hint' in error && typeof error.hint === 'string' ? error.hint : '';
  const details = 'details' in error && Array.isArray(error.details) ? error.details.map(String) : [];
  return new LassoError(error.code, error.message, hint, { details, cause: error });
}
