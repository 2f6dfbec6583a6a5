/** What went wrong, as the helper tells it: a code, what happened, what to do. Whatever is thrown elsewhere becomes one of these. */
import type { ErrorCode, ErrorData } from '../helper/protocol/errors.ts';

export class Failure extends Error {
  /** undefined where the helper gave none */
  readonly code: ErrorCode | undefined;
  readonly hint: string;
  readonly details: readonly string[];

  constructor(message: string, data: Partial<ErrorData> = {}) {
    super(message);
    this.name = 'Failure';
    this.code = data.code;
    this.hint = data.hint ?? '';
    this.details = data.details ?? [];
  }
}

/** JSON-RPC's number for a request that its caller took back */
const cancelledRpcCode = -32800;

export function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (!isRecord(error)) return new Failure(message);
  if (error['code'] === cancelledRpcCode || error['name'] === 'Canceled') return new Failure(message, { code: 'CANCELLED' });
  return new Failure(message, errorDataOf(error['data']));
}

/** Reads what may be an `ErrorData`; anything else is an empty one. */
export function errorDataOf(value: unknown): Partial<ErrorData> {
  if (!isRecord(value)) return {};
  const { code, hint, details } = value;
  return {
    ...(isCode(code) ? { code } : {}),
    ...(typeof hint === 'string' ? { hint } : {}),
    ...(Array.isArray(details) ? { details: details.filter((line) => typeof line === 'string') } : {}),
  };
}

// The table of codes cannot be imported at run time; one that is not in it is only ever shown and compared.
const isCode = (value: unknown): value is ErrorCode => typeof value === 'string' && /^[A-Z_]{3,40}$/.test(value);

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;
