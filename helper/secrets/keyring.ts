/**
 * The keyring of the desktop: the Secret Service on Linux, through `secret-tool`, and the Keychain on macOS, through `security`.
 * A value travels on their stdin and stdout, never in an argument, which others could see.
 */
import { runChild, type ChildResult } from '../base/child.ts';
import { findProgram } from '../base/program.ts';
import type { Host } from '../base/platform.ts';
import { unavailable } from './unavailable.ts';

/** what it is found by again */
export interface KeyringEntry {
  readonly service: string;
  readonly account: string;
}

/** Every member fails with LassoError SECRET_UNAVAILABLE where the keyring is locked, away or refuses. */
export interface Keyring {
  /** what people call it */
  readonly title: string;
  /** undefined where there is no such entry */
  get(entry: KeyringEntry): Promise<string | undefined>;
  set(entry: KeyringEntry, value: string): Promise<void>;
  /** An entry that is not there is as good as removed. */
  remove(entry: KeyringEntry): Promise<void>;
}

type KeyringHost = Pick<Host, 'platform' | 'environment' | 'home'>;
type Run = (argv: readonly string[], input?: string) => Promise<ChildResult>;

const timeoutMs = 10_000;
const limitBytes = 64 * 1024;

/** This user's keyring, or undefined where LASSO knows none: no `secret-tool`, or Windows. */
export function keyringOf(host: KeyringHost): Keyring | undefined {
  const name = host.platform === 'darwin' ? 'security' : host.platform === 'linux' ? 'secret-tool' : undefined;
  const program = name === undefined ? undefined : findProgram(name, host.environment['PATH'], host.platform);
  if (program === undefined) return undefined;
  const run: Run = (argv, input) =>
    runChild(program, argv, {
      timeoutMs,
      limitBytes,
      environment: host.environment,
      cwd: host.home,
      ...(input === undefined ? {} : { input }),
    });
  return host.platform === 'darwin' ? keychain(run) : secretService(run);
}

/** libsecret’s secret-tool(1); attributes are those of other programs that keep passwords there. */
function secretService(run: Run): Keyring {
  const title = 'the desktop’s keyring';
  const named = ({ service, account }: KeyringEntry): readonly string[] => ['service', service, 'username', account];
  return {
    title,
    get: async (entry) => {
      const ended = await run(['lookup', ...named(entry)]);
      if (ended.code === 0) return ended.stdout;
      if (ended.code === 1 && ended.stderr.trim() === '') return undefined;
      throw refused(title, ended);
    },
    set: async (entry, value) => {
      const ended = await run(['store', `--label=${entry.service}: ${entry.account}`, ...named(entry)], value);
      if (ended.code !== 0) throw refused(title, ended);
    },
    remove: async (entry) => {
      const ended = await run(['clear', ...named(entry)]);
      if (ended.code !== 0 && ended.stderr.trim() !== '') throw refused(title, ended);
    },
  };
}

/** What security(1) says when there is no such item. */
const itemNotFound = 44;
/** longest line it reads from stdin, in bytes */
const lineLimit = 4096;
/** Begins a value of ours: `find-generic-password -w` gives what is not plain ASCII in another form, without saying so. */
const encoded = 'lasso-base64:';

function keychain(run: Run): Keyring {
  const title = 'the Keychain';
  const named = ({ service, account }: KeyringEntry): readonly string[] => ['-s', service, '-a', account];
  const get = async (entry: KeyringEntry): Promise<string | undefined> => {
    const ended = await run(['find-generic-password', ...named(entry), '-w']);
    if (ended.code === itemNotFound) return undefined;
    if (ended.code !== 0) throw refused(title, ended);
    const text = ended.stdout.trimEnd();
    return text.startsWith(encoded) ? Buffer.from(text.slice(encoded.length), 'base64').toString() : text;
  };
  return {
    title,
    get,
    set: async (entry, value) => {
      const words = ['add-generic-password', '-U', ...named(entry), '-w', encoded + Buffer.from(value).toString('base64')];
      const line = `${words.map((word) => `"${word.replace(/["\\]/g, '\\$&')}"`).join(' ')}\n`;
      if (Buffer.byteLength(line) >= lineLimit || /[\n\0]/.test(line.slice(0, -1)))
        throw unavailable('the value is too long for the Keychain', 'Keep a shorter one.');
      const ended = await run(['-i'], line);
      // It ends well even when a command it was given does not.
      if (ended.code !== 0 || (await get(entry)) !== value) throw refused(title, ended);
    },
    remove: async (entry) => {
      const ended = await run(['delete-generic-password', ...named(entry)]);
      if (ended.code !== 0 && ended.code !== itemNotFound) throw refused(title, ended);
    },
  };
}

function refused(title: string, { cut, failure }: ChildResult): Error {
  const why = cut
    ? 'did not answer in 10 seconds'
    : failure === undefined
      ? 'refuses or cannot be reached'
      : `cannot be asked (${failure})`;
  return unavailable(`${title} ${why}`, 'Unlock it, or keep the value elsewhere.');
}
