/** What a client is told when a request fails: the code, the sentence and the hint, never a stack or a system path. */
import { ResponseError } from 'vscode-jsonrpc/node';
import type { Log } from '../../base/log.ts';
import { errorCodes, LassoError, type ErrorData } from '../../protocol/errors.ts';
import { cancelledError } from './streams.ts';

/** Turns whatever was thrown into a JSON-RPC error; what nobody expected is logged and told as INTERNAL. */
export function responseErrorOf(
  error: unknown,
  operation: string,
  signal: AbortSignal,
  log: Log,
  logFile: string,
): ResponseError<ErrorData> {
  const told = error instanceof LassoError ? error : signal.aborted ? cancelledError() : undefined;
  if (told) return toResponse(told);
  log.error(`${operation} failed unexpectedly`, error);
  return toResponse(
    new LassoError('INTERNAL', `Something unexpected went wrong in ${operation}.`, `The helper's log says more: ${logFile}`),
  );
}

function toResponse(error: LassoError): ResponseError<ErrorData> {
  const details = error.details.length > 0 ? { details: error.details } : {};
  return new ResponseError(errorCodes[error.code].rpc, error.message, { code: error.code, hint: error.hint, ...details });
}
