/** The profile that is proposed after learning: valid, least, with the reason of every line, and no way out of a remark. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'smol-toml';
import fc from 'fast-check';
import { type Lesson, learnedText } from '../../../helper/profile/lessons.ts';

const facts = { name: 'my-standard', base: 'standard', ran: 'npm test', allowedPorts: [80, 443] };

test('each thing that was needed has one line, and its reason stands above it', () => {
  const text = learnedText(
    [
      { kind: 'program', program: 'jq', list: 'whitelist', example: 'jq . package.json', times: 3 },
      { kind: 'question', program: 'git', words: 'push origin main', times: 1 },
      { kind: 'host', host: 'registry.corp.example', ports: [443], programs: ['npm'], times: 4 },
      { kind: 'host', host: 'api.corp.example', ports: [8443, 443], programs: [], times: 1 },
    ],
    facts,
  );
  assert.equal(
    text,
    `# What npm test needed besides standard. Read every line before you use it.
name = "my-standard"
extends = "standard"

[commands]
whitelist = [
  # started 3 times, first as jq . package.json
  "jq",
]

[commands.ask_except]
git = [
  # a person would have been asked once
  "push origin main",
]

[network]
allowed_domains = [
  # npm connected 4 times, to port 443
  "registry.corp.example",
]

[[network.rules]] # something connected once, to port 443, 8443
host = "api.corp.example"
ports = [443, 8443]
`,
  );
});

test('nothing needed, nothing proposed', () => assert.equal(learnedText([], facts), undefined));

test('whatever a sandbox calls itself, it writes nothing but its own line', () => {
  const hostile = fc.string({ unit: fc.constantFrom('"', '\n', '\r', '#', ']', '\\', 'a', '\u2028', '\u0000', '=') });
  fc.assert(
    fc.property(hostile, hostile, hostile, (program, example, host) => {
      const lessons: Lesson[] = [
        { kind: 'program', program, list: 'whitelist', example, times: 1 },
        { kind: 'question', program, words: example, times: 2 },
        { kind: 'host', host, ports: [443], programs: [program], times: 1 },
      ];
      assert.deepEqual(structuredClone(parse(learnedText(lessons, { ...facts, ran: example }) ?? '')), {
        name: 'my-standard',
        extends: 'standard',
        commands: { whitelist: [program], ask_except: { [program]: [example] } },
        network: { allowed_domains: [host] },
      });
    }),
  );
});
