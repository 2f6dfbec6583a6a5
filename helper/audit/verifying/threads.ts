/** Verification on threads of its own, so that whoever asks for it can go on with other things; a large record takes two. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { VerifyReport } from '../../protocol/record.ts';
import type { MacCheck, MacsChecked, MacTask } from './mac-check.ts';
import type { VerifyOptions } from './verify.ts';

/** what a thread is told to do, and what it answers */
export interface Tasks {
  readonly chains: { readonly task: readonly VerifyOptions[]; readonly answer: readonly VerifyReport[] };
  readonly macs: { readonly task: MacTask; readonly answer: MacsChecked };
}

/** What there is to say about each record, in their order. Rejects with the signal's reason, or when a thread cannot be had. */
export function verifyInThread(chains: readonly VerifyOptions[], signal?: AbortSignal): Promise<readonly VerifyReport[]> {
  return inThread('chains', chains, signal);
}

/** Macs on another thread; undefined where the machine has only one core. */
export function macsInThread(): MacCheck | undefined {
  return availableParallelism() > 1 ? (task) => inThread('macs', task) : undefined;
}

/** The thread's program lies beside this file, or, bundled, beside the bundle. */
const program = new URL(import.meta.url.endsWith('.ts') ? './verify-thread.ts' : './verify-thread.js', import.meta.url);

function inThread<K extends keyof Tasks>(kind: K, task: Tasks[K]['task'], signal?: AbortSignal): Promise<Tasks[K]['answer']> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const worker = new Worker(program, { workerData: { kind, task } });
    const aborted = (): void => {
      reject(signal?.reason instanceof Error ? signal.reason : new Error('Verification was cancelled.'));
      void worker.terminate();
    };
    signal?.addEventListener('abort', aborted, { once: true });
    worker.once('message', (answer: Tasks[K]['answer']) => resolve(answer));
    worker.once('error', reject);
    worker.once('exit', () => {
      signal?.removeEventListener('abort', aborted);
      reject(new Error('The thread that verifies ended without an answer.'));
    });
  });
}
