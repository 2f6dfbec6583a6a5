/**
 * Every way an operation can fail, once: a closed set of codes, and for each what a shell, a REST client and a
 * JSON-RPC client are told. A verdict of deny is never an error; it is a value.
 */

/** what each code means to a shell (exit status), to HTTP, and to JSON-RPC */
export const errorCodes = {
  BAD_REQUEST: { exit: 2, http: 400, rpc: -32602 },
  BAD_PROFILE: { exit: 2, http: 422, rpc: 1001 },
  UNKNOWN_PROFILE: { exit: 2, http: 404, rpc: 1002 },
  PROFILE_EXISTS: { exit: 2, http: 409, rpc: 1003 },
  PROFILE_UNAPPROVED: { exit: 77, http: 403, rpc: 1004 },
  PROFILE_MISMATCH: { exit: 1, http: 409, rpc: 1005 },
  WORKSPACE_MISSING: { exit: 2, http: 404, rpc: 1010 },
  WORKSPACE_REFUSED: { exit: 2, http: 422, rpc: 1011 },
  MOUNT_REFUSED: { exit: 2, http: 422, rpc: 1012 },
  NO_ENGINE: { exit: 69, http: 503, rpc: 1020 },
  ENGINE_PERMISSION: { exit: 77, http: 503, rpc: 1021 },
  ENGINE_FAILED: { exit: 70, http: 502, rpc: 1022 },
  ENGINE_LOST: { exit: 70, http: 502, rpc: 1023 },
  IMAGE_MISSING: { exit: 69, http: 503, rpc: 1030 },
  IMAGE_BUILD_FAILED: { exit: 70, http: 502, rpc: 1031 },
  CANNOT_ENFORCE: { exit: 69, http: 422, rpc: 1040 },
  ISOLATION_ABSENT: { exit: 69, http: 422, rpc: 1041 },
  SANDBOX_UNKNOWN: { exit: 2, http: 404, rpc: 1050 },
  SANDBOX_AMBIGUOUS: { exit: 2, http: 409, rpc: 1051 },
  SANDBOX_NOT_RUNNING: { exit: 1, http: 409, rpc: 1052 },
  SANDBOX_START_FAILED: { exit: 70, http: 502, rpc: 1053 },
  NAME_TAKEN: { exit: 2, http: 409, rpc: 1054 },
  TERMINAL_UNKNOWN: { exit: 2, http: 404, rpc: 1055 },
  LINK_LOST: { exit: 70, http: 502, rpc: 1056 },
  PORT_CLOSED: { exit: 1, http: 409, rpc: 1057 },
  PORT_TAKEN: { exit: 1, http: 409, rpc: 1058 },
  COMMAND_NOT_FOUND: { exit: 127, http: 422, rpc: 1060 },
  COMMAND_DENIED: { exit: 126, http: 403, rpc: 1062 },
  COMMAND_NOT_EXECUTABLE: { exit: 126, http: 422, rpc: 1061 },
  FILE_UNAVAILABLE: { exit: 1, http: 409, rpc: 1063 },
  RECORD_FAILED: { exit: 74, http: 507, rpc: 1070 },
  RECORD_INVALID: { exit: 1, http: 409, rpc: 1071 },
  SECRET_UNAVAILABLE: { exit: 69, http: 424, rpc: 1100 },
  HELPER_UNREACHABLE: { exit: 69, http: 503, rpc: 1080 },
  HELPER_OUTDATED: { exit: 75, http: 503, rpc: 1081 },
  HELPER_DIRECTORY_UNSAFE: { exit: 77, http: 503, rpc: 1082 },
  CANCELLED: { exit: 130, http: 499, rpc: -32800 },
  TIMED_OUT: { exit: 124, http: 504, rpc: 1090 },
  UNSUPPORTED: { exit: 69, http: 501, rpc: 1091 },
  INTERNAL: { exit: 70, http: 500, rpc: -32603 },
} as const satisfies Readonly<Record<string, { readonly exit: number; readonly http: number; readonly rpc: number }>>;

export type ErrorCode = keyof typeof errorCodes;

/** what travels in the `data` of a JSON-RPC error */
export interface ErrorData {
  readonly code: ErrorCode;
  readonly hint: string;
  /** more lines for a person: a list of what is missing, the tail of an engine's log */
  readonly details?: readonly string[];
}

/** A failure a person can act on: `message` says what happened, `hint` what to do about it. */
export class LassoError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;
  readonly details: readonly string[];

  constructor(
    code: ErrorCode,
    message: string,
    hint: string,
    options: { readonly details?: readonly string[]; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'LassoError';
    this.code = code;
    this.hint = hint;
    this.details = options.details ?? [];
  }
}

/** True for a value that is a known error code; the argument may be hostile. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(errorCodes, value);
}
