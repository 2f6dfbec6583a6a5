/**
 * The value of a secret is nowhere but where it was put: every verb is used over the real wire, and then all that came back, all
 * that was told, and every byte that was written is searched for it.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileLog } from '../../../helper/base/log.ts';
import { openCore } from '../../../helper/core/compose.ts';
import { LassoError } from '../../../helper/protocol/errors.ts';
import type { HelperOperationName, OperationInput, OperationResult } from '../../../helper/protocol/operations.ts';
import { testPlace } from '../../kit/folders.ts';
import { scriptIn } from '../../kit/secrets.ts';
import { served } from '../../kit/served.ts';
import { root } from '../../kit/sources.ts';

const value = `hunter2${randomBytes(12).toString('hex')}`;
const shapes = [value, Buffer.from(value).toString('base64').slice(0, 20), Buffer.from(value).toString('hex')];

test('no verb, event, log or file gives a value away', async () => {
  const undo: (() => void)[] = [];
  const place = testPlace();
  undo.push(place.remove);
  const github = createServer((request, response) => {
    const begin = request.url === '/login/device/code';
    const code = { device_code: value, user_code: 'ABCD', verification_uri: 'https://login.example/', expires_in: 60, interval: 0 };
    response.end(JSON.stringify(begin ? code : { access_token: value, scope: 'repo' }));
  });
  github.listen(0, '127.0.0.1');
  await once(github, 'listening');
  undo.push(() => github.close());
  const address = github.address();
  assert.ok(typeof address === 'object' && address !== null);

  // Where the values are: nowhere else may they be found.
  const sources = join(place.root, 'sources');
  const told = scriptIn(sources, 'tell', [`echo ${value}`]);
  const failing = scriptIn(sources, 'fail', [`echo ${value}; echo ${value} >&2; exit 1`]);
  writeFileSync(join(sources, 'login.json'), JSON.stringify({ token: value, list: [value], old: { token: value, expiresAt: 1 } }), {
    mode: 0o600,
  });
  writeFileSync(join(sources, 'lines'), `${value}\n${value}\n`, { mode: 0o600 });
  const from = {
    kept: 'keyring:kept',
    gone: 'keyring:gone',
    variable: 'env:SOME_TOKEN',
    file: `file:${sources}/login.json#token`,
    list: `file:${sources}/login.json#list`,
    old: `file:${sources}/login.json#old.token`,
    prose: `file:${sources}/lines#token`,
    lines: `file:${sources}/lines`,
    told: `command:${told}`,
    failing: `command:${failing}`,
    editor: 'vscode:editor',
    lacking: 'vscode:lacking',
    github: 'github',
  };
  const found = ['kept', 'variable', 'file', 'told', 'editor', 'github'];
  const tables = Object.entries(from).map(
    ([name, source]) => `[secrets.${name}]\nfrom = ${JSON.stringify(source)}\nhosts = ["a.example"]\n`,
  );
  mkdirSync(join(place.folders.home, 'profiles'), { recursive: true, mode: 0o700 });
  writeFileSync(join(place.folders.home, 'profiles', 'mine.toml'), `name = "mine"\nextends = "standard"\n${tables.join('')}`);
  writeFileSync(join(place.folders.home, 'config.toml'), `[github]\naddress = "http://127.0.0.1:${address.port}"\nclient_id = "client"\n`);

  const log = fileLog(place.folders.log, () => new Date());
  const environment = { ...place.host.environment, PATH: '/usr/bin:/bin', SOME_TOKEN: value };
  // An address of no engine: this test starts no sandbox.
  const engines = { DOCKER_HOST: 'unix:///nonexistent/a', CONTAINER_HOST: 'unix:///nonexistent/b' };
  const core = await openCore({
    host: { ...place.host, environment: { ...environment, ...engines } },
    folders: place.folders,
    log,
    version: '2.0.0',
    packageRoot: root,
  });
  const wire = await served(undo, core.operations);
  const client = await wire.client();
  const editor = await wire.client('editor');
  const heard: unknown[] = [];
  const call = async <N extends HelperOperationName>(name: N, params: OperationInput<N>): Promise<OperationResult<N> | undefined> => {
    try {
      const result = await client.call(name, params);
      heard.push(result);
      return result;
    } catch (error) {
      assert.ok(error instanceof LassoError, String(error));
      heard.push([error.message, error.hint, error.details, error.stack]);
      return undefined;
    }
  };
  const sending = async (stream: string, text: string): Promise<void> => void (await client.openStream(stream)).end(text);
  const token = (): string => randomBytes(32).toString('hex');
  try {
    core.onEvent((event) => {
      heard.push(event);
      if (event.type !== 'secret-wanted') return;
      const stream = token();
      if (event.name === 'lacking') void editor.call('secretAnswer', { id: event.id });
      else void Promise.all([editor.call('secretAnswer', { id: event.id, stream }), sending(stream, value)]);
    });
    void editor.call('secretAttend', {}).catch(() => undefined);

    const stream = token();
    await Promise.all([call('secretSet', { name: 'kept', stream }), sending(stream, `${value}\n`)]);
    const long = token();
    await Promise.all([call('secretSet', { name: 'long', stream: long }), sending(long, value.repeat(3000)).catch(() => undefined)]);
    const begun = await call('authBegin', {});
    await call('authWait', { id: begun?.id ?? '' });
    await call('authStatus', {});
    await call('secretList', { profile: 'mine' });
    const results: string[] = [];
    for (const name of Object.keys(from)) if ((await call('secretTest', { name, profile: 'mine' }))?.found === true) results.push(name);
    assert.deepEqual(results.sort(), [...found].sort());
    await call('configShow', {});
    await call('profileShow', { profile: 'mine' });
    await call('secretSet', { name: 'no-stream' });

    // The one verb that hands a value out does so over its stream alone.
    const out = token();
    const [given] = await Promise.all([client.openStream(out), call('authToken', { stream: out })]);
    let text = '';
    for await (const chunk of given) text += String(chunk);
    assert.equal(text, value);

    search('answers and events', JSON.stringify(heard));
    search('what the front door logged', wire.logged.join('\n'));
    const keepers = new Set([join(place.folders.home, 'secrets.json')]);
    for (const file of filesIn(place.root))
      if (!file.startsWith(`${sources}/`) && !keepers.has(file)) search(file, readFileSync(file, 'latin1'));
    if (process.platform !== 'win32') for (const file of keepers) assert.equal(statSync(file).mode & 0o777, 0o600);

    await call('secretRemove', { name: 'kept' });
    assert.equal((await call('authLogout', {}))?.removed, true);
    for (const file of keepers) search(file, readFileSync(file, 'utf8'));
  } finally {
    await core.close();
    for (const step of undo.toReversed()) step();
  }
});

function search(where: string, text: string): void {
  for (const shape of shapes) assert.ok(!text.includes(shape), `${where} holds a value`);
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesIn(path) : entry.isFile() ? [path] : [];
  });
}
