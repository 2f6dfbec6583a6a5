/** A private engine as a target of the parity suite: started before the promises, asked for leftovers, ended after them. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { everydayImage, nodeMounts } from '../kit/engine-image.ts';
import { canStartEngines, type TestEngine } from '../kit/engines.ts';
import { keepPromises, type Target } from './parity.ts';

type Differences = Pick<Target, 'title' | 'backend' | 'isolation' | 'exceptions' | 'everyday'>;

/** Runs the promises on an engine made by `start`, once for each kind of link. */
export function keepPromisesOn(differences: Differences, links: readonly Target['link'][], start: () => Promise<TestEngine>): void {
  if (!canStartEngines()) {
    test(`${differences.title}: every promise`, { skip: 'private engines can be started only by root on Linux' }, () => undefined);
    return;
  }
  let engine: TestEngine | undefined;
  const started = (): TestEngine => {
    assert.ok(engine, 'the engine did not start');
    return engine;
  };
  const image: Record<string, string> = {};
  before(async () => {
    engine = await start();
    if (differences.everyday) image['LASSO_BASE_IMAGE'] = await everydayImage(engine);
  });
  for (const link of links) {
    keepPromises({
      ...differences,
      link,
      mounts: differences.everyday ? nodeMounts() : [],
      environment: () => ({ ...started().environment, ...image }),
      leftovers: () => containersOf(started().socket),
    });
  }
  after(async () => {
    await engine?.stop();
  });
}

/** Names of all containers an engine knows, running or not. */
async function containersOf(socketPath: string): Promise<readonly string[]> {
  const text = await new Promise<string>((resolve, reject) => {
    const asked = request({ socketPath, path: '/containers/json?all=1' }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (part: string) => (body += part));
      response.once('end', () => resolve(body));
    });
    asked.once('error', reject).end();
  });
  const listed: unknown = JSON.parse(text);
  assert.ok(Array.isArray(listed));
  return listed.map((container) => JSON.stringify(container));
}
