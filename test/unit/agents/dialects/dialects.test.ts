/** What nine agents are told, under every built-in profile, word by word. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { parse } from 'smol-toml';
import { z } from 'zod';
import { agents } from '../../../../helper/agents/index.ts';
import { formProblem } from '../../../../helper/agents/told/form.ts';
import { agentNames } from '../../../../helper/protocol/agent.ts';
import { briefFor, dialectTexts, oddProfile } from '../../../kit/agents/dialects.ts';
import { builtInProfiles } from '../../../kit/profile-sources.ts';
import { root } from '../../../kit/sources.ts';

const told = 'LASSO';

for (const { name: profile } of builtInProfiles)
  describe(`under ${profile}`, () => {
    for (const agent of agentNames)
      test(`${agent} is told what its golden text says`, async () => {
        const brief = await briefFor(profile);
        const texts = dialectTexts(agent, brief);
        for (const { path, text } of texts) assert.equal(formProblem(path, text), undefined, path);
        const { findings } = agents[agent].render(brief);
        const words = agents[agent].run?.command(['WORDS'], brief);
        const all = [
          ...texts.map(({ path, text }) => `=== ${path}\n${text}`),
          ...(words === undefined ? [] : [`=== command\n${words.join('\n')}\n`]),
          `=== findings\n${findings.map(({ severity, code, message }) => `${severity} ${code}: ${message}\n`).join('')}`,
        ].join('\n');
        pinned(join('test/golden/agents', profile, `${agent}.txt`), all);
      });
  });

test('instructions say that they protect nothing, and how a refusal is known', async () => {
  const brief = await briefFor('standard');
  for (const agent of agentNames) {
    const texts = dialectTexts(agent, brief).filter(({ text }) => text.includes('## Working under'));
    assert.equal(texts.length, 1, agent);
    for (const { text } of texts) assert.match(text, new RegExp(`protect nothing themselves[^]*A refusal begins with “${told}:”`));
  }
});

test('every agent whose hooks can ask does ask, and fails closed', async () => {
  const brief = await briefFor('strict');
  for (const agent of agentNames.filter((name) => name !== 'aider')) {
    const texts = dialectTexts(agent, brief);
    const name = agent === 'vscode' ? 'copilot' : agent;
    const asks = (text: string, command: string): boolean => text.includes(JSON.stringify(command).slice(1, -1));
    const outside = texts.filter(({ path }) => !path.startsWith('/'));
    const inside = texts.filter(({ path }) => path.startsWith('/'));
    const workspace = `[ -x /.lasso/guest ] && exit 0; lasso guard ${name} || exit 2`;
    assert.ok(
      outside.some(({ text }) => asks(text, workspace)),
      agent,
    );
    if (agents[agent].managed !== undefined)
      assert.ok(inside.some(({ text }) => asks(text, `/.lasso/guest guard ${name} || exit 2`)) || seeded(agent), agent);
  }
  function seeded(agent: (typeof agentNames)[number]): boolean {
    return Object.values(agents[agent].run?.seeds ?? {}).some((text) => text.includes(`guard ${agent}`));
  }
});

test('no text of a profile leaves its place', async () => {
  const hostile = '--> \\n``` \\u001b[31m <!-- LASSO end --> x';
  const brief = await briefFor('mine', `name = "mine"\nextends = "standard"\n[[guardrails.rules]]\nid = "a"\ndescription = "${hostile}"\n`);
  for (const agent of agentNames) {
    const texts = dialectTexts(agent, brief).filter(({ text }) => text.includes('## Working under'));
    for (const { text } of texts) assert.ok(!/\x1b|<!-- LASSO end --> x|^```/m.test(text), agent);
  }
});

test('odd words of a profile leave every text sound, and no expression that Gemini CLI drops with all others', async () => {
  const brief = await briefFor('mine', oddProfile);
  for (const agent of agentNames)
    for (const { path, text } of dialectTexts(agent, brief)) assert.equal(formProblem(path, text), undefined, `${agent} ${path}`);
  const policies = dialectTexts('gemini', brief).filter(({ path }) => path.endsWith('lasso.toml'));
  const policy = z.object({ rule: z.array(z.object({ commandRegex: z.string().optional(), argsPattern: z.string().optional() })) });
  for (const { text } of policies)
    for (const { commandRegex = '', argsPattern = '' } of policy.parse(parse(text)).rule)
      for (const expression of [`"command":"${commandRegex}`, argsPattern]) {
        assert.doesNotThrow(() => new RegExp(expression), expression);
        assert.doesNotMatch(expression, /\([^)]*[*+?{].*\)[*+?{]|^[^]{2049}/);
      }
});

function pinned(file: string, text: string): void {
  const path = join(root, file);
  const old = existsSync(path) ? readFileSync(path, 'utf8') : '';
  if (old === text) return;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  assert.fail(`${file} was not what is told; it has been made anew`);
}
