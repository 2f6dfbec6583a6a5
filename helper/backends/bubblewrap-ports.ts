/**
 * Ports below 1024 for the guest of a bubblewrap sandbox, which holds no capability: the kernel's own setting for the sandbox's
 * network is changed from outside, before the guest begins. Must never touch the machine's own network.
 */
import { runChild } from '../base/child.ts';

const timeoutMs = 10_000;

/** Why it could not be done, in one line; undefined when it was. @param program LASSO's own, see `images/ports` */
export async function openLowPorts(program: string | undefined, pid: number): Promise<string | undefined> {
  if (program === undefined) return 'LASSO’s program for it is missing';
  const { code, stderr, failure } = await runChild(program, [`${pid}`], { timeoutMs, environment: {} });
  return code === 0 ? undefined : (failure ?? stderr.trim().split('\n').at(-1) ?? `code ${code ?? 'unknown'}`);
}
