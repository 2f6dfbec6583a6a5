/** Errors from the wire: the client's side of how a request fails. */
import { isErrorCode, LassoError } from '../../protocol/errors.ts';
import { PeerError } from './peer.ts';

/** The LassoError the helper threw, or what went wrong on the way. */
export function errorOf(error: unknown, signal: AbortSignal | undefined): LassoError {
  if (error instanceof LassoError) return error;
  if (error instanceof PeerError) {
    const data: unknown = error.data;
    if (typeof data === 'object' && data !== null && 'code' in data && isErrorCode(data.code)) {
      const hint = 'hint' in data && typeof data.hint === 'string' ? data.hint : '';
      const details = 'details' in data && Array.isArray(data.details) ? data.details.map(String) : [];
      return new LassoError(data.code, error.message, hint, { details });
    }
    if (signal?.aborted === true) return new LassoError('CANCELLED', 'The request was cancelled.', 'Nothing more to do.');
    if (error.code === -32_601)
      return new LassoError('UNSUPPORTED', 'The helper does not know this request.', 'Run `lasso stop all` and try again.');
    if (error.code > -32_000 || error.code < -32_099)
      return new LassoError('INTERNAL', error.message, 'This is a fault in LASSO; please report it.');
  }
  // Everything else is the connection: closed, disposed, or a write that failed.
  const hint = 'Run the command again; it starts a new helper.';
  return new LassoError('HELPER_UNREACHABLE', 'The connection to the helper is lost.', hint, { cause: error });
}
