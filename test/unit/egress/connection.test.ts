import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { suite, test } from 'node:test';
import { Connection } from '../../../helper/egress/connection.ts';
import { EgressFailure, type EgressFacts, type EgressIntent } from '../../../helper/egress/contract.ts';
import { networkRulesOfText } from '../../kit/network-rules.ts';

const never = new AbortController().signal;
const rules = networkRulesOfText('mode = "full"');

function open(): { readonly connection: Connection; readonly asked: EgressIntent[]; readonly dialled: string[] } {
  const asked: EgressIntent[] = [];
  const dialled: string[] = [];
  const facts: EgressFacts = {
    rules: () => rules,
    nameServers: () => [],
    secrets: () => [],
    decide: async (intent) => {
      asked.push(intent);
      return { allow: true, verdict: { decision: 'allow', stage: 'mode', reason: 'yes' }, message: '', record: 3 };
    },
    report: () => undefined,
    network: {
      resolve: async () => [{ address: '203.0.113.1', family: 4 }],
      connect: async ({ address, port }) => {
        dialled.push(`${address}:${port}`);
        return new PassThrough();
      },
    },
    extraAuthorities: [],
  };
  return { connection: new Connection(new PassThrough(), null, facts), asked, dialled };
}

const verdict = { decision: 'allow', stage: 'mode', reason: 'yes' } as const;
const requestTo = (host: string, path: string): EgressIntent => ({ what: 'request', host, port: 80, method: 'GET', path, asker: null });

suite('an open connection', () => {
  test('reaches no host nothing was allowed to on it, whoever carries it', async () => {
    const { connection, dialled } = open();
    const passage = connection.passage('', 0);
    const refused = (error: unknown): boolean => error instanceof EgressFailure && error.reason === 'malformed';
    await assert.rejects(passage.dial('a.example', 80, never), refused);
    await passage.facts.decide(requestTo('a.example', '/'), never);
    await passage.dial('a.example', 80, never);
    await assert.rejects(passage.dial('a.example', 443, never), refused);
    await assert.rejects(passage.dial('b.example', 80, never), refused);
    assert.deepEqual(dialled, ['203.0.113.1:80']);
  });

  test('one that each request decides is not dialled before one is allowed', async () => {
    const { connection } = open();
    connection.admit({ allow: true, host: 'a.example', port: 80, verdict });
    await assert.rejects(connection.passage('a.example', 80).dial('a.example', 80, never));
  });

  test('its requests know the record of its decision', async () => {
    const { connection, asked } = open();
    const decision = { allow: true, verdict, message: '', record: 41 };
    connection.admit({ allow: true, host: 'a.example', port: 80, verdict, decision });
    const passage = connection.passage('a.example', 80);
    await passage.facts.decide(requestTo('a.example', '/'), never);
    assert.deepEqual([passage.record, asked[0]?.of], [41, 41]);
  });

  test('what was reached for at once is handed out once', async () => {
    const { connection, dialled } = open();
    const decision = { allow: true, verdict, message: '' };
    connection.admit({ allow: true, host: 'a.example', port: 80, verdict, decision });
    const [first, second] = [await connection.dial('a.example', 80, never), await connection.dial('a.example', 80, never)];
    assert.notEqual(first, second);
    assert.equal(dialled.length, 2);
  });

  test('with more requests than are remembered, or longer ones, it does not outlast new rules', async () => {
    for (const paths of [Array.from({ length: 33 }, (_, index) => `/${index}`), [`/${'x'.repeat(600)}`]]) {
      const { connection } = open();
      const { facts } = connection.passage('', 0);
      await facts.decide(requestTo('a.example', '/again'), never);
      assert.equal(connection.stands(rules), true);
      for (const path of paths) await facts.decide(requestTo('a.example', path), never);
      assert.equal(connection.stands(rules), false);
    }
  });

  test('its end resets all of it', async () => {
    const { connection } = open();
    const passage = connection.passage('', 0);
    await passage.facts.decide(requestTo('a.example', '/'), never);
    const outside = await passage.dial('a.example', 80, never);
    connection.break();
    assert.ok(connection.stream.destroyed && outside.destroyed && passage.signal.aborted);
    await assert.rejects(passage.dial('a.example', 80, never));
  });
});
