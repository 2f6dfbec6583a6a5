/** The program of a thread that verifies: does the one task it is started with, and answers once. */
import { parentPort, workerData } from 'node:worker_threads';
import { checkMacs } from './mac-check.ts';
import { macsInThread, type Tasks } from './threads.ts';
import { verifyChain } from './verify.ts';

type Work = { readonly [K in keyof Tasks]: { readonly kind: K; readonly task: Tasks[K]['task'] } }[keyof Tasks];

const work = workerData as Work;
parentPort?.postMessage(work.kind === 'macs' ? await checkMacs(work.task) : await verified(work.task));

async function verified(chains: Tasks['chains']['task']): Promise<Tasks['chains']['answer']> {
  const reports = [];
  for (const chain of chains) reports.push(await verifyChain(chain, macsInThread()));
  return reports;
}
