/**
 * How the helper is found: `helper-<generation>.json` in the runtime folder, appearing whole or not at all. The highest
 * generation whose socket answers is the helper; numbers only grow, and nothing here relies on process ids or clocks.
 */
import { readdir, readFile, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createFileAtomic, errnoOf } from '../../base/atomic-file.ts';

export interface Announcement {
  readonly generation: number;
  /** address to connect to */
  readonly socket: string;
  /** for people; nothing is decided by it */
  readonly pid: number;
  readonly version: string;
  /** digest of the helper's bundle */
  readonly build: string;
  /** 64 hex digits every connection must present */
  readonly token: string;
}

const named = /^helper-([1-9][0-9]{0,11})\.json$/;
const fileOf = (folder: string, generation: number): string => join(folder, `helper-${generation}.json`);

/** Generations announced, highest first. */
export async function generationsIn(folder: string): Promise<readonly number[]> {
  const found: number[] = [];
  for (const name of await readdir(folder)) {
    const digits = named.exec(name)?.[1];
    if (digits !== undefined) found.push(Number(digits));
  }
  return found.sort((a, b) => b - a);
}

/** The announcement of a generation; undefined when it is gone or is no announcement. */
export async function readAnnouncement(folder: string, generation: number): Promise<Announcement | undefined> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(fileOf(folder, generation), 'utf8'));
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { socket, pid, version, build, token } = value as Readonly<Record<string, unknown>>;
  if (typeof socket !== 'string' || typeof pid !== 'number' || typeof version !== 'string') return undefined;
  if (typeof build !== 'string' || typeof token !== 'string' || !/^[0-9a-f]{64}$/.test(token)) return undefined;
  return { generation, socket, pid, version, build, token };
}

/** Announces; false when that generation is taken already. */
export function announce(folder: string, announcement: Announcement): Promise<boolean> {
  const { generation, ...content } = announcement;
  return createFileAtomic(fileOf(folder, generation), `${JSON.stringify(content)}\n`);
}

/** Takes back an announcement that turned out not to be the highest. */
export async function withdraw(folder: string, generation: number): Promise<void> {
  await rm(fileOf(folder, generation), { force: true });
}

export type Knock =
  | { readonly kind: 'open'; readonly socket: Socket }
  /** nobody listens there, and nobody ever will again */
  | { readonly kind: 'dead' }
  /** somebody does, but not at this moment */
  | { readonly kind: 'busy'; readonly code: string };

/** Connects to an announced socket. Addresses are never used twice, so a refusal is final. */
export function knock(address: string): Promise<Knock> {
  return new Promise((resolve) => {
    const socket = connect({ path: address, allowHalfOpen: true });
    socket.once('connect', () => {
      socket.off('error', failed);
      resolve({ kind: 'open', socket });
    });
    const failed = (error: unknown): void => {
      socket.destroy();
      const code = errnoOf(error) ?? 'unknown error';
      const dead = ['ECONNREFUSED', 'ENOENT', 'ENOTSOCK', 'ENAMETOOLONG', 'EINVAL'].includes(code);
      resolve(dead ? { kind: 'dead' } : { kind: 'busy', code });
    };
    socket.once('error', failed);
  });
}
