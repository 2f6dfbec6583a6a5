/** What an engine's refusal means to a person: the code, and what to do. The engine's own words are kept, shortened. */
import { LassoError } from '../protocol/errors.ts';
import { errnoOf } from '../base/atomic-file.ts';

/** HTTP status of an engine's answer, or undefined when there was none. */
export function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return undefined;
  return typeof error.statusCode === 'number' ? error.statusCode : undefined;
}

/** True where the engine did not answer at all: it is gone, or was never there. */
export function isUnreachable(error: unknown): boolean {
  const code = errnoOf(error);
  return statusOf(error) === undefined && code !== undefined && code !== 'ABORT_ERR';
}

interface Meaning {
  readonly pattern: RegExp;
  readonly code: 'IMAGE_MISSING' | 'SANDBOX_START_FAILED' | 'ENGINE_PERMISSION' | 'ENGINE_FAILED' | 'CANNOT_ENFORCE' | 'NAME_TAKEN';
  readonly hint: string;
}

const meanings: readonly Meaning[] = [
  {
    pattern: /no such image|image not known|unable to find image/i,
    code: 'IMAGE_MISSING',
    hint: 'Run `lasso prebuild` to build the image, then try again.',
  },
  {
    pattern: /no space left on device|disk quota exceeded/i,
    code: 'ENGINE_FAILED',
    hint: 'The engine’s disk is full. Free some space (for Docker `docker system df` shows where it went), then try again.',
  },
  {
    pattern: /mounts denied|not shared from the host|bind source path does not exist|statfs .* no such file/i,
    code: 'SANDBOX_START_FAILED',
    hint: 'The engine cannot see this folder. Share it with its virtual machine (Settings → Resources → File sharing), or move it.',
  },
  {
    pattern: /permission denied.*(docker|podman)\.sock|permission denied while trying to connect/i,
    code: 'ENGINE_PERMISSION',
    hint: 'Join the `docker` group, or use rootless Podman.',
  },
  {
    pattern: /name .* is already in use/i,
    code: 'NAME_TAKEN',
    hint: 'Remove the container that has it, then try again.',
  },
  {
    pattern: /unknown or invalid runtime|runtime .* not found|invalid runtime name/i,
    code: 'CANNOT_ENFORCE',
    hint: 'The engine lost the runtime for this isolation. Run `lasso doctor`.',
  },
  {
    pattern: /cgroup|OCI runtime|runc|crun|runsc|failed to create shim|rlimit/i,
    code: 'SANDBOX_START_FAILED',
    hint: 'The engine’s runtime refused these settings. Run `lasso doctor` to see what works here.',
  },
];

/** The engine's error as one a person can act on; a LassoError passes unchanged. */
export function engineFailure(engine: string, doing: string, error: unknown): LassoError {
  if (error instanceof LassoError) return error;
  if (error instanceof Error && (error.name === 'AbortError' || errnoOf(error) === 'ABORT_ERR')) {
    return new LassoError('CANCELLED', `${doing} was cancelled.`, 'Nothing is left behind.', { cause: error });
  }
  const words = wordsOf(error);
  if (errnoOf(error) === 'EACCES') {
    const hint = 'Join the `docker` group (and log in again), or use rootless Podman.';
    return new LassoError('ENGINE_PERMISSION', `This user may not use ${engine}.`, hint, { cause: error });
  }
  if (isUnreachable(error)) {
    const hint = `Start ${engine} again, then try again. \`lasso doctor\` says what it finds.`;
    return new LassoError('ENGINE_LOST', `${engine} does not answer: ${words}`, hint, { cause: error });
  }
  const meaning = meanings.find(({ pattern }) => pattern.test(words));
  const code = meaning?.code ?? 'ENGINE_FAILED';
  return new LassoError(code, `${engine} failed while ${doing}: ${words}`, meaning?.hint ?? 'Run `lasso doctor`.', { cause: error });
}

/** An engine's message in one line, without the wrapping of every layer it went through. */
export function wordsOf(error: unknown): string {
  const inner = typeof error === 'object' && error !== null && 'json' in error ? messageIn(error.json) : undefined;
  const message = inner ?? (error instanceof Error ? error.message : String(error));
  return message.replaceAll(/\s+/g, ' ').trim().slice(0, 600);
}

function messageIn(json: unknown): string | undefined {
  if (typeof json !== 'object' || json === null || !('message' in json)) return undefined;
  return typeof json.message === 'string' && json.message !== '' ? json.message : undefined;
}
