/** What a brief takes from a profile, and what each agent then cannot be told. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agents } from '../../../helper/agents/index.ts';
import type { Brief } from '../../../helper/agents/brief.ts';
import { agentNames } from '../../../helper/protocol/agent.ts';
import { briefFor } from '../../kit/agents/dialects.ts';

const mine = (text: string): Promise<Brief> => briefFor('mine', `name = "mine"\n${text}`);

test('only what passes the mode and the list may run', async () => {
  assert.deepEqual((await briefFor('strict')).commands.allowed, ['ls', 'cat', 'head', 'tail', 'grep', 'find', 'wc', 'echo', 'test']);
  assert.equal((await briefFor('standard')).commands.allowed, null);
  const looking = await mine('mode = "observe"\n[commands]\nmode = "blacklist"\nblacklist = ["cat"]\nobserve_whitelist = ["ls", "cat"]\n');
  assert.deepEqual([looking.commands.allowed, looking.commands.denied], [['ls'], ['cat']]);
});

test('rules in words are told where they are enforced and enabled', async () => {
  const rule =
    '[[guardrails.rules]]\nid = "a"\ndescription = "Say A."\n[[guardrails.rules]]\nid = "b"\ndescription = "B."\nenabled = false\n';
  const texts = async (enforce: boolean): Promise<readonly string[]> =>
    (await mine(`[guardrails]\nenforce = ${enforce}\n${rule}`)).rules.map(({ text }) => text);
  assert.deepEqual([(await texts(true)).includes('Say A.'), (await texts(true)).includes('B.'), await texts(false)], [true, false, []]);
});

test('hosts are those of plain rules too, and finer rules are named', async () => {
  const { network } = await mine(
    '[network]\nmode = "restricted"\nallowed_domains = ["@npm", "a.example"]\nblocked_domains = ["b.example"]\nunlisted = "ask"\n' +
      '[[network.rules]]\nhost = "c.example"\n[[network.rules]]\nhost = "d.example"\naction = "deny"\n' +
      '[[network.rules]]\nhost = "e.example"\nmethods = ["GET"]\n',
  );
  assert.deepEqual(network.allowed, ['npm-0.example', 'a.example', 'c.example']);
  assert.deepEqual([network.blocked, network.finer, network.asksUnlisted], [['b.example', 'd.example'], ['network.rules[2]'], true]);
  assert.deepEqual(network.groups, ['npm']);
});

test('a group counts as reachable only when all of its hosts are', async () => {
  const { groups } = (await mine('[network]\nmode = "full"\nblocked_domains = ["openai-0.example"]\n')).network;
  assert.deepEqual([groups.includes('openai'), groups.includes('npm')], [false, true]);
});

const codes = (name: (typeof agentNames)[number], brief: Brief): readonly string[] =>
  agents[name].render(brief).findings.map(({ code }) => code);

test('that only the sandbox holds is told for every agent in the same words', async () => {
  const brief = await briefFor('standard');
  const first = agentNames.map((name) => JSON.stringify(agents[name].render(brief).findings[0]));
  assert.equal(new Set(first).size, 1);
});

test('what a dialect cannot say is told', async () => {
  const strict = await briefFor('strict');
  const rows: readonly (readonly [(typeof agentNames)[number], string])[] = [
    ['aider', 'allow-list-not-said'],
    ['aider', 'arguments-not-said'],
    ['codex', 'allow-list-not-said'],
    ['codex', 'arguments-behind-only'],
    ['codex', 'closed-not-said'],
    ['claude', 'model-out-of-reach'],
    ['claude', 'workspace-only-not-said'],
    ['copilot', 'hidden-not-said'],
    ['goose', 'user-settings-needed'],
  ];
  for (const [agent, code] of rows) assert.ok(codes(agent, strict).includes(code), `${agent} ${code}: ${codes(agent, strict).join(' ')}`);
  assert.ok(!codes('claude', strict).includes('allow-list-not-said'));
});

test('what only the sandbox refuses is a warning, what a hook refuses too is information', async () => {
  const brief = await mine('[network]\nmode = "restricted"\n[[network.rules]]\nhost = "e.example"\nmethods = ["GET"]\n');
  const severity = (name: (typeof agentNames)[number]): string | undefined =>
    agents[name].render(brief).findings.find(({ code }) => code === 'network-rule-not-said')?.severity;
  assert.deepEqual([severity('aider'), severity('claude')], ['warning', 'information']);
});
