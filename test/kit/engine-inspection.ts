/** What an engine lets anybody see who may ask it. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import type { TestEngine } from './engines.ts';

/** Everything an engine tells about its containers. */
export async function inspected(engine: TestEngine): Promise<string> {
  const listed = JSON.parse(await asked(engine.socket, '/containers/json?all=1')) as readonly { readonly Id: string }[];
  assert.ok(listed.length > 0, 'the engine knows no container');
  const texts = await Promise.all(
    listed.flatMap(({ Id }) =>
      ['json', 'top', 'logs?stdout=1&stderr=1'].map((about) => asked(engine.socket, `/containers/${Id}/${about}`)),
    ),
  );
  return [...texts, engine.log()].join('\n');
}

function asked(socketPath: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, path }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (part: string) => (body += part));
      response.once('end', () => resolve(body));
    });
    sent.once('error', reject).end();
  });
}
