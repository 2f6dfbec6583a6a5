/** Who is told of a record: what a profile's words come to, how they are reached, and where values of secrets come from. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { parse } from 'smol-toml';
import type { ForwardFacts } from '../../../../helper/audit/forward/contract.ts';
import type { SinkSettings } from '../../../../helper/audit/forward/settings.ts';
import { systemClock } from '../../../../helper/base/clock.ts';
import { silentLog } from '../../../../helper/base/log.ts';
import { systemRandom } from '../../../../helper/base/random.ts';
import { forwardFacts } from '../../../../helper/core/records/outgoing.ts';
import { receiversOf } from '../../../../helper/core/records/receivers.ts';
import { Secrets } from '../../../../helper/core/secrets.ts';
import { Settings } from '../../../../helper/core/profiles/settings.ts';
import type { ReadProfile } from '../../../../helper/core/world.ts';
import type { Network } from '../../../../helper/egress/contract.ts';
import { systemNetwork } from '../../../../helper/egress/system-network.ts';
import { upstreamProxyOf } from '../../../../helper/egress/upstream-proxy.ts';
import { policyOf } from '../../../../helper/policy/policy.ts';
import { profileSchema, type Profile } from '../../../../helper/protocol/profile/profile.ts';
import { testPlace, type TestPlace } from '../../../kit/folders.ts';
import { listening } from '../../../kit/forwarding.ts';

const contentOf = (text: string): Profile => profileSchema.parse({ name: 'p', ...parse(text) });
const sinksOf = (text: string): readonly SinkSettings[] =>
  receiversOf({ reference: 'p', content: contentOf(text), fileOf: (path) => (path.endsWith('.url') ? '/p.toml' : undefined) }, '/home/me');

describe('a profile', () => {
  const hook = { kind: 'webhook' as const, url: 'https://hook.example', events: ['violation', 'lifecycle'], timeoutMs: 5000, retries: 2 };
  const from = { profile: 'p', files: [] };
  const cases: readonly (readonly [says: string, text: string, sinks: readonly SinkSettings[]])[] = [
    ['that names nobody', '', []],
    ['with a webhook', '[[audit.webhooks]]\nurl = "https://hook.example"', [{ ...hook, profile: 'p', files: ['/p.toml'] }]],
    [
      'with a webhook that is off, and one without address',
      '[[audit.webhooks]]\nurl = "https://a"\nenabled = false\n[[audit.webhooks]]',
      [],
    ],
    [
      'with a syslog server',
      '[audit]\nsyslog_address = "log.example"',
      [{ kind: 'syslog', address: 'log.example', facility: 'local0', ...from }],
    ],
    [
      'with a collector',
      '[audit]\notlp_endpoint = "https://otel.example"\notlp_headers = { Authorization = "secret:otel" }',
      [{ kind: 'otlp', url: 'https://otel.example', headers: { Authorization: 'secret:otel' }, ...from }],
    ],
    [
      'with a repository at home',
      '[audit]\ncheckpoint_git = "~/notes"\ncheckpoint_git_push = true',
      [{ kind: 'git', folder: '/home/me/notes', push: true, ...from }],
    ],
  ];
  for (const [says, text, sinks] of cases) test(says, () => assert.deepEqual(sinksOf(text), sinks));

  for (const [secret, kept] of [
    ['env:KEY', 'env:KEY'],
    ['secret:hook', 'secret:hook'],
    ['hunter2hunter2', 'profile'],
  ])
    test(`whose webhook has the secret ${JSON.stringify(secret)} keeps ${JSON.stringify(kept)}`, () => {
      const [sink] = sinksOf(`[[audit.webhooks]]\nurl = "https://a"\nsecret = "${secret}"`);
      assert.equal(sink?.kind === 'webhook' && sink.secret, kept);
    });
});

describe('reached', () => {
  const asked: string[] = [];
  const network: Network = {
    resolve: (host) => Promise.resolve(host.endsWith('.example') ? [{ address: '127.0.0.1', family: 4 }] : []),
    connect: (to, signal) => systemNetwork.connect(to, signal),
  };
  const proxy = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (bytes: Buffer) => {
      asked.push(bytes.toString('latin1').split('\r\n')[0] ?? '');
      socket.end('HTTP/1.1 200 Connected\r\n\r\n');
    });
  });
  const target = createServer((socket) => socket.end());
  let ports = { proxy: 0, target: 0 };
  let place: TestPlace;
  beforeEach(async () => {
    place = testPlace();
    asked.length = 0;
    ports = { proxy: await listening(proxy), target: await listening(target) };
  });
  afterEach(async () => {
    place.remove();
    for (const server of [proxy, target]) await new Promise((resolve) => server.close(resolve));
  });

  const facts = (environment: Readonly<Record<string, string>> = {}): ForwardFacts => factsOf(place, environment, { network });
  const dialled = async (host: string, web: boolean, environment: Readonly<Record<string, string>>): Promise<void> => {
    const stream = await facts(environment).dial({ host, port: ports.target, web }, AbortSignal.timeout(10_000));
    stream.destroy();
  };
  const throughProxy = (): Readonly<Record<string, string>> => ({
    https_proxy: `http://proxy.example:${ports.proxy}`,
    no_proxy: 'near.example',
  });

  const cases: readonly (readonly [says: string, host: string, web: boolean, byProxy: boolean])[] = [
    ['the web by the user’s own proxy', 'hook.example', true, true],
    ['what the user excepts without it', 'near.example', true, false],
    ['this machine itself without it', '127.0.0.1', true, false],
    ['a syslog server without it', 'log.example', false, false],
  ];
  for (const [says, host, web, byProxy] of cases)
    test(says, async () => {
      await dialled(host, web, throughProxy());
      assert.deepEqual(asked, byProxy ? [`CONNECT ${host}:${ports.target} HTTP/1.1`] : []);
    });

  test('a name without address is said so, and chance is chance', async () => {
    await assert.rejects(dialled('nowhere.test', true, {}), /^Error: it could not be reached \(there is no address\)$/);
    const chance = facts().chance();
    assert.ok(chance >= 0 && chance < 1);
  });
});

describe('the value of a secret', () => {
  const sink = (more: Partial<Extract<SinkSettings, { kind: 'webhook' }>> = {}): SinkSettings => ({
    ...{ kind: 'webhook', url: 'https://hook.example', events: [], timeoutMs: 1000, retries: 0, profile: 'p', files: [] },
    ...more,
  });
  let place: TestPlace;
  beforeEach(() => {
    place = testPlace();
  });
  afterEach(() => place.remove());

  test('is that of the variable or of the kept secret it names', async () => {
    const facts = factsOf(place, { HOOK_KEY: 'from the variable' });
    assert.equal(await facts.secret('env:HOOK_KEY', sink()), 'from the variable');
    await assert.rejects(facts.secret('env:NO_KEY', sink()), /NO_KEY/);
    await assert.rejects(facts.secret('secret:hook', sink()), /secret:hook cannot be used/);
  });

  test('that stands in the profile is looked for there each time', async () => {
    const readProfile: Partial<ForwardNeeds> = {
      readProfile: () => Promise.resolve(profileOf('[[audit.webhooks]]\nurl = "https://hook.example"\nsecret = "hunter2hunter2"')),
    };
    const facts = factsOf(place, {}, readProfile);
    assert.equal(await facts.secret('profile', sink()), 'hunter2hunter2');
    await assert.rejects(facts.secret('profile', sink({ url: 'https://other.example' })), /does not hold its secret any more/);
  });

  test('is not given where an agent can write who gets it', async () => {
    const folder = join(place.root, 'work');
    mkdirSync(folder);
    writeFileSync(join(folder, 'p.toml'), '');
    const facts = factsOf(place, { HOOK_KEY: 'from the variable' }, {}, [folder]);
    await assert.rejects(facts.secret('env:HOOK_KEY', sink({ files: [join(folder, 'p.toml')] })), /can be changed by an agent/);
    await assert.rejects(facts.requireSafe(folder), /which the agent can write/);
    await facts.requireSafe(place.root);
  });
});

type ForwardNeeds = Parameters<typeof forwardFacts>[0];

function factsOf(
  { host: bare, folders }: TestPlace,
  environment: Readonly<Record<string, string>>,
  more: Partial<ForwardNeeds> = {},
  workspaces: readonly string[] = [],
): ForwardFacts {
  const host = { ...bare, environment: { ...bare.environment, ...environment } };
  const [clock, random] = [systemClock, systemRandom];
  const settings = new Settings(folders, host, {});
  const secrets = new Secrets({ host, folders, settings, clock, random, publicHosts: () => [] });
  secrets.sandboxes = () => workspaces.map((workspace) => ({ token: '', workspace, mounts: [] }));
  return forwardFacts({
    ...{ host, folders, clock, random, settings, secrets, network: systemNetwork, log: silentLog, version: '2.0.0' },
    upstreamProxy: () => upstreamProxyOf(environment),
    readProfile: () => Promise.resolve(profileOf('')),
    ...more,
  });
}

function profileOf(text: string): ReadProfile {
  const content = contentOf(text);
  const places = { originOf: () => undefined, fileOf: () => undefined };
  return { name: 'p', reference: 'p', digest: '', content, policy: policyOf(content, {}), ...places, notices: [] };
}
