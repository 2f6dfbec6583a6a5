/** Logs for an OpenTelemetry collector, as OTLP/HTTP has them in JSON; and HTTPS towards whoever is told. */
import assert from 'node:assert/strict';
import { createServer } from 'node:https';
import { createSecureContext } from 'node:tls';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { z } from 'zod';
import type { ForwardFacts } from '../../../../helper/audit/forward/contract.ts';
import type { OtlpSettings } from '../../../../helper/audit/forward/settings.ts';
import { openAuthority } from '../../../../helper/egress/certificates.ts';
import { chainName, receiver, testOutbox, until, webhookTo, written, type Receiver, type TestOutbox } from '../../../kit/forwarding.ts';

const value = z.union([z.strictObject({ stringValue: z.string() }), z.strictObject({ intValue: z.string() })]);
const attributes = z.array(z.strictObject({ key: z.string(), value }));
const logRecord = z.strictObject({
  timeUnixNano: z.string(),
  observedTimeUnixNano: z.string().regex(/^\d{19}$/),
  severityNumber: z.number(),
  severityText: z.string(),
  eventName: z.string(),
  body: z.strictObject({ stringValue: z.string() }),
  attributes,
});
const logs = z.strictObject({
  resourceLogs: z.tuple([
    z.strictObject({
      resource: z.strictObject({ attributes }),
      scopeLogs: z.tuple([
        z.strictObject({ scope: z.strictObject({ name: z.string(), version: z.string() }), logRecords: z.array(logRecord) }),
      ]),
    }),
  ]),
});

let place: TestOutbox;
let collector: Receiver;
beforeEach(async () => {
  place = testOutbox();
  collector = await receiver();
});
afterEach(async () => {
  await place.end();
  await collector.close();
});

const otlp = (more: Partial<OtlpSettings> = {}): OtlpSettings => ({
  ...{ kind: 'otlp', url: collector.url.replace('/hook', ''), headers: {}, ...written },
  ...more,
});
const recordsOf = (told = collector.told): readonly z.infer<typeof logRecord>[] =>
  told.flatMap(({ body }) => logs.parse(JSON.parse(body)).resourceLogs[0].scopeLogs[0].logRecords);
const plain = (list: z.infer<typeof attributes>): Readonly<Record<string, string>> =>
  Object.fromEntries(list.map(({ key, value: held }) => [key, 'intValue' in held ? held.intValue : held.stringValue]));

test('every record comes as a log record, the checkpoint last', async () => {
  const { chain, outbox } = place;
  chain.write({ target: 'git' });
  chain.write({ outcome: 'blocked' });
  const digest = chain.write({ type: 'chain', action: 'epoch', outcome: 'success' });
  const note = chain.sign();
  await outbox.direct(chainName, [otlp({ headers: { Authorization: 'secret:otel' } })], 'start');
  await until('four', () => recordsOf().length === 4);
  const [first, second, third, last] = recordsOf();
  assert.deepEqual([collector.told[0]?.url, collector.told[0]?.headers['authorization']], ['/v1/logs', 'value of secret:otel']);
  assert.equal(first?.timeUnixNano, '1767323045678000000');
  assert.deepEqual([first.severityNumber, second?.severityNumber, second?.severityText, last?.severityNumber], [9, 13, 'WARN', 10]);
  assert.deepEqual([first.eventName, third?.eventName, last?.eventName], ['lasso.command', 'lasso.chain', 'lasso.checkpoint']);
  assert.equal(last?.body.stringValue, note);
  const said = plain(third?.attributes ?? []);
  assert.deepEqual([said['lasso.seq'], said['lasso.digest'], said['lasso.delivery']], ['2', digest, `${chainName}:2`]);
  const resource = plain(logs.parse(JSON.parse(collector.told[0]?.body ?? '')).resourceLogs[0].resource.attributes);
  assert.deepEqual(resource, {
    'service.name': 'lasso',
    'service.version': '2.0.0',
    'service.instance.id': chainName,
    'host.name': 'machine.test',
  });
});

test('an endpoint that names the path is used as it is', async () => {
  place.chain.write();
  await place.outbox.direct(chainName, [otlp({ url: collector.url.replace('/hook', '/team/v1/logs') })], 'start');
  await until('told', () => collector.told.length > 0);
  assert.equal(collector.told[0]?.url, '/team/v1/logs');
});

describe('what a collector does not take', () => {
  const answers: readonly (readonly [answer: string, lost: string | undefined])[] = [
    ['{"partialSuccess":{"rejectedLogRecords":"2","errorMessage":"too old"}}', '2 not taken: too old'],
    ['{"partialSuccess":{"rejectedLogRecords":1}}', '1 not taken: '],
    ['{"partialSuccess":{"errorMessage":"a warning"}}', undefined],
    ['{"partialSuccess":{"rejectedLogRecords":0}}', undefined],
    ['{}', undefined],
    ['', undefined],
    ['[[[[', undefined],
  ];
  for (const [answer, lost] of answers)
    test(`${answer === '' ? 'nothing' : answer}: ${lost === undefined ? 'nothing is said' : 'is said, and not sent again'}`, async () => {
      const { chain, outbox, notices } = place;
      collector.answer = (_asked, reply) => void reply.writeHead(200).end(answer);
      chain.writeMany(3);
      await outbox.direct(chainName, [otlp()], 'start');
      await until('told', () => collector.told.length > 0);
      await until('done', () => outbox.busy === 0);
      assert.deepEqual(
        notices.map(({ message }) => message),
        lost === undefined ? [] : [lost],
      );
      assert.equal(recordsOf().length, 3);
    });
});

describe('over HTTPS', () => {
  const cases: readonly (readonly [says: string, trusted: boolean, host: string, failure: RegExp | undefined])[] = [
    ['who proves its name is told', true, 'hook.example', undefined],
    ['an authority nobody trusts is refused', false, 'hook.example', /did not prove who it is/],
    ['a certificate for another name is refused', true, 'other.example', /ERR_TLS_CERT_ALTNAME_INVALID/],
  ];
  for (const [says, trusted, host, failure] of cases)
    test(says, async () => {
      const authority = await openAuthority();
      const server = createServer({ SNICallback: (_name, done) => done(null, authority.contextFor('hook.example')) });
      server.on('tlsClientError', () => undefined);
      const secure = await receiver(0, server);
      const dial: ForwardFacts['dial'] = (to, signal) => place.facts.dial({ ...to, host: '127.0.0.1' }, signal);
      const trust: ForwardFacts['trust'] = () => Promise.resolve(createSecureContext(trusted ? { ca: authority.certificatePem } : {}));
      const own = testOutbox({ dial, trust });
      own.chain.write();
      await own.outbox.direct(chainName, [webhookTo(`https://${host}:${new URL(secure.url).port}/hook`, { retries: 0 })], 'start');
      if (failure === undefined) await until('told', () => secure.told.length > 0);
      else {
        await until('a word', () => own.notices.length > 0);
        assert.match(own.notices[0]?.message ?? '', failure);
        assert.equal(secure.told.length, 0);
      }
      await own.end();
      await secure.close();
    });
});
