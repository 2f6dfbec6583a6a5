/**
 * The ways to the measured server: directly and through a proxy on the host, through the way out alone, and from inside a sandbox. Every
 * one is loaded by the same program.
 */
import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import { runChild } from '../../helper/base/child.ts';
import { openDoor } from './egress-door.ts';
import type { Load } from './egress-load.ts';

/** names of the server: one whose connections are tunnelled, and one whose requests are looked at */
export const tunnelledHost = 'tunnelled.example';
export const interceptedHost = 'intercepted.example';

export const loadProgram = join(import.meta.dirname, 'egress-load.ts');
const timeoutMs = 60_000;

/** what is to be done, wherever it is done from */
export type Work = Pick<Load, 'what' | 'host' | 'amount'>;

/** does it once, and gives its figure */
export type Way = (work: Work) => Promise<number>;

export interface MeasuredServer {
  readonly port: number;
  /** who vouches for it, PEM */
  readonly certificatePem: string;
  end(): Promise<unknown>;
}

export async function startServer(): Promise<MeasuredServer> {
  const worker = new Worker(new URL('egress-server.ts', import.meta.url));
  const told: readonly unknown[] = await once(worker, 'message');
  // Whatever fails later, it does not keep the bench from ending.
  worker.unref();
  return { ...z.object({ port: z.number(), certificatePem: z.string() }).parse(told[0]), end: () => worker.terminate() };
}

/** @param authority file of who vouches for the server @param proxy port of the proxy that is asked; absent: directly */
export function hostWay(server: MeasuredServer, authority: string, proxy?: number): Way {
  return async (work) => {
    const argv = [loadProgram, ...wordsOf({ ...work, port: server.port, ...(proxy === undefined ? {} : { proxy }) })];
    const environment = { PATH: process.env['PATH'], NODE_EXTRA_CA_CERTS: authority };
    const { code, stdout, stderr } = await runChild(process.execPath, argv, { timeoutMs, environment });
    if (code !== 0) throw new Error(`${work.what} on the host: ${stderr}`);
    return valueOf(stdout);
  };
}

/** Each time with a door of its own, as a sandbox that was just started has. */
export function doorWay(server: MeasuredServer, authority: string): Way {
  return async (work) => {
    const door = await openDoor(work.host, server.port);
    try {
      return await hostWay(server, authority, door.port)(work);
    } finally {
      door.close();
    }
  };
}

/** The load program’s arguments. */
export const wordsOf = (load: Load): readonly string[] => Object.entries(load).flatMap(([name, value]) => [`--${name}`, String(value)]);

/** What the load program printed. */
export const valueOf = (printed: string): number => z.object({ value: z.number() }).parse(JSON.parse(printed)).value;
