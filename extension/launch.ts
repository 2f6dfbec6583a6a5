/**
 * Finds the user's helper, starting it if there is none, by asking the `lasso` program that comes with the extension. It
 * reads where the helper listens and nothing more; finding, replacing and refusing are decided there.
 */
import { execFile } from 'node:child_process';
import { errorDataOf, Failure, isRecord } from './failure.ts';

export interface HelperAddress {
  readonly socket: string;
  /** proves to the helper that we may read this user's runtime folder */
  readonly token: string;
  readonly version: string;
}

/** longest wait for a helper to come up, image work not included */
const ensureTimeoutMs = 30_000;

/** @throws Failure with what the program said */
export function ensureHelper(program: string, environment: NodeJS.ProcessEnv): Promise<HelperAddress> {
  return new Promise((resolve, reject) => {
    const args = [program, 'helper', 'ensure', '--json'];
    execFile(
      process.execPath,
      args,
      { env: programEnvironment(environment), timeout: ensureTimeoutMs, windowsHide: true },
      (error, stdout, stderr) => {
        const address = error ? undefined : addressOf(stdout);
        if (address) resolve(address);
        else reject(failureIn(stdout, stderr));
      },
    );
  });
}

/** What the `lasso` program runs with: the user's environment without VS Code's own variables. */
export function programEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(environment).filter(([name]) => !isOwn(name));
  return { ...Object.fromEntries(kept), ELECTRON_RUN_AS_NODE: '1' };
}

/** The same as changes to the environment it would inherit: null takes a variable away. */
export function setAside(environment: NodeJS.ProcessEnv): Record<string, string | null> {
  const own = Object.keys(environment).filter(isOwn);
  return { ...Object.fromEntries(own.map((name) => [name, null])), ELECTRON_RUN_AS_NODE: '1' };
}

const isOwn = (name: string): boolean => /^(VSCODE_|ELECTRON_|NODE_OPTIONS$)/.test(name);

/** The address in the program's answer, or undefined when there is none. */
export function addressOf(stdout: string): HelperAddress | undefined {
  const value = parse(stdout);
  if (!isRecord(value)) return undefined;
  const { socket, token, version } = value;
  if (typeof socket !== 'string' || typeof token !== 'string' || typeof version !== 'string') return undefined;
  if (!/^[\x21-\x7e]{1,256}$/.test(token)) return undefined;
  return { socket, token, version };
}

/** Why the program failed: its JSON error where it gave one, otherwise the last line it wrote. */
export function failureIn(stdout: string, stderr: string): Failure {
  for (const text of [stdout, stderr]) {
    const value = parse(text);
    const error = isRecord(value) ? (value['error'] ?? value) : undefined;
    if (isRecord(error) && typeof error['message'] === 'string') return new Failure(error['message'], errorDataOf(error));
  }
  const said = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return new Failure('The LASSO helper could not be started.', {
    code: 'HELPER_UNREACHABLE',
    hint: said.find((line) => /^\w*Error\b/.test(line)) ?? said.at(-1) ?? 'The log says more.',
    details: said,
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
