/** Short-lived programs of the host: run, bounded in time and output, never through a shell. */
import { spawn } from 'node:child_process';

export interface ChildResult {
  /** exit code; null when a signal ended it, or it never started */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** it was stopped for taking too long or saying too much */
  readonly cut: boolean;
  /** why it never started, `ENOENT` */
  readonly failure?: string;
}

export interface ChildOptions {
  readonly timeoutMs: number;
  readonly limitBytes?: number;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly input?: string;
  readonly signal?: AbortSignal;
  /** called with each line of stderr and stdout as it comes */
  readonly onLine?: (line: string) => void;
}

/** Runs `file` with `argv`; resolves in every case. */
export async function runChild(file: string, argv: readonly string[], options: ChildOptions): Promise<ChildResult> {
  const limit = options.limitBytes ?? 1024 * 1024;
  const child = spawn(file, argv, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...(options.environment ?? process.env) },
    cwd: options.cwd,
    signal: options.signal,
    killSignal: 'SIGKILL',
  });
  const kept = { stdout: '', stderr: '' };
  const state: { cut: boolean; failure?: string } = { cut: false };
  const stop = (): void => {
    state.cut = true;
    child.kill('SIGKILL');
    // What it started may live on and hold its output open.
    child.stdout.destroy();
    child.stderr.destroy();
  };
  const timer = setTimeout(stop, options.timeoutMs);
  for (const name of ['stdout', 'stderr'] as const) {
    let rest = '';
    child[name].setEncoding('utf8').on('data', (text: string) => {
      if (options.onLine) {
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        lines.forEach(options.onLine);
        kept[name] = (kept[name] + text).slice(-limit);
      } else if (kept[name].length + text.length > limit) stop();
      else kept[name] += text;
    });
  }
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      state.failure = error.code ?? error.message;
      resolve(null);
    });
    child.once('close', (status) => resolve(status));
  });
  clearTimeout(timer);
  return { code, ...kept, ...state };
}
