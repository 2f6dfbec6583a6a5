/** Trying endpoints one after the other, and saying of the ones that failed what a person should know. */
import { readdirSync, readFileSync } from 'node:fs';
import { LassoError } from '../protocol/errors.ts';
import { connectFailure, connectTo, type EngineInfo } from './connection.ts';
import { endpointName, type Endpoint, type EndpointFacts } from './endpoints.ts';
import { wordsOf } from './engine-failure.ts';
import type { EngineOptions, Failure, Found } from './engine-kind.ts';

/** The failure of a look as an error. */
export function refuse(title: string, failure: Failure): never {
  const code = failure.failure === 'permission' ? 'ENGINE_PERMISSION' : failure.failure === 'absent' ? 'NO_ENGINE' : 'ENGINE_FAILED';
  throw new LassoError(code, `${title}: ${failure.reason}`, failure.hint);
}

/** Tries endpoints in order; the first that answers and is the right engine wins, else the most telling failure. */
export async function firstAnswering(
  endpoints: readonly Endpoint[],
  accepts: (info: EngineInfo) => boolean,
  title: string,
  signal?: AbortSignal,
): Promise<Found> {
  const rank = { absent: 0, broken: 1, permission: 2 } as const;
  let worst: Failure | undefined;
  for (const endpoint of endpoints) {
    try {
      const connection = await connectTo(endpoint, signal);
      if (accepts(connection.info)) return { connection, notices: [] };
    } catch (error) {
      const failure = connectFailure(error);
      // Of equals the first is told: it is the one the user named, where one was named.
      if (worst === undefined || rank[failure] > rank[worst.failure]) worst = describeFailure(title, endpoint, failure, wordsOf(error));
    }
  }
  return worst ?? { failure: 'absent', reason: `No ${title} is running here.`, hint: `Start ${title}, or install it.` };
}

function describeFailure(title: string, endpoint: Endpoint, failure: Failure['failure'], words: string): Failure {
  const place = endpointName(endpoint);
  switch (failure) {
    case 'absent':
      return { failure, reason: `Nothing answers at ${place} (${endpoint.source}).`, hint: `Start ${title}, or install it.` };
    case 'permission':
      return {
        failure,
        reason: `This user may not use ${title} at ${place}.`,
        hint: 'Join the `docker` group (`sudo usermod -aG docker $USER`, then log in again), or use rootless Podman.',
      };
    case 'broken':
      return { failure, reason: `${title} at ${place} does not answer as it should: ${words}`, hint: `Restart ${title}.` };
  }
}

/** What discovery may know of the machine. */
export function endpointFacts(options: EngineOptions): EndpointFacts {
  return {
    host: options.host,
    read: (file) => quietly(() => readFileSync(file, 'utf8')),
    list: (folder) => quietly(() => readdirSync(folder)) ?? [],
  };
}

function quietly<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
